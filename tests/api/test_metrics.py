"""Metrics for Prometheus: what a scrape returns, as Prometheus' own parser reads it."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from prometheus_client.parser import text_string_to_metric_families
from starlette.types import ASGIApp, Receive, Scope, Send

from opencasb.api.asgi import Dispatcher
from opencasb.api.metrics import Metrics
from opencasb.app import Casb
from opencasb.model.stream import StreamType
from opencasb.settings import CONFIG_NAME, Settings
from opencasb.store.receiver_counters import Taken
from opencasb.store.uploads import Upload
from tests.conftest import NOW
from tests.server import free_port, prepare, running
from tests.wire import send

Samples = dict[tuple[str, ...], float]
"""Name and label values, sorted by label → value."""


@pytest.fixture
def casb(tmp_path: Path) -> Iterator[Casb]:
    """An installation with two tenants that have a data source of the same name."""
    opened = Casb.open(Settings(data=tmp_path), lambda: NOW)
    for number, name in enumerate(("Contoso", 'Fabrikam "North"'), start=1):
        tenant_id = opened.tenants.create(name).tenant_id
        source = opened.streams.create(tenant_id, "proxy", StreamType.INPUT, source="SQUID")
        taken = Taken(
            tenant_id=tenant_id, stream_id=source.stream_id, lines=number, bytes=9, drops=2, last_seen=NOW - 500
        )
        opened.receiver_counters.add([taken])
    yield opened
    opened.close()


def samples(answer: httpx.Response) -> Samples:
    """Return what Prometheus reads in an answer."""
    assert answer.status_code == 200
    return {
        (sample.name, *(value for _, value in sorted(sample.labels.items()))): sample.value
        for family in text_string_to_metric_families(answer.text)
        for sample in family.samples
    }


def scraped(app: ASGIApp) -> Samples:
    """Scrape once."""
    return samples(send(app, "GET", "/metrics"))


def test_data_sources_are_counted_by_tenant(casb: Casb) -> None:
    """With their names, whatever they contain; times are seconds."""
    found = scraped(Metrics(casb))
    assert found["opencasb_source_lines_total", "proxy", "Contoso"] == 1
    assert found["opencasb_source_lines_total", "proxy", 'Fabrikam "North"'] == 2
    assert found["opencasb_source_bytes_total", "proxy", "Contoso"] == 9
    assert found["opencasb_source_drops_total", "proxy", "Contoso"] == 2
    assert found["opencasb_source_errors_total", "proxy", "Contoso"] == 0
    assert found["opencasb_source_last_seen_timestamp_seconds", "proxy", "Contoso"] == (NOW - 500) / 1000


def test_a_deleted_source_is_gone(casb: Casb) -> None:
    """Its counters do not outlive it under no name."""
    tenant_id = casb.tenants.all()[0].tenant_id
    (source,) = casb.streams.all(tenant_id)
    casb.streams.delete(tenant_id, source.stream_id)
    assert [key for key in scraped(Metrics(casb)) if "proxy" in key and casb.tenants.all()[0].name in key] == []


def test_the_queue_has_a_length_and_an_age(casb: Casb) -> None:
    """Nothing waits at first; then the oldest file counts."""
    metrics, tenant_id = Metrics(casb), casb.tenants.all()[0].tenant_id
    before = scraped(metrics)
    assert (before["opencasb_uploads_queued",], before["opencasb_oldest_upload_age_seconds",]) == (0, 0)
    for number, (state, received) in enumerate((("queued", 3_000), ("queued", 7_500), ("done", 90_000))):
        casb.uploads.add(
            Upload(
                tenant_id=tenant_id,
                upload_id=f"{number:024x}",
                origin="api",
                filename="a.log",
                source="SQUID",
                created=NOW - received,
                received=NOW - received,
                state=state,
            )
        )
    after = scraped(metrics)
    assert (after["opencasb_uploads_queued",], after["opencasb_oldest_upload_age_seconds",]) == (2, 7.5)


def test_requests_are_counted_and_timed(casb: Casb) -> None:
    """By API, method and status; a method that a client invents gets no label of its own."""
    metrics = Metrics(casb)
    app = Dispatcher(casb, metrics.measured)
    for method, path in (
        ("GET", "/api/v1/discovery/streams/"),
        ("GET", "/api/v1/discovery/streams/"),
        ("BREW", "/beta/security"),
        ("GET", "/nosuch.example/v2.0/.well-known/openid-configuration"),
    ):
        send(app, method, path)
    found = scraped(metrics)
    responses = {key[1:]: value for key, value in found.items() if key[0] == "opencasb_http_responses_total"}
    assert responses.pop(("rest", "GET", "401")) == 2
    assert responses.pop(("login", "GET", "400")) == 1
    ((graph, value),) = responses.items()
    assert (graph[:2], value) == (("graph", "other"), 1)
    assert found["opencasb_http_request_duration_seconds_count", "rest"] == 2


def test_an_answer_that_fails_is_counted(casb: Casb) -> None:
    """A request that ends without a response has no status."""
    metrics = Metrics(casb)

    async def failing(scope: Scope, receive: Receive, send: Send) -> None:
        raise RuntimeError("broken")

    with pytest.raises(RuntimeError):
        send(metrics.measured("rest", failing), "GET", "/")
    assert scraped(metrics)["opencasb_http_responses_total", "rest", "GET", "none"] == 1


def test_without_a_database_a_scrape_says_so(tmp_path: Path, casb: Casb) -> None:
    """It is answered all the same, with the metrics of the process."""
    assert scraped(Metrics(casb))["opencasb_database_up",] == 1
    gone = Casb(Settings(data=tmp_path / "gone"), lambda: NOW)
    found = scraped(Metrics(gone))
    gone.close()
    assert (found["opencasb_database_up",], ("opencasb_uploads_queued",) in found) == (0, False)
    assert found["process_open_fds",] > 0


def test_openmetrics_is_spoken_to_those_who_ask(casb: Casb) -> None:
    """Other paths are 404, other protocols have no answer."""
    accept = {"Accept": "application/openmetrics-text; version=1.0.0"}
    answer = send(Metrics(casb), "GET", "/metrics", headers=accept)
    assert answer.headers["content-type"].startswith("application/openmetrics-text")
    assert answer.text.endswith("# EOF\n")
    assert send(Metrics(casb), "GET", "/api/v1/discovery/streams/").status_code == 404

    async def never(*_: object) -> None:
        raise AssertionError("nothing is received or sent")

    asyncio.run(Metrics(casb)({"type": "lifespan"}, never, never))  # type: ignore[arg-type]  # it is not called


def test_a_server_has_metrics_on_a_port_of_their_own(tmp_path: Path) -> None:
    """Only there, and only if a port is set."""
    house, port = prepare(tmp_path / "data"), free_port()
    (house.data / CONFIG_NAME).write_text(f"metrics_port = {port}\n")
    with running(house) as started:
        with started.client() as client:
            assert client.get("/api/v1/discovery/streams/").status_code == 200
            assert client.get("/metrics").status_code == 404
        found = samples(httpx.get(f"http://127.0.0.1:{port}/metrics"))
    assert found["opencasb_http_responses_total", "rest", "GET", "200"] == 1
