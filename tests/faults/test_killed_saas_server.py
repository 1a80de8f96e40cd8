"""An integration reads one of our own servers over TLS: whichever side is killed, no row is lost or duplicated.

The moments are random, from a seed (``tests/faults/saas_runs.py``). Every run has a few kills; ``FAULT_KILLS=100`` sets
their number for each test, ``FAULT_SEED`` changes the moments.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack, closing
from pathlib import Path

import pytest

from opencasb.settings import CONFIG_NAME
from tests.clients.saas_house import Consumer, Source, between_pages, same, source
from tests.faults.kills import own_database
from tests.faults.saas_runs import KILLS, SHORT_WAITS, Moments, begun, finished
from tests.server import House, Server, free_port, prepare

APPS = {"Endpoints": range(2_150), "Firewall": range(2_000, 4_100), "Report": [2_050, *range(4_050, 4_500)]}
PAGES = 22 + 21 + 5


class Side:
    """The source: a tenant with 4,500 apps in three streams, and its server, with fixed ports."""

    def __init__(self, house: House) -> None:
        self.read = source(house, "Read", APPS)
        self._house = house
        self._ports = free_port(), free_port()
        self.server = self._started()

    def start_again(self) -> None:
        """Start the killed server again, without waiting for it."""
        self.server = self._started()

    def restart(self) -> None:
        """Kill and restart the server."""
        self.server.kill()
        self.start_again()

    def close(self) -> None:
        """Stop the server."""
        self.server.kill()
        self.read.casb.close()

    def _started(self) -> Server:
        return Server(self._house, *self._ports)


@pytest.fixture(scope="module")
def side(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Side]:
    """One of our servers, with usage."""
    with closing(Side(prepare(tmp_path_factory.mktemp("side") / "server"))) as made:
        yield made


def authorized(consumer: Consumer, side: Side) -> Consumer:
    """Authorise the integration at the running server."""
    side.server.wait()
    assert consumer.saas.authorize(consumer.integration, by="test").ok
    return consumer


@pytest.fixture
def consumer(tmp_path: Path, side: Side) -> Iterator[Consumer]:
    """An installation that reads from it."""
    with closing(Consumer(tmp_path / "consumer", side.server, side.read)) as made:
        yield authorized(made, side)


@pytest.fixture(params=["sqlite", "postgresql"])
def each_consumer(request: pytest.FixtureRequest, tmp_path: Path, side: Side) -> Iterator[Consumer]:
    """The same, once per engine."""
    data = tmp_path / "consumer"
    data.mkdir()
    with ExitStack() as stack:
        if request.param == "postgresql":
            url = stack.enter_context(own_database(request.getfixturevalue("postgresql_url")))
            (data / CONFIG_NAME).write_text(f"database_url = {json.dumps(url)}\n")
        yield authorized(stack.enter_context(closing(Consumer(data, side.server, side.read))), side)


def check(consumer: Consumer, read: Source) -> None:
    """Assert that every row is there once, that nothing changed between runs, and that no run is missing."""
    same(consumer, read)
    integration = consumer.integration
    assert consumer.saas.usage.changes(integration) == []
    runs = consumer.saas.runs.history(integration)
    assert {run.outcome for run in runs} == {"completed"}
    assert [run.number for run in runs] == list(range(len(runs), 0, -1))
    assert {(run.counts["rows"], run.counts["apps"], run.counts["pages"]) for run in runs} == {(4_701, 4_500, PAGES)}


def test_a_run_goes_on_after_kills_at_any_moment(each_consumer: Consumer, side: Side) -> None:
    """The result equals the server's own report."""
    data, moments = each_consumer.casb.settings.data, Moments()
    while moments.at.total() < KILLS:
        run = begun(data)
        if moments.strike(run, run.kill):
            check(each_consumer, side.read)
    moments.tell("runs")
    finished(data)
    check(each_consumer, side.read)


def test_a_run_outlives_kills_of_its_server_at_any_moment(consumer: Consumer, side: Side) -> None:
    """It retries until the server is back, or is interrupted with a reason and resumed; sometimes it is killed, too."""
    data, moments, outcomes = consumer.casb.settings.data, Moments(), Counter[str]()
    while moments.at.total() < KILLS:
        side.server.wait()
        run = begun(data, SHORT_WAITS)

        def kill() -> None:
            side.restart()
            if moments.chance.random() < 0.2:
                run.kill()  # noqa: B023 -- called in this iteration only

        answer = moments.strike(run, kill)
        said = json.loads(answer) if answer else {"outcome": "killed", "message": ""}
        outcomes[said["outcome"]] += 1
        if said["outcome"] == "completed":
            check(consumer, side.read)
        else:
            assert said["outcome"] in {"killed", "interrupted"}, said
            assert said["outcome"] == "killed" or "cannot be reached" in said["message"], said
    moments.tell(f"the server, {dict(outcomes)}")
    side.server.wait()
    finished(data)
    check(consumer, side.read)


def test_a_server_that_stays_away_interrupts_the_run(
    tmp_path: Path, side: Side, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With a reason; once the server is back, it resumes after the pages already read."""
    slept: list[float] = []
    with closing(Consumer(tmp_path / "consumer", side.server, side.read, sleep=slept.append)) as consumer:
        authorized(consumer, side)
        between_pages(consumer, monkeypatch, side.server.kill)
        run = consumer.saas.run(consumer.integration, "hand")
        assert (run.outcome, consumer.integration.state) == ("interrupted", "ready")
        assert "cannot be reached" in run.message
        assert sum(slept) >= 45  # long enough for a server that is merely restarting
        side.start_again()
        side.server.wait()
        before = run.requests
        run = consumer.saas.run(consumer.integration, "hand")
        # Metadata and a token, and all pages but the first.
        assert (run.number, run.outcome, run.requests - before) == (1, "completed", 2 + PAGES - 1)
        check(consumer, side.read)
