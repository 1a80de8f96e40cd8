"""SaaS management reading from a real server over TLS, with real tokens (saas §8)."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from opencasb.saas.authorization import sentence
from opencasb.saas.configuration import Given
from opencasb.saas.tokens import by_msal
from tests.clients.live import Live
from tests.clients.saas_house import WANTED, Consumer, Source, between_pages, by_v1, same, source

pytestmark = pytest.mark.xdist_group("graph-sdk")  # one server for all clients

SMALL = {"Endpoints": range(250), "Firewall": range(200, 360), "Report": range(210, 230)}
LARGE = {"Endpoints": range(5_000), "Firewall": range(4_900, 9_000), "Report": [4_950, *range(8_900, 12_000)]}


@pytest.fixture
def read(live: Live, request: pytest.FixtureRequest) -> Iterator[Source]:
    """A separate tenant with 360 apps in three streams."""
    made = source(live.server.house, request.node.name, SMALL)
    yield made
    made.casb.close()


@pytest.fixture
def consumer(live: Live, read: Source, tmp_path: Path) -> Iterator[Consumer]:
    """An authorised installation that reads it."""
    made = Consumer(tmp_path / "consumer", live.server, read)
    found = made.saas.authorize(made.integration, by="test")
    assert found.ok, sentence(found)
    yield made
    made.close()


@pytest.mark.slow
def test_twelve_thousand_apps_arrive_and_stay_the_same(live: Live, tmp_path: Path) -> None:
    """Every row and number, with a v2 token; again with a v1 token, and nothing has changed (saas §8, 1)."""
    read = source(live.server.house, "Large", LARGE)
    for acquire in (by_msal, by_v1):
        with closing(Consumer(tmp_path / "consumer", live.server, read, acquire)) as consumer:
            assert consumer.saas.authorize(consumer.integration, by="test").ok
            run = consumer.saas.run(consumer.integration, "hand")
            assert (run.outcome, run.counts["streams"], run.counts["apps"]) == ("completed", 3, 12_000)
            assert (run.counts["rows"], run.counts["odd_values"], run.retries) == (12_201, 0, 0)
            assert consumer.saas.usage.changes(consumer.integration) == []
            same(consumer, read)
    read.casb.close()


def test_only_the_endpoint_stream_has_devices(consumer: Consumer, read: Source) -> None:
    """The app in all three streams is merged (saas §8, 1 and 2)."""
    assert consumer.saas.run(consumer.integration, "hand").counts["apps"] == 360
    same(consumer, read)
    assert all(row[3] is not None for row in consumer.rows(read.streams["Endpoints"]).values())
    for name in ("Firewall", "Report"):
        assert all(row[3] is None for row in consumer.rows(read.streams[name]).values())
    _, rows = consumer.saas.usage.page(consumer.integration, limit=1000)
    assert sorted({row["streams"] for row in rows}) == [1, 2, 3]


def test_a_renamed_stream_keeps_its_rows(consumer: Consumer, read: Source) -> None:
    """Ids remain (saas §8, 3)."""
    consumer.saas.run(consumer.integration, "hand")
    read.casb.streams.update(read.tenant.tenant_id, read.streams["Firewall"], display_name="Perimeter")
    run = consumer.saas.run(consumer.integration, "hand")
    assert "Perimeter" in {each.name for each in consumer.saas.runs.streams(run)}
    assert consumer.saas.usage.changes(consumer.integration) == []
    same(consumer, read)


def test_a_secret_is_rotated_between_pages(consumer: Consumer, read: Source, monkeypatch: pytest.MonkeyPatch) -> None:
    """The issued token is used to the end; the next run requests one with the new secret (saas §8, 4)."""
    tenant_id, client_id = read.tenant.tenant_id, read.application.client_id
    (old,) = read.casb.identity.applications.secrets(tenant_id, client_id)

    def rotate() -> None:
        new = read.casb.identity.credentials.new_client_secret(tenant_id, client_id).value
        read.casb.identity.applications.remove_secret(tenant_id, client_id, old.key_id)
        consumer.saas.change(consumer.integration, Given(secret=new), by="test")

    between_pages(consumer, monkeypatch, rotate)
    assert consumer.saas.run(consumer.integration, "hand").outcome == "completed"
    assert consumer.saas.run(consumer.integration, "hand").outcome == "completed"
    same(consumer, read)


def test_a_permission_removed_between_pages_and_granted_again(
    consumer: Consumer, read: Source, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The run ends with the reason; once authorised again, the same ids are used (saas §8, 5 and 7)."""
    identity = read.casb.identity
    between_pages(
        consumer,
        monkeypatch,
        lambda: identity.consents.revoke(read.tenant.tenant_id, read.application.client_id, by="test"),
    )
    run = consumer.saas.run(consumer.integration, "hand")
    assert (run.outcome, consumer.integration.state) == ("failed", "refused")
    assert "insufficient privileges" in run.message
    assert consumer.saas.authorize(consumer.integration, by="test").code == "consent_missing"
    identity.registrations.add_requested(read.application, [WANTED], by="test")
    identity.consents.grant(read.application, [WANTED], user_id=None, by="test")
    assert consumer.saas.authorize(consumer.integration, by="test").ok
    assert consumer.saas.run(consumer.integration, "hand").outcome == "completed"
    same(consumer, read)


def test_a_stream_deleted_between_pages_is_skipped(
    consumer: Consumer, read: Source, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is reported; the others are complete (saas §8, 6)."""
    gone = read.streams["Firewall"]
    between_pages(consumer, monkeypatch, lambda: read.casb.streams.delete(read.tenant.tenant_id, gone))
    run = consumer.saas.run(consumer.integration, "hand")
    assert (run.outcome, run.counts["streams_gone"], run.counts["apps"]) == ("completed", 1, 250)
    assert run.message.startswith("Firewall: The stream does not exist any more")
    read.streams.pop("Firewall")
    same(consumer, read)


@pytest.mark.parametrize(
    ("other", "code"),
    [
        ({"secret": "wrong"}, "secret_wrong"),
        ({"directory_id": "00000000-0000-4000-8000-000000000001"}, "directory_unknown"),
        ({"client_id": "00000000-0000-4000-8000-000000000002"}, "app_unknown"),
        ({"ca": ""}, "tls_untrusted"),
    ],
)
def test_what_is_wrong_is_told(consumer: Consumer, other: dict[str, Any], code: str) -> None:
    """The responses are those of a real server."""
    changed = consumer.saas.change(consumer.integration, Given(**other), by="test")
    assert consumer.saas.authorize(changed, by="test").code == code
