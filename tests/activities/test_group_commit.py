"""Group commit of deliveries from many threads."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager

import pytest

from opencasb.activities.group_commit import MOST, GroupCommit
from opencasb.store.records import Record

TENANT, OTHER = 1, 2


def made(name: str, count: int = 1) -> list[Record]:
    """Return records with ids that begin with ``name``."""
    return [Record(f"{name}{number}", {}, {}, {}) for number in range(count)]


class Store:
    """Notes each transaction; those of a record named ``bad…`` fail, those of ``stop…`` end their thread.

    Transactions end only after ``may_end`` is set, and those of ``slow…`` only after ``slow_may_end``, too.
    """

    def __init__(self) -> None:
        self.transactions: list[tuple[int, list[str]]] = []
        self.stored: list[str] = []
        self.runs = threading.Event()
        self.may_end = threading.Event()
        self.slow_runs = threading.Event()
        self.slow_may_end = threading.Event()

    def __call__(self, tenant_id: int, deliveries: Sequence[Sequence[Record]]) -> list[int]:
        """Run a transaction."""
        names = [record.record_id for records in deliveries for record in records]
        self.transactions.append((tenant_id, names))
        self.runs.set()
        assert self.may_end.wait(30)
        if any(name.startswith("slow") for name in names):
            self.slow_runs.set()
            assert self.slow_may_end.wait(30)
        if any(name.startswith("stop") for name in names):
            raise KeyboardInterrupt
        if any(name.startswith("bad") for name in names):
            raise OSError(f"refused: {names}")
        self.stored += names
        return [len(records) for records in deliveries]


Send = Callable[[int, Sequence[Record]], Future[int]]


@contextmanager
def busy() -> Iterator[tuple[Store, Send]]:
    """Yield a store within the transaction of ``first0``, and a function to queue records after it."""
    store = Store()
    door = GroupCommit(store)
    with ThreadPoolExecutor(20) as pool:

        def send(tenant_id: int, records: Sequence[Record]) -> Future[int]:
            before = len(door._line)  # there is no other sign that a thread waits
            future = pool.submit(door, tenant_id, records)
            while len(door._line) == before:
                threading.Event().wait(0.001)
            return future

        first = send(TENANT, made("first"))
        assert store.runs.wait(30)
        try:
            yield store, send
        finally:
            store.may_end.set()
        assert first.result(30) == 1


def test_one_transaction_stores_all_that_came_while_another_ran() -> None:
    with busy() as (store, send):
        sent = [send(TENANT, made(name)) for name in "abc"]
        assert not any(each.done() for each in sent)  # nothing is reported before the commit
    assert [each.result(30) for each in sent] == [1, 1, 1]
    assert store.transactions == [(TENANT, ["first0"]), (TENANT, ["a0", "b0", "c0"])]


def test_nobody_waits_for_the_transaction_behind_that_of_the_own_records() -> None:
    """Otherwise callers answered late return late, and the next transactions have few records each."""
    with busy() as (store, send):
        first, slow, last = send(OTHER, made("a")), send(TENANT, made("slow")), send(OTHER, made("c"))
        store.may_end.set()
        assert store.slow_runs.wait(30)
        assert (first.result(30), last.result(30)) == (1, 1)
        store.slow_may_end.set()
    assert slow.result(30) == 1


def test_the_line_goes_on_where_who_stores_is_interrupted() -> None:
    with busy() as (_, send):
        stopped, last = send(TENANT, made("stop")), send(TENANT, made("c", 2))
    with pytest.raises(KeyboardInterrupt):
        stopped.result(30)
    assert last.result(30) == 2


def test_each_caller_learns_how_many_of_its_own_records_were_new() -> None:
    with busy() as (_, send):
        sent = [send(TENANT, made(name, count)) for name, count in (("a", 3), ("b", 0), ("c", 2))]
    assert [each.result(30) for each in sent] == [3, 0, 2]


def test_an_error_goes_to_whose_records_it_is_about_and_the_others_are_stored() -> None:
    with busy() as (store, send):
        good, bad, last = send(TENANT, made("a")), send(TENANT, made("bad")), send(TENANT, made("c"))
    assert (good.result(30), last.result(30)) == (1, 1)
    with pytest.raises(OSError, match="bad0"):
        bad.result(30)
    assert store.stored == ["first0", "a0", "c0"]


def test_a_transaction_is_of_one_tenant() -> None:
    with busy() as (store, send):
        sent = [send(tenant_id, made(name)) for tenant_id, name in ((OTHER, "a"), (TENANT, "b"), (OTHER, "c"))]
    assert [each.result(30) for each in sent] == [1, 1, 1]
    assert store.transactions[1:] == [(OTHER, ["a0", "c0"]), (TENANT, ["b0"])]


def test_tenants_take_turns() -> None:
    """Many full deliveries of one tenant hold up another's for one transaction only."""
    third = 3
    with busy() as (store, send):
        sent = [send(TENANT, made(name, MOST)) for name in "abc"]
        sent += [send(tenant_id, made(name, MOST)) for tenant_id, name in ((OTHER, "d"), (OTHER, "e"), (third, "f"))]
    assert [each.result(30) for each in sent] == [MOST] * 6
    assert [tenant_id for tenant_id, _ in store.transactions] == [TENANT, OTHER, third, TENANT, OTHER, TENANT, TENANT]


def test_a_transaction_is_not_larger_than_a_full_batch() -> None:
    with busy() as (store, send):
        sent = [send(TENANT, made(name, MOST - 1)) for name in "ab"]
        sent.append(send(TENANT, made("c")))
    assert [each.result(30) for each in sent] == [MOST - 1, MOST - 1, 1]
    assert [len(names) for _, names in store.transactions] == [1, MOST, MOST - 1]


def test_a_failure_leaves_the_door_open() -> None:
    store = Store()
    store.may_end.set()
    door = GroupCommit(store)
    with pytest.raises(OSError, match="refused"):
        door(TENANT, made("bad"))
    assert door(TENANT, made("good", 2)) == 2
