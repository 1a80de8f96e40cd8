"""Group commit: what arrives while a transaction runs is stored by the next one, all of it together.

A durable commit takes milliseconds however little it stores. Writers that each wait for one of their own stand in a
line, on SQLite even sleeping between looks at the lock. Here the first in the line stores for all behind it. Nobody is
answered before the transaction with its own records has committed.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from threading import Event, Lock
from typing import Final, Generic, TypeVar

MOST: Final = 1000
"""Records of one transaction, unless a single delivery has more."""

Given = TypeVar("Given")
"""A record that was delivered."""

Told = TypeVar("Told")
"""What became of a delivery."""


@dataclass(eq=False, slots=True)
class _Delivery(Generic[Given, Told]):
    """Records that one caller waits for; afterwards what became of them, or what went wrong.

    ``turn`` comes when that is known, or when the caller is to store for all that wait.
    """

    tenant_id: int
    records: Sequence[Given]
    turn: Event = field(default_factory=Event)
    told: Told | None = None
    error: Exception | None = None

    @property
    def is_done(self) -> bool:
        return self.told is not None or self.error is not None


class GroupCommit(Generic[Given, Told]):
    """Stores the deliveries of many threads in few transactions, each of one tenant."""

    def __init__(self, commit: Callable[[int, Sequence[Sequence[Given]]], list[Told]]) -> None:
        """``commit`` stores deliveries of a tenant in one transaction, all or none, and tells what became of each.

        It is never called by two threads at a time; it may be called again for what it has failed with.
        """
        self._commit = commit
        self._lock = Lock()
        self._line: list[_Delivery[Given, Told]] = []
        """Deliveries that are not done; the first one's caller stores."""

    def __call__(self, tenant_id: int, records: Sequence[Given]) -> Told:
        """Store records and return what became of them, once they are durable.

        Raises whatever ``commit`` raises for these records alone; those of others are stored.
        """
        mine: _Delivery[Given, Told] = _Delivery(tenant_id, records)
        with self._lock:
            self._line.append(mine)
            is_first = self._line[0] is mine
        if not is_first:
            mine.turn.wait()
        if not mine.is_done:
            self._lead(mine)
        if mine.told is None:
            raise mine.error or AssertionError("a delivery was neither stored nor refused")
        return mine.told

    def _lead(self, mine: _Delivery[Given, Told]) -> None:
        """Store what waits, and wake those whose records these were, and the next one who stores."""
        group = self._group(mine)
        try:
            self._store(group)
        finally:
            with self._lock:
                self._line = [each for each in self._line if each is not mine and not each.is_done]
                awake = [*(each for each in group if each.is_done), *self._line[:1]]
            for each in awake:
                each.turn.set()

    def _group(self, mine: _Delivery[Given, Told]) -> list[_Delivery[Given, Told]]:
        """Return ``mine``, and who of the same tenant can join."""
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
        except Exception as error:  # noqa: BLE001 -- whose error it is shows when each is stored alone
            if len(group) == 1:
                group[0].error = error
                return
            for each in group:
                self._store([each])
            return
        for each, told in zip(group, every, strict=True):
            each.told = told
