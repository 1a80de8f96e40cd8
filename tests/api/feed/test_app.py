"""The change feed over HTTP."""

from __future__ import annotations

import asyncio
import io
import threading
from collections.abc import Callable
from itertools import pairwise

import polars as pl
import pytest

from opencasb.activities.alert_columns import record as alert_record
from opencasb.api.asgi import Dispatcher
from opencasb.api.feed.answers import PARQUET
from opencasb.api.feed.app import FeedApi
from opencasb.api.feed.cursor import Cursors
from opencasb.api.feed.polling import POLL_SECONDS
from opencasb.api.v1.asgi import SECURITY_HEADERS
from opencasb.model.roles import Role
from tests.activities.example import wire
from tests.alerts import alert, alert_id
from tests.api.feed.conftest import FakeTime, House, ids
from tests.store.test_siem_agents import agent
from tests.wire import exchange, left


def at(number: int) -> str:
    """Return the id of an activity."""
    return str(wire(number)["_id"])


def waiting(house: House, time: FakeTime) -> FeedApi:
    """Return the feed API with simulated time."""
    return FeedApi(house.casb, pause=time.pause, seconds=time.seconds)


def test_a_reader_begins_at_the_beginning_and_goes_on_from_its_cursor(house: House) -> None:
    """In the order in which changes were stored, whatever their times; without changes there are no lines."""
    house.add(5, 1, 3)
    lines, cursor = house.read("activities/?limit=2")
    assert [(line["sequence"], line["resource"]) for line in lines] == [(1, "activities"), (2, "activities")]
    assert lines[0]["record"] == house.casb.activities.get(house.tenant_id, at(5))
    assert ids(lines) == [at(5), at(1)]
    lines, cursor = house.read(f"activities?cursor={cursor}")
    assert ids(lines) == [at(3)]
    lines, cursor = house.read(f"activities?cursor={cursor}")
    assert lines == []
    house.add(9)
    assert ids(house.read(f"activities?cursor={cursor}")[0]) == [at(9)]
    assert ids(house.read()[0]) == [at(5), at(1), at(3), at(9)]


def test_a_reader_can_begin_now(house: House) -> None:
    """``cursor=now`` omits existing records, even in an empty feed."""
    _, empty = house.read("activities?cursor=now")
    house.add(1, 2)
    lines, cursor = house.read("activities?cursor=now")
    assert lines == []
    house.add(3)
    assert ids(house.read(f"activities?cursor={cursor}")[0]) == [at(3)]
    assert ids(house.read(f"activities?cursor={empty}")[0]) == [at(1), at(2), at(3)]


def test_a_changed_record_comes_again(house: House) -> None:
    """With a higher number and its current state, once for any number of changes between two reads."""
    alerts, tenant = house.casb.alerts, house.tenant_id
    alerts.put(tenant, [alert_record(alert(number)) for number in (1, 2)])
    lines, cursor = house.read("alerts")
    assert ids(lines) == [alert_id(1), alert_id(2)]
    for comment in ("first", "second"):
        alerts.put(tenant, [alert_record(alert(1, comment=comment))])
    (line,), _ = house.read(f"alerts?cursor={cursor}")
    assert (line["record"]["_id"], line["record"]["comment"]) == (alert_id(1), "second")
    assert line["sequence"] > lines[-1]["sequence"]
    assert ids(house.read("alerts")[0]) == [alert_id(2), alert_id(1)]


def test_a_deletion_reaches_who_stored_a_cursor(house: House) -> None:
    """In its place among the changes, for every reader, in both formats."""
    alerts, tenant = house.casb.alerts, house.tenant_id
    alerts.put(tenant, [alert_record(alert(number)) for number in (1, 2)])
    _, cursor = house.read("alerts")
    alerts.delete(tenant, [alert_id(1)])
    alerts.put(tenant, [alert_record(alert(3))])
    gone = {"_id": alert_id(1), "deleted": True}
    lines, _ = house.read(f"alerts?cursor={cursor}")
    assert lines[0] == {"sequence": 3, "resource": "alerts", "record": gone}
    assert ids(lines) == [alert_id(1), alert_id(3)]
    token = house.token_of(tenant, Role.CLOUD_DISCOVERY_GLOBAL_ADMIN)
    assert [line["record"] for line in house.read("alerts?wait=30", token=token)[0]] == [gone]
    table = pl.read_parquet(io.BytesIO(house.get(f"alerts?cursor={cursor}", Accept=PARQUET).content))
    assert table.select("id", "timestamp").row(0) == (alert_id(1), None)


def test_followers_of_many_writers_lose_and_double_nothing(house: House) -> None:
    """Four writers of records with equal times; a reader that restarts from its stored cursor after each response."""
    house.add(0)

    def write(writer: int) -> None:
        for batch in range(5):
            first = 1000 * writer + 10 * batch + 1
            house.add(*range(first, first + 10), timestamp=1)

    writers = [threading.Thread(target=write, args=(number,)) for number in range(4)]
    for each in writers:
        each.start()
    lines, cursor = house.read("activities?limit=7")
    while True:
        over = not any(each.is_alive() for each in writers)
        house.app = FeedApi(house.casb)
        found, cursor = house.read(f"activities?limit=7&cursor={cursor}")
        lines += found
        if over and not found:
            break
    assert sorted(ids(lines)) == sorted([at(0), *(at(1000 * w + n) for w in range(4) for n in range(1, 51))])
    assert all(left["sequence"] < right["sequence"] for left, right in pairwise(lines))


def test_a_waiting_call_is_answered_as_soon_as_there_is_something(small: Callable[..., House]) -> None:
    """At once if there are changes already; when one arrives; or, without lines, at the end of the wait."""
    house = small()
    house.add(1)
    time = FakeTime(lambda now: house.add(2) if now == 2 else None)
    house.app = waiting(house, time)
    lines, cursor = house.read("activities?wait=30")
    assert (ids(lines), time.now) == ([at(1)], 0)
    lines, cursor = house.read(f"activities?wait=30&cursor={cursor}")
    assert (ids(lines), time.now) == ([at(2)], 2)
    lines, _ = house.read(f"activities?wait=3&cursor={cursor}")
    assert (lines, time.now) == ([], 5)
    assert max(time.waits) <= POLL_SECONDS


def test_a_caller_that_has_gone_is_not_waited_for(small: Callable[..., House]) -> None:
    """A closed connection ends the wait."""
    house, time = small(), FakeTime()
    token = {"authorization": f"Token {house.token}"}
    asyncio.run(exchange(waiting(house, time), "GET", "/feed/v1/activities", "wait=30", headers=token, receive=left))
    assert time.waits == []


def test_who_sees_some_alerts_only_is_fed_those(house: House) -> None:
    """As in the list: with discovery permissions, discovery alerts; small limits do not get stuck among others."""
    discovery = {3, 7, 8}
    made = [alert(number, stories=[4 if number in discovery else 0]) for number in range(1, 10)]
    house.casb.alerts.put(house.tenant_id, [alert_record(each) for each in made])
    token = house.token_of(house.tenant_id, Role.CLOUD_DISCOVERY_GLOBAL_ADMIN)
    seen, cursor = [], ""
    for _ in range(4):
        lines, cursor = house.read(f"alerts?limit=1&cursor={cursor}", token=token)
        seen.append(ids(lines))
    assert seen == [[alert_id(3)], [alert_id(7)], [alert_id(8)], []]
    assert all(line["record"]["URL"].startswith("https://") for line in house.read("alerts")[0])
    assert len(house.read("alerts")[0]) == 9


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("limit=0", "limit: 0 is not allowed; allowed: 1 to 10000"),
        ("limit=x", "limit: a whole number is expected, not x"),
        ("wait=31", "wait: 31 is not allowed; allowed: 0 to 30"),
        ("wait=-1", "wait: -1 is not allowed; allowed: 0 to 30"),
        ("cursor=x", "cursor: it was not made for the activities of this tenant, or was changed"),
    ],
)
def test_what_is_wrong_is_named(small: Callable[..., House], query: str, said: str) -> None:
    """400 in the format of the REST API."""
    assert small().refusal(f"activities?{query}") == said


def test_a_cursor_belongs_to_a_tenant_and_a_resource(house: House) -> None:
    """A cursor of another tenant, a modified one, and one ahead of restored older data are rejected."""
    house.add(1)
    _, cursor = house.read()
    other = house.token_of(house.other_id, Role.GLOBAL_ADMINISTRATOR)
    said = "cursor: it was not made for the"
    assert house.refusal(f"activities?cursor={cursor}", token=other).startswith(said)
    assert house.refusal(f"files?cursor={cursor}").startswith(said)
    changed = cursor[:-4] + ("AAAA" if cursor[-4:] != "AAAA" else "BBBB")
    assert house.refusal(f"activities?cursor={changed}").startswith(said)
    assert house.read("activities", token=other)[0] == []
    ahead = Cursors(waiting(house, FakeTime())._cursors._vault).text(house.tenant_id, "activities", 99)
    assert house.refusal(f"activities?cursor={ahead}").startswith("cursor: it is ahead of the feed")


def test_the_feed_is_as_closed_as_the_lists(small: Callable[..., House]) -> None:
    """No credentials 401, no permission 403, no such feed 404, not GET 405; every response has the usual headers."""
    house = small()
    reader = house.token_of(house.tenant_id, Role.CLOUD_DISCOVERY_GLOBAL_ADMIN)
    assert house.refusal("activities", 401, token=None) == "Authentication credentials were not provided."
    assert house.refusal("activities", 401, token="0" * 64) == "Invalid token."
    for resource in ("activities", "entities", "files"):
        assert house.refusal(resource, 403, token=reader).startswith("You do not have permission")
    assert house.read("alerts", token=reader)[0] == []
    for path in ("moons", "activities/1", ""):
        assert house.refusal(path, 404) == "Not found."
    answers = [house.call("POST", "activities", {}), house.get("files"), house.get("x")]
    assert [answer.status_code for answer in answers] == [405, 200, 404]
    assert all(SECURITY_HEADERS.items() <= dict(answer.headers).items() for answer in answers)


def test_the_front_door_leads_to_the_feed(small: Callable[..., House]) -> None:
    """The feed is served beside the other APIs, with any number of slashes."""
    house = small()
    house.app = Dispatcher(house.casb)
    house.add(1)
    assert ids(house.read("/activities/")[0]) == [at(1)]


def test_the_feed_has_a_limit_of_its_own(small: Callable[..., House]) -> None:
    """Readers do not use up the calls of the REST API."""
    house = small(requests_per_minute=1, feed_requests_per_minute=3)
    for _ in range(3):
        house.read()
    assert house.refusal("activities", 429).startswith("Request was throttled.")


@pytest.mark.parametrize(
    "role", [Role.APP_INSTANCE_ADMIN, Role.USER_GROUP_ADMIN, Role.CLOUD_DISCOVERY_REPORT_ADMIN], ids=str
)
def test_scoped_roles_do_not_follow_records(small: Callable[..., House], role: Role) -> None:
    """Change numbers and ids of deleted records would reveal records outside the scope."""
    house = small()
    house.casb.alerts.put(house.tenant_id, [alert_record(alert(1))])
    token = house.token_of(house.tenant_id, role)
    for path in ("activities", "alerts", "entities", "files", "alerts?cursor=now", "alerts?cursor=x"):
        assert house.refusal(path, 403, token=token) == "You do not have permission to perform this action."
    expected = 200 if role is Role.CLOUD_DISCOVERY_REPORT_ADMIN else 403
    assert house.get("usage", token=token).status_code == expected


def test_an_agent_for_a_siem_follows_what_it_sends(small: Callable[..., House]) -> None:
    """Alerts and activities, if both are enabled, and nothing else."""
    house = small()
    identity, user = house.casb.identity, house.casb.users.all(house.tenant_id)[0]
    kept = agent(1, house.tenant_id)
    identity.siem_agents.add(kept)
    token = identity.siem_tokens.generate(kept, user)
    names = ("alerts", "activities", "entities", "usage")
    assert [house.get(name, token).status_code for name in names] == [200, 403, 403, 403]
