"""Raising alerts: they are stored, and the activities they are about lead to them (api §7.5, §8.3)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final

from opencasb.activities.alert_columns import record

if TYPE_CHECKING:
    from opencasb.store.activities import Activities
    from opencasb.store.alerts import Alerts

MARKED_AT_ONCE: Final = 500


def raise_alerts(
    alerts: Alerts,
    activities: Activities,
    tenant_id: int,
    documents: Sequence[Mapping[str, Any]],  # JSON
) -> int:
    """Store wire alerts whose ids are new and mark the activities in their ``audits``; returns how many were new.

    All in one transaction. Raises :class:`opencasb.activities.invalid.Invalid` for an alert that cannot be taken.
    """
    records = [record(document) for document in documents]
    with alerts.writing() as connection:
        added = alerts.add(tenant_id, records, connection=connection)
        for each in records:
            audits = each.document.get("audits", [])
            for start in range(0, len(audits), MARKED_AT_ONCE):
                part = audits[start : start + MARKED_AT_ONCE]
                activities.mark(tenant_id, "alerts", each.record_id, part, connection=connection)
    return added
