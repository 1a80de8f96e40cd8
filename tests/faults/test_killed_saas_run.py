"""Wherever a run of a SaaS integration is killed, the next one resumes it, and no row is lost or duplicated.

The moments are random, from a seed, in a separate process that reads from a stand-in for the vendor. Every run has a
few kills; ``FAULT_KILLS=200`` sets their number on each engine, ``FAULT_SEED`` changes the moments.
"""

from __future__ import annotations

import subprocess
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack, closing
from pathlib import Path

import pytest
import trustme

from opencasb.app import Casb
from opencasb.model.saas import AppRow
from opencasb.saas.app_rows import Reader
from opencasb.saas.merging import merged
from opencasb.settings import load
from tests.faults.kills import own_database
from tests.faults.saas_runs import KILLS, Moments, begun, finished
from tests.saas.standin import Reply, Vendor, app, endpoint, given, running


@pytest.fixture
def vendor(ca: trustme.CA) -> Iterator[Vendor]:
    """A stand-in for the vendor with many small pages."""
    with running(ca) as started:
        started.page_size = 7
        started.streams = {
            "s1": ("Endpoints", [endpoint(n) for n in range(150)]),
            "s2": ("Firewall", [app(n) for n in range(100, 260)]),
            "s3": ("Snapshot", [app(120)]),
        }
        yield started


@pytest.fixture(params=["sqlite", "postgresql"])
def casb(
    request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, vendor: Vendor, ca: trustme.CA
) -> Iterator[Casb]:
    """An installation with an authorised integration, once per engine."""
    with ExitStack() as stack:
        if request.param == "postgresql":
            url = stack.enter_context(own_database(request.getfixturevalue("postgresql_url")))
            monkeypatch.setenv("OPENCASB_DATABASE_URL", url)
        opened = stack.enter_context(closing(Casb.open(load(tmp_path))))
        tenant = opened.tenants.create("Example").tenant_id
        assert opened.saas.authorize(opened.saas.add(tenant, "graph", given(vendor, ca), by="test"), by="test").ok
        yield opened


def sent(vendor: Vendor) -> list[list[AppRow]]:
    """Return the sent rows of each stream."""
    rows = [[Reader().app(record) for record in records] for _, records in vendor.streams.values()]
    return [[row for row in stream if row is not None] for stream in rows]


def check(casb: Casb, vendor: Vendor) -> None:
    """Assert that the shown rows equal the sent ones, by stream and merged."""
    (integration,) = casb.saas.integrations.of_every_tenant()
    number = integration.current_run
    assert number is not None
    assert [casb.saas.usage.of_stream(integration, number, each) for each in vendor.streams] == sent(vendor)
    assert casb.saas.usage.merged(integration) == {row.app_id: row for row, _ in merged(sent(vendor))}


@pytest.mark.slow
def test_a_run_goes_on_after_kills_at_any_moment(casb: Casb, vendor: Vendor) -> None:
    """In the end every row is there once; sometimes the previous run's links have become invalid."""
    data, moments = casb.settings.data, Moments()
    while moments.at.total() < KILLS:
        run = begun(data)
        if moments.strike(run, run.kill):
            check(casb, vendor)
        if moments.chance.random() < 0.2:
            _refuse_one_link(vendor)
    moments.tell("runs")
    assert finished(data)["requests"]
    check(casb, vendor)
    (integration,) = casb.saas.integrations.of_every_tenant()
    assert casb.saas.usage.changes(integration) == []
    runs = casb.saas.runs.history(integration)
    assert {run.outcome for run in runs} == {"completed"}
    assert [run.number for run in runs] == list(range(len(runs), 0, -1))


def _refuse_one_link(vendor: Vendor) -> None:
    """Reject the next of the vendor's links that is followed."""
    refused: list[str] = []

    def instead(_method: str, path: str) -> Reply | None:
        if "$skip" not in path or refused:
            return None
        refused.append(path)
        return Reply(410, {"error": {"code": "Gone", "message": "The link is too old."}})

    vendor.instead = instead


@pytest.mark.slow
@pytest.mark.parametrize("casb", ["sqlite"], indirect=True)
@pytest.mark.parametrize("page", [1, 46])
def test_no_page_is_read_twice_after_a_kill(casb: Casb, vendor: Vendor, page: int) -> None:
    """If killed while fetching the first or last page, the next run requests that page first."""
    process: list[subprocess.Popen[str]] = []
    pages: list[str] = []

    def instead(_method: str, path: str) -> Reply | None:
        if "aggregatedAppsDetails" in path:
            pages.append(path)
            if len(pages) == page:
                process[0].kill()
        return None

    vendor.instead = instead
    process.append(begun(casb.settings.data))
    process[0].communicate()
    assert finished(casb.settings.data)["number"] == 1
    check(casb, vendor)
    assert Counter(pages).most_common(2)[0] == (pages[page - 1], 2)
    assert len(pages) == len(set(pages)) + 1
