"""Group commit: whatever arrives while a transaction runs is stored together by the next one.

A durable commit takes milliseconds however little it stores. If each writer committed on its own, writers would queue,
and on SQLite even sleep between attempts to take the lock. Instead, the first in the queue stores on behalf of all
behind it. A caller returns only after the transaction with its own records has committed. Tenants take turns, so a
large delivery in many parts keeps no other tenant waiting for longer than one transaction of each.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from threading import Event, Lock
from typing import Final, Generic, TypeVar

MOST: Final = 1000
"""Maximum number of records per transaction, unless a single delivery has more."""

Given = TypeVar("Given")
"""A delivered record."""

Told = TypeVar("Told")
"""The outcome of a delivery."""


@dataclass(eq=False, slots=True)
class _Delivery(Generic[Given, Told]):
    """Records that one caller waits for, and later their outcome or error.

    ``turn`` is set once either is known, or when it is the caller's turn to store for everyone waiting.
    """

    tenant_id: int
    records: Sequence[Given]
    turn: Event = field(default_factory=Event)
    told: Told | None = None
    error: Exception | None = None

    @property
    def is_done(self) -> bool:
        return self.told is not None or self.error is not None

    def outcome(self) -> Told | Exception:
        if self.told is None:
            return self.error or AssertionError("a delivery was neither stored nor refused")
        return self.told


class GroupCommit(Generic[Given, Told]):
    """Store the deliveries of many threads in few transactions, each for one tenant."""

    def __init__(self, commit: Callable[[int, Sequence[Sequence[Given]]], list[Told]]) -> None:
        """Take ``commit``, which stores a tenant's deliveries in one transaction and returns their outcomes.

        It stores all of them or none, is never called by two threads at once, and may be called again with deliveries
        that it has failed on.
        """
        self._commit = commit
        self._lock = Lock()
        self._line: list[_Delivery[Given, Told]] = []
        """Pending deliveries; the caller of the first one stores."""

    def __call__(self, tenant_id: int, records: Sequence[Given]) -> Told:
        """Store records and return their outcome once they are durable.

        Raises whatever ``commit`` raises for these records alone; other callers' records are still stored.
        """
        told = self.together(tenant_id, [records])[0]
        if isinstance(told, Exception):
            raise told
        return told

    def together(self, tenant_id: int, deliveries: Sequence[Sequence[Given]]) -> list[Told | Exception]:
        """Like :meth:`__call__` for several deliveries, each with an outcome or an error of its own."""
        mine: list[_Delivery[Given, Told]] = [_Delivery(tenant_id, records) for records in deliveries]
        with self._lock:
            is_first = not self._line
            self._line += mine
        try:
            for each in mine:
                if not is_first:
                    each.turn.wait()
                if not each.is_done:
                    self._lead(each)
                is_first = False
        finally:
            self._leave(mine)
        return [each.outcome() for each in mine]

    def _lead(self, mine: _Delivery[Given, Told]) -> None:
        """Store the waiting group, then wake its callers and the next leader."""
        group = self._group(mine)
        self._store(group)
        with self._lock:
            left = [each for each in self._line if not each.is_done]
            self._line = sorted(left, key=lambda each: each.tenant_id == mine.tenant_id)  # now the others' turn
            awake = [*(each for each in group if each.is_done), *self._line[:1]]
        for each in awake:
            each.turn.set()

    def _leave(self, mine: Sequence[_Delivery[Given, Told]]) -> None:
        """Let the line go on without deliveries whose caller was interrupted."""
        if all(each.is_done for each in mine):
            return
        with self._lock:
            self._line = [each for each in self._line if each not in mine and not each.is_done]
            first = self._line[:1]
        for each in first:
            each.turn.set()

    def _group(self, mine: _Delivery[Given, Told]) -> list[_Delivery[Given, Told]]:
        """Return ``mine`` and the waiting deliveries of the same tenant that fit into the transaction."""
        with self._lock:
            waiting = [each for each in self._line if each is not mine and each.tenant_id == mine.tenant_id]
        group, size = [mine], len(mine.records)
        for each in waiting:
            if size + len(each.records) <= MOST:
                group.append(each)
                size += len(each.records)
        return group

    def _store(self, group: Sequence[_Delivery[Given, Told]]) -> None:
        try:
            every = self._commit(group[0].tenant_id, [each.records for each in group])
        except Exception as error:  # noqa: BLE001 -- storing each alone shows whose error it is
            if len(group) == 1:
                group[0].error = error
                return
            for each in group:
                self._store([each])
            return
        for each, told in zip(group, every, strict=True):
            each.told = told
