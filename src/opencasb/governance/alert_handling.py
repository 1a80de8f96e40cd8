"""Close, reopen and mark alerts, with one transaction per call (api §8.6, §8.7).

A call reads, changes and writes in one transaction that blocks other writers of the tenant's alerts, so if two people
close the same alert alike, only one of them has closed it. Every alert closed produces an activity of the product
itself.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import msgspec

from opencasb.activities import alert_columns, columns
from opencasb.filters.field import RECORD_ID
from opencasb.filters.tree import EVERYTHING, AllOf, Node, OneOf
from opencasb.governance.closing import Closing, closed, marked, reopened
from opencasb.governance.closing_activity import activity_of
from opencasb.store.audit_log import record as note
from opencasb.store.database import new_id
from opencasb.store.sequences import lock

if TYPE_CHECKING:
    import sqlalchemy as sa

    from opencasb.store.records import Records, Row

BATCH: Final = 500
"""Alerts changed per statement; a call may change any number."""

Change = Callable[[Mapping[str, Any]], dict[str, Any] | None]
"""Maps an alert to its changed form, or None to leave it."""


@dataclass(frozen=True, slots=True)
class Chosen:
    """The alerts of a call: those that match ``where`` within ``scope``, the caller's own.

    ``asked`` are ids that the caller named; those without an alert in the scope are reported back.
    """

    where: Node
    scope: Node = EVERYTHING
    asked: tuple[str, ...] = ()

    @classmethod
    def one(cls, alert_id: str, scope: Node) -> Chosen:
        """Return the selection of a single alert."""
        return cls(OneOf(RECORD_ID, (alert_id,)), scope, (alert_id,))


@dataclass(frozen=True, slots=True)
class Outcome:
    """How many alerts a call changed, and which of the requested ids were not found."""

    changed: int
    missing: tuple[str, ...]


class AlertHandling:
    """Changes the handling state of alerts."""

    def __init__(
        self,
        alerts: Records,
        activities: Records,
        clock: Callable[[], int],
        directory: Callable[[int], str | None] = lambda _: None,
    ) -> None:
        """Take the stores; ``directory`` returns the guid of a tenant."""
        self._alerts = alerts
        self._activities = activities
        self._clock = clock
        self._directory = directory

    def close(self, tenant_id: int, chosen: Chosen, closing: Closing, *, by: str) -> Outcome:
        """Close alerts; those that already have the verdict stay unchanged and are not counted."""
        now, call_id, directory, changed = self._clock(), new_id(), self._directory(tenant_id), 0
        with self._alerts.writing() as connection:
            for alerts in self._changed(connection, tenant_id, chosen, lambda alert: closed(alert, closing, by, now)):
                changed += len(alerts)
                made = [
                    activity_of(alert, closing, tenant_id, call_id=call_id, by=by, now=now, directory=directory)
                    for alert in alerts
                ]
                self._activities.add(tenant_id, [columns.to_record(each) for each in made], connection=connection)
            return Outcome(changed, self._missing(connection, tenant_id, chosen))

    def reopen(self, tenant_id: int, chosen: Chosen, *, by: str) -> Outcome:
        """Reopen closed alerts; open ones are not counted. Recorded in the audit log."""
        changed = 0
        with self._alerts.writing() as connection:
            for alerts in self._changed(connection, tenant_id, chosen, reopened):
                changed += len(alerts)
                for alert in alerts:
                    note(connection, tenant_id, self._clock(), "alert.reopen", by=by, target=alert["_id"])
            return Outcome(changed, self._missing(connection, tenant_id, chosen))

    def mark(self, tenant_id: int, chosen: Chosen, *, read: bool) -> Outcome:
        """Mark alerts as read or unread."""
        with self._alerts.writing() as connection:
            changes = self._changed(connection, tenant_id, chosen, lambda alert: marked(alert, read=read))
            return Outcome(sum(map(len, changes)), self._missing(connection, tenant_id, chosen))

    def _changed(
        self, connection: sa.Connection, tenant_id: int, chosen: Chosen, change: Change
    ) -> Iterator[list[dict[str, Any]]]:  # wire documents
        """Apply ``change`` to the chosen alerts and yield those that changed, in batches of up to :data:`BATCH`."""
        lock(connection, tenant_id, self._alerts.kind.name)
        for rows in self._pages(connection, tenant_id, AllOf((chosen.scope, chosen.where))):
            made = [after for row in rows if (after := change(msgspec.json.decode(row.document))) is not None]
            self._alerts.put(tenant_id, [alert_columns.record(each) for each in made], connection=connection)
            yield made

    def _pages(self, connection: sa.Connection, tenant_id: int, where: Node) -> Iterator[list[Row]]:
        """Yield the records matching ``where``; changes made between two pages must not alter the time."""
        after: tuple[int, str] | None = None
        while True:
            rows = self._alerts.page(
                tenant_id, where, order="timestamp", ascending=True, limit=BATCH, after=after, connection=connection
            )
            if rows:
                yield rows
            if len(rows) < BATCH:
                return
            after = (rows[-1].key, rows[-1].record_id)

    def _missing(self, connection: sa.Connection, tenant_id: int, chosen: Chosen) -> tuple[str, ...]:
        where = AllOf((chosen.scope, OneOf(RECORD_ID, chosen.asked)))
        found = {row.record_id for rows in self._pages(connection, tenant_id, where) for row in rows}
        return tuple(each for each in chosen.asked if each not in found)
