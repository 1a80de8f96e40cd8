"""Calls that arrive together are answered in one trip to a thread, each with its own outcome."""

from __future__ import annotations

import asyncio
import json
import threading
from collections.abc import Sequence
from typing import Any

import httpx
import sqlalchemy as sa

from opencasb.api.v1.together import MOST, Together, settled
from tests.activities.example import wire
from tests.api.v1.conftest import ADMIN, Client


class Thread:
    """Doubles numbers once ``may_go`` is set; notes each group, and fails on negative numbers and groups with a 0."""

    def __init__(self) -> None:
        self.groups: list[list[int]] = []
        self.may_go = threading.Event()

    def __call__(self, asked: Sequence[int]) -> list[int | Exception]:
        """Answer a group."""
        self.groups.append([*asked])
        assert self.may_go.wait(30)
        if 0 in asked:
            raise OSError("a group failed")
        return [each * 2 if each > 0 else ValueError(str(each)) for each in asked]


def answers(thread: Thread, *asked: tuple[str, int]) -> list[int | BaseException]:
    """Return the answers to calls (key, number) made while the first of them is being answered."""

    async def ask() -> list[int | BaseException]:
        together = Together[int, int](thread)
        calls = [asyncio.ensure_future(together(*each)) for each in asked]
        while not thread.groups:  # noqa: ASYNC110 -- there is no event for it
            await asyncio.sleep(0.001)
        thread.may_go.set()
        return await asyncio.gather(*calls, return_exceptions=True)

    return asyncio.run(ask())


def test_calls_that_wait_are_answered_together() -> None:
    """The first one does not wait for them; later ones are taken again."""
    thread = Thread()
    assert answers(thread, *(("a", number) for number in (1, 2, 3))) == [2, 4, 6]
    assert thread.groups in ([[1], [2, 3]], [[1, 2, 3]])  # whether the first starts before the others arrive
    assert answers(thread, ("a", 4)) == [8]


def test_keys_take_turns() -> None:
    """Many calls by one caller hold up another's for one group only."""
    thread = Thread()
    many = [("a", number) for number in range(1, 2 * MOST + 2)]
    answered = answers(thread, *many, ("b", 5000))
    assert answered == [number * 2 for _, number in many] + [10_000]
    assert [len(group) for group in thread.groups] == [MOST, 1, MOST, 1]
    assert thread.groups[1] == [5000]


def test_a_failure_is_of_its_own_call() -> None:
    one, two = answers(Thread(), ("a", 1), ("a", -2))
    assert one == 2
    assert isinstance(two, ValueError)


def test_a_group_that_fails_leaves_the_way_open() -> None:
    thread = Thread()
    assert [type(each) for each in answers(thread, ("a", 0), ("a", 1), ("b", 2))] == [OSError, OSError, int]


def test_a_caller_that_gives_up_disturbs_no_other() -> None:
    async def ask() -> int:
        thread = Thread()
        together = Together[int, int](thread)
        gone, stays = (asyncio.ensure_future(together("a", number)) for number in (1, 2))
        await asyncio.sleep(0.01)
        gone.cancel()
        thread.may_go.set()
        return await stays

    assert asyncio.run(ask()) == 4


def test_exceptions_keep_their_places() -> None:
    error = ValueError("x")
    given: list[int | Exception] = [1, error, 3]
    assert settled(lambda good: [-each for each in good], given) == [-1, error, -3]
    assert settled(lambda good: good, given[1:2]) == [error]


def post(client: Client, *bodies: bytes, by: Sequence[str] = ()) -> list[tuple[int, Any]]:
    """Deliver bodies at once, by the administrator or by other credentials; return the statuses and answers."""
    headers = [{"Authorization": each} for each in by or [f"Token {client.known.tokens[ADMIN]}"] * len(bodies)]

    async def send() -> list[httpx.Response]:
        url = "/api/v1/ingest/activities/"
        calls = (client._http.post(url, content=body, headers=own) for body, own in zip(bodies, headers, strict=True))
        return await asyncio.gather(*calls)

    return [(answer.status_code, answer.json()) for answer in client.run(send())]


def test_deliveries_of_single_activities_share_transactions(client: Client) -> None:
    """Each sender learns what became of its own records."""
    commits: list[object] = []
    sa.event.listen(client.casb.database.engine, "commit", commits.append)
    made = [json.dumps(wire(number)).encode() for number in range(20)]
    answered = post(client, *made, made[0], b"{}\n{broken", b"\x01\x02", b"")
    assert [status for status, _ in answered] == [200] * 22 + [400, 200]
    assert [(answer["accepted"], answer["repeated"]) for _, answer in answered[:20]] == [(1, 0)] * 20
    assert [answered[20][1][key] for key in ("accepted", "repeated")] == [0, 1]
    assert [error["line"] for error in answered[21][1]["errors"]] == [1, 2]
    assert client.post("activities/")["total"] == 20
    assert len(commits) < 20


def test_each_caller_is_admitted_on_its_own(client: Client) -> None:
    """Without permission, with unknown credentials and with none, beside one who may."""
    reader = client.bearer("investigation.read")
    by = [f"Token {client.known.tokens[ADMIN]}", reader, "Token " + "0" * 64, ""] * 2
    answered = post(client, *(json.dumps(wire(number)).encode() for number in range(8)), by=by)
    assert [status for status, _ in answered] == [200, 403, 401, 401] * 2
    assert client.post("activities/")["total"] == 2


def test_calls_answered_together_are_counted_one_by_one(open_client: Any) -> None:
    """The limit of calls a minute holds (api §5)."""
    client = open_client(requests_per_minute=5)
    answered = post(client, *(json.dumps(wire(number)).encode() for number in range(8)))
    assert sorted(status for status, _ in answered) == [200] * 5 + [429] * 3
