"""The usage task against the fake vendor."""

from __future__ import annotations

import math
from itertools import count
from typing import Any

import msgspec
import pytest

from opencasb.model.saas import AppRow, Integration, Run
from opencasb.saas import usage_task
from opencasb.saas.app_rows import Reader
from opencasb.saas.merging import merged
from opencasb.saas.saas import RESUMABLE, RETRY
from opencasb.saas.schedule import is_due
from opencasb.store.saas_integrations import LeaseLost
from tests.saas.conftest import BY, TENANT, House
from tests.saas.standin import PAGE, ROLE, STREAMS, Reply, app, endpoint, graph_error


def rows_of(records: list[dict[str, Any]]) -> list[AppRow]:
    """Return the rows of records."""
    return [row for record in records if (row := Reader().app(record)) is not None]


def stored(house: House, run: Run) -> list[list[AppRow]]:
    """Return the stored rows of each stream."""
    streams = house.saas.runs.streams(run)
    return [house.saas.usage.of_stream(house.integration, run.number, each.stream_id) for each in streams]


def three_streams(house: House) -> Integration:
    """Authorise for a vendor with an endpoint, a firewall and a snapshot stream, which share one app."""
    house.vendor.streams = {
        "s1": ("Endpoints", [endpoint(n) for n in range(250)]),
        "s2": ("Firewall", [app(n, userCount=1000) for n in range(249, 330)]),
        "s3": ("Snapshot", [app(249)]),
    }
    house.vendor.snapshots = {"s3"}
    return house.authorized()


def skips(house: House) -> list[str]:
    """Return the requested pages of apps."""
    return [each.rpartition("P90D')")[2] for each in house.vendor.seen if "P90D" in each]


def test_everything_of_every_stream_is_read_and_merged(each_house: House) -> None:
    """Each row is stored once as sent, and merged by the rules; a second run changes nothing."""
    three_streams(each_house)
    run = each_house.run()
    sent = [rows_of(records) for _, records in each_house.vendor.streams.values()]
    assert stored(each_house, run) == sent
    assert each_house.saas.usage.merged(each_house.integration) == {row.app_id: row for row, _ in merged(sent)}
    assert (run.outcome, run.message, run.requests, run.retries) == ("completed", "", 8, 0)
    counts = {"streams": 3, "pages": 5, "rows": 332, "apps": 330}
    nothing = dict.fromkeys(["streams_gone", "streams_failed", "skipped_rows", "odd_values", "new", "gone"], 0)
    assert run.counts == counts | nothing | {"risk": 0, "usage": 0}
    again = each_house.run()
    assert (again.number, again.counts, stored(each_house, again)) == (2, run.counts, sent)
    assert each_house.saas.usage.changes(each_house.integration) == []
    assert [each.number for each in each_house.saas.runs.history(each_house.integration)] == [2, 1]


def test_devices_are_only_those_of_endpoint_streams(house: House) -> None:
    """None in other streams, and in the merged row of an app without devices (saas §8, 2)."""
    three_streams(house)
    endpoints, firewall, snapshot = stored(house, house.run())
    assert all(row.device_count is not None for row in endpoints)
    assert all(row.device_count is None for row in firewall + snapshot)
    shown = house.saas.usage.merged(house.integration)
    assert (shown["10249"].device_count, shown["10250"].device_count) == (249, None)


def test_a_renamed_stream_stays_the_same(house: House) -> None:
    """Rows belong to stream ids (saas §8, 3)."""
    three_streams(house)
    house.run()
    house.vendor.streams["s2"] = ("Perimeter", house.vendor.streams["s2"][1])
    run = house.run()
    assert [(each.stream_id, each.name) for each in house.saas.runs.streams(run)][1] == ("s2", "Perimeter")
    assert house.saas.usage.changes(house.integration) == []


@pytest.mark.parametrize("name", ["Global view", "Global View"])
def test_the_stream_of_all_streams_doubles_nothing(house: House, name: str) -> None:
    """Microsoft lists it among the others, as OpenCASB does if configured."""
    house.vendor.streams = {"s1": ("Edge", [app(1)]), "s2": (name, [app(1), app(2)]), "s3": ("Branch", [app(2)])}
    house.authorized()
    house.run()
    found = house.saas.usage.merged(house.integration)
    assert [(row.upload_bytes, row.transaction_count) for row in found.values()] == [(1000, 10), (2000, 20)]


def test_changes_are_told_from_run_to_run(each_house: House) -> None:
    """The first run is the baseline."""
    each_house.vendor.streams = {"s1": ("Edge", [app(0), app(1), app(2)])}
    each_house.authorized()
    each_house.run()
    each_house.vendor.streams = {"s1": ("Edge", [app(1, riskScore=9), app(2, userCount=50), app(3)])}
    run = each_house.run()
    found = [
        (each.kind, each.app_id, each.before, each.after)
        for _, each in each_house.saas.usage.changes(each_house.integration)
    ]
    expected = [("gone", "10000", None, None), ("new", "10003", None, None), ("risk", "10001", 1, 9)]
    assert sorted(found, key=str) == sorted([*expected, ("usage", "10002", 3, 50)], key=str)
    assert [run.counts[name] for name in ("new", "gone", "risk", "usage")] == [1, 1, 1, 1]


def test_another_period_or_directory_is_not_compared(house: House) -> None:
    """Counts of 30 days cannot be compared with those of 90."""
    house.vendor.streams = {"s1": ("Edge", [app(0)])}
    integration = house.authorized()
    house.run()
    house.saas.change(integration, type(house.given)(period_days=30), by=BY)
    house.vendor.streams = {}
    run = house.run()
    assert (run.outcome, run.counts["apps"], run.counts["gone"]) == ("completed", 0, 0)


def test_a_tenant_without_streams_is_read_to_the_end(house: House) -> None:
    """There is no error, and its requests are counted: two for the token, one for the streams."""
    house.authorized()
    run = house.run()
    assert (run.outcome, run.message, run.requests) == ("completed", "", 3)
    assert (run.counts["streams"], run.counts["apps"]) == (0, 0)


def test_a_stream_deleted_meanwhile_is_noted_and_skipped(house: House) -> None:
    """It may be deleted between the list and its first page, or between two pages (saas §8, 6)."""
    three_streams(house)
    house.vendor.streams["s4"] = ("Late", [app(1)])

    def instead(_method: str, path: str) -> Reply | None:
        if "/s4/" in path or ("/s1/" in path and "$skip=100" in path):
            del house.vendor.streams["s4" if "/s4/" in path else "s1"]
        return None

    house.vendor.instead = instead
    run = house.run()
    states = {each.stream_id: (each.state, each.rows) for each in house.saas.runs.streams(run)}
    assert states == {"s1": ("gone", 0), "s2": ("read", 81), "s3": ("read", 1), "s4": ("gone", 0)}
    assert (run.outcome, run.counts["streams_gone"], run.counts["apps"]) == ("completed", 2, 81)
    assert "Endpoints: The stream does not exist any more" in run.message


def test_a_link_that_leads_nowhere_begins_its_stream_anew(each_house: House) -> None:
    """Nothing is lost or duplicated; a link that always fails affects its stream only."""
    each_house.vendor.streams = {
        "s1": ("Edge", [app(n) for n in range(250)]),
        "s2": ("Lab", [app(n) for n in range(150)]),
    }
    each_house.authorized()
    refused: list[str] = []

    def instead(_method: str, path: str) -> Reply | None:
        if ("/s1/" in path and "$skip=200" in path and not refused) or ("/s2/" in path and "$skip" in path):
            refused.append(path)
            return Reply(400, graph_error("BadRequest", "The token of the page is not valid."))
        return None

    each_house.vendor.instead = instead
    run = each_house.run()
    states = {each.stream_id: (each.state, each.rows, each.pages) for each in each_house.saas.runs.streams(run)}
    assert states == {"s1": ("read", 250, 3), "s2": ("failed", 100, 1)}
    assert run.outcome == "partial"
    assert "The token of the page is not valid" in run.message
    assert skips(each_house)[:5] == ["", "?$skip=100", "?$skip=200", "", "?$skip=100"]


def test_a_stream_that_cannot_be_read_keeps_what_was_known(each_house: House) -> None:
    """Its apps are not reported as gone."""
    three_streams(each_house)
    before = stored(each_house, each_house.run())
    each_house.vendor.instead = lambda _method, path: Reply(body={"values": []}) if "/s1/" in path else None
    run = each_house.run()
    assert (run.outcome, run.counts["streams_failed"]) == ("partial", 1)
    assert stored(each_house, run) == before
    assert each_house.saas.usage.changes(each_house.integration) == []


def test_pages_that_go_in_circles_end(house: House) -> None:
    """A repeated link is not followed forever."""
    house.vendor.streams = {"s1": ("Edge", [app(1)])}
    house.authorized()
    link = f"{house.vendor.base}{STREAMS}/s1/aggregatedAppsDetails(period=duration'P90D')?$skip=7"
    endless = {"value": [app(1)], "@odata.nextLink": link}
    house.vendor.instead = lambda _method, path: Reply(body=endless) if "/s1/" in path else None
    run = house.run()
    assert (run.outcome, len(skips(house))) == ("failed", 2)
    assert "circles" in run.message


@pytest.mark.parametrize("where", ["/s1/", "/uploadedStreams"])
def test_pages_without_an_end_end(house: House, monkeypatch: pytest.MonkeyPatch, where: str) -> None:
    """A run ends even if a service always links to another empty page."""
    monkeypatch.setattr(usage_task, "MOST_PAGES", 20)
    house.vendor.streams = {"s1": ("Edge", [app(1)])}
    house.authorized()
    links = (f"{house.vendor.base}{STREAMS}{'/s1/x' if where == '/s1/' else ''}?$skip={at}" for at in count())
    house.vendor.instead = lambda _method, path: (
        Reply(body={"value": [], "@odata.nextLink": next(links)}) if where in path else None
    )
    run = house.run()
    assert run.outcome == "failed"
    assert "have no end" in run.message


def test_a_storm_of_errors_is_waited_out(house: House) -> None:
    """With some failures before each page, the run is slower but complete."""
    three_streams(house)
    hits: dict[str, int] = {}

    def instead(_method: str, path: str) -> Reply | None:
        hits[path] = hits.get(path, 0) + 1
        failures = [Reply(503, PAGE), Reply(500, graph_error("InternalServerError", "x")), Reply(502, PAGE)]
        return failures[hits[path] - 1] if hits[path] <= len(failures) else None

    house.vendor.instead = instead
    run = house.run()
    assert (run.outcome, run.counts["apps"], run.retries) == ("completed", 330, 3 * 8)
    assert all(0 < piece <= 60 for piece in house.time.slept)  # long delays are slept in pieces
    assert sum(house.time.slept) >= run.retries  # at least one second each


@pytest.mark.parametrize("dated", [False, True])
def test_a_throttled_run_waits_as_long_as_it_is_told(house: House, dated: bool) -> None:
    """The delay is in seconds or until a date; no request is sent earlier (saas §8, 10)."""
    three_streams(house)
    until, early = {"now": 0}, []

    def instead(_method: str, path: str) -> Reply | None:
        if "beta" not in path:
            return None
        early.append(house.time.now < until["now"])
        if until["now"] and house.time.now - until["now"] < 30_000:
            return None
        until["now"] = house.time.now + 40_000
        date = {"date": "Wed, 04 Mar 2026 00:00:00 GMT", "retry-after": "Wed, 04 Mar 2026 00:00:40 GMT"}
        return Reply(429, graph_error("TooManyRequests", "x"), date if dated else {"retry-after": "40"})

    house.vendor.instead = instead
    run = house.run()
    assert (run.outcome, run.counts["apps"]) == ("completed", 330)
    assert (run.retries, any(early)) == (1, False)
    assert house.time.slept == [20, 20]  # the lease is renewed in between


def test_a_limit_of_thirty_a_minute_is_kept_to(house: House) -> None:
    """A hundred pages take three minutes, with one rejected request per minute (saas §8, 10)."""
    house.vendor.streams = {"s1": ("Edge", [app(n) for n in range(499)])}
    house.vendor.page_size = 5
    house.authorized()
    taken: list[int] = []
    refused: list[int] = []

    def instead(_method: str, path: str) -> Reply | None:
        now = house.time.now
        if "beta" not in path:
            return None
        window = [each for each in taken if each > now - 60_000]
        if len(window) < 30:
            taken.append(now)
            return None
        refused.append(now)
        wait = math.ceil((window[0] + 60_000 - now) / 1000)
        return Reply(429, graph_error("TooManyRequests", "x"), {"retry-after": str(wait)})

    house.vendor.instead = instead
    begun = house.time.now
    run = house.run()
    assert (run.outcome, run.counts["apps"], len(taken), run.retries) == ("completed", 499, 101, len(refused))
    assert len(refused) == 3
    assert 180_000 <= house.time.now - begun < 190_000


def test_a_very_long_wait_is_for_another_run(house: House) -> None:
    """It does not start before the delay is over."""
    three_streams(house)
    wait = Reply(429, graph_error("TooManyRequests", "x"), {"retry-after": "7200"})
    house.vendor.instead = lambda _m, path: wait if "/s2/" in path else None
    run = house.run()
    assert (run.outcome, run.resume_at, house.time.slept) == ("interrupted", house.time.now + 7_200_000, [])
    assert not is_due(house.integration, run, house.time.now + 7_199_999)
    assert is_due(house.integration, run, house.time.now + 7_200_000)


def test_an_answer_that_breaks_off_is_asked_for_again(house: House) -> None:
    """Responses are streamed, so a failure after the status has been sent leaves invalid JSON."""
    three_streams(house)
    broken = [Reply(200, '{"value": [{"id": "1", "displ', {"content-type": "application/json"})] * 2
    house.vendor.instead = lambda _m, path: broken.pop() if "$skip=100" in path and broken else None
    run = house.run()
    assert (run.outcome, run.counts["apps"], run.retries) == ("completed", 330, 2)


def test_a_wait_of_years_does_not_stop_the_integration(house: House) -> None:
    """A date from a wrong clock does not stop it either: another run tries after half a day."""
    three_streams(house)
    wait = Reply(503, PAGE, {"retry-after": "99999999"})
    house.vendor.instead = lambda _m, path: wait if "/s2/" in path else None
    run = house.run()
    assert (run.outcome, run.resume_at) == ("interrupted", house.time.now + RESUMABLE)
    house.vendor.instead = lambda _m, _path: None
    house.time.sleep(12 * 3600)
    assert is_due(house.integration, run, house.time.now)
    assert (house.run().number, house.run().outcome) == (2, "completed")


def test_an_outage_interrupts_and_the_next_run_goes_on(each_house: House) -> None:
    """It resumes at the same place; no page is requested twice."""
    three_streams(each_house)
    down = {"now": True}
    each_house.vendor.instead = lambda _m, path: Reply(503, PAGE) if "$skip=200" in path and down["now"] else None
    first = each_house.run()
    now = each_house.time.now
    assert (first.outcome, first.ended, first.resume_at) == ("interrupted", now, now + RETRY)
    assert "1 of 3 streams" in first.message
    assert each_house.saas.usage.merged(each_house.integration) == {}
    down["now"] = False
    each_house.vendor.seen.clear()
    second = each_house.run()
    assert (second.number, second.outcome, second.counts["apps"]) == (1, "completed", 330)
    assert skips(each_house) == ["?$skip=200"]


def test_a_stream_that_always_fails_does_not_hold_up_the_others_for_ever(house: House) -> None:
    """It does so for an hour; then the run completes without it."""
    three_streams(house)
    house.vendor.instead = lambda _m, path: Reply(500, PAGE) if "/s2/" in path else None
    assert house.run().outcome == "interrupted"
    house.time.sleep(3600)
    run = house.run()
    assert (run.number, run.outcome, run.counts["apps"]) == (1, "partial", 250)
    assert "Firewall" in run.message
    assert "status 500" in run.message


@pytest.mark.parametrize("seconds", [12 * 3600, -3000 * 86_400])
def test_a_run_of_another_day_is_given_up(house: House, seconds: int) -> None:
    """Its pages are too old, or the clock was set back."""
    three_streams(house)
    house.vendor.instead = lambda _m, path: Reply(500, PAGE) if "/s2/" in path else None
    assert house.run().outcome == "interrupted"
    house.vendor.instead = lambda _m, _path: None
    house.time.sleep(seconds)
    run = house.run()
    assert (run.number, run.outcome) == (2, "completed")
    first = house.saas.runs.get(house.integration, 1)
    assert first is not None
    assert (first.outcome, first.message[:9]) == ("failed", "given up:")
    assert len(stored(house, first)[0]) == 0


@pytest.mark.parametrize(("taken", "code"), [("roles", "is not granted"), ("tokens", "does not accept the tokens")])
def test_a_permission_taken_in_the_middle_ends_the_run(house: House, taken: str, code: str) -> None:
    """After 403, or 401 even with a new token, nothing runs until it is authorised again (saas §8, 5)."""
    three_streams(house)

    def instead(_method: str, path: str) -> Reply | None:
        if taken == "roles" and "$skip=200" in path:
            house.vendor.roles = []
        if taken == "tokens" and "$skip=200" in path:
            return Reply(401, graph_error("InvalidAuthenticationToken", "Access token has been revoked."))
        return None

    house.vendor.instead = instead
    run = house.run()
    assert run.outcome == "failed"
    assert code in run.message
    assert (house.integration.state, house.integration.state_message) == ("refused", run.message)
    house.vendor.seen.clear()
    with pytest.raises(ValueError, match=code):
        house.run()
    assert house.vendor.seen == []


def test_another_permission_asks_for_a_new_authorisation(house: House) -> None:
    """An additional one, too, as in the product (saas §4); afterwards the same rows are updated (saas §8, 7)."""
    house.vendor.streams = {"s1": ("Edge", [app(0)])}
    house.authorized()
    house.run()
    house.vendor.roles = [ROLE, "User.Read.All"]
    run = house.run()
    assert (run.outcome, house.integration.state) == ("failed", "refused")
    assert "added: User.Read.All" in run.message
    assert list(house.saas.usage.merged(house.integration)) == ["10000"]
    assert house.saas.authorize(house.integration, by=BY).ok
    assert house.run().outcome == "completed"
    assert house.saas.usage.changes(house.integration) == []


def test_streams_have_pages_too(house: House) -> None:
    """Rows without an id are counted, not silently dropped; those with the same id are one stream."""
    house.vendor.streams = {f"s{n}": (f"Stream {n}", [app(n), {"displayName": "nobody"}]) for n in range(7)}
    house.vendor.page_size = 3
    house.authorized()
    run = house.run()
    assert (run.counts["streams"], run.counts["apps"], run.counts["skipped_rows"]) == (7, 7, 7)


def test_an_integration_that_is_removed_ends_its_run(each_house: House) -> None:
    """The run ends at the next step, and none of its data are written again."""
    integration = three_streams(each_house)

    def instead(_method: str, path: str) -> Reply | None:
        if "$skip=200" in path:
            each_house.saas.integrations.remove(integration, by=BY)
        return None

    each_house.vendor.instead = instead
    with pytest.raises(LeaseLost):
        each_house.run()
    assert each_house.saas.runs.history(integration) == []
    assert each_house.saas.integrations.all(TENANT) == []
    assert each_house.saas.usage.page(msgspec.structs.replace(integration, current_run=1), limit=5) == (0, [])
