"""Group commit: what arrives while a transaction runs is stored by the next one, all of it together.

A durable commit takes milliseconds however little it stores. Writers that each wait for one of their own stand in a
line, on SQLite even sleeping between looks at the lock. Here the first in the line stores for all behind it. Nobody is
answered before the transaction with its own records has committed.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from threading import Lock
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from opencasb.store.records import Record

MOST: Final = 1000
"""Records of one transaction, unless a single delivery has more."""

Commit = Callable[[int, Sequence[Sequence["Record"]]], list[int]]
"""Stores deliveries of a tenant in one transaction, all or none; returns how many records were new in each."""


@dataclass(eq=False, slots=True)
class _Delivery:
    """Records that one caller waits for; afterwards how many were new, or what went wrong."""

    tenant_id: int
    records: Sequence[Record]
    added: int | None = None
    error: Exception | None = None

    @property
    def is_done(self) -> bool:
        return self.added is not None or self.error is not None


class GroupCommit:
    """Stores the deliveries of many threads in few transactions, each of one tenant."""

    def __init__(self, commit: Commit) -> None:
        """``commit`` is never called by two threads at a time; it may be called again for what it has failed with."""
        self._commit = commit
        self._turn = Lock()
        self._line: list[_Delivery] = []

    def __call__(self, tenant_id: int, records: Sequence[Record]) -> int:
        """Store records and return how many were new, once they are durable.

        Raises whatever ``commit`` raises for these records alone; those of others are stored.
        """
        mine = _Delivery(tenant_id, records)
        self._line.append(mine)
        try:
            with self._turn:
                while not mine.is_done:
                    self._store(self._next())
        finally:
            self._line.remove(mine)
        if mine.error is not None:
            raise mine.error
        return mine.added or 0

    def _next(self) -> list[_Delivery]:
        """Return who comes first, and who of the same tenant can join."""
        waiting = [each for each in list(self._line) if not each.is_done]
        group, size = waiting[:1], len(waiting[0].records)
        for each in waiting[1:]:
            if each.tenant_id == group[0].tenant_id and size + len(each.records) <= MOST:
                group.append(each)
                size += len(each.records)
        return group

    def _store(self, group: Sequence[_Delivery]) -> None:
        try:
            counts = self._commit(group[0].tenant_id, [each.records for each in group])
        except Exception as error:  # noqa: BLE001 -- whose error it is shows when each is stored alone
            if len(group) == 1:
                group[0].error = error
                return
            for each in group:
                self._store([each])
            return
        for each, count in zip(group, counts, strict=True):
            each.added = count
