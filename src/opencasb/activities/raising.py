"""Raise alerts: store them and mark the activities behind them with the alert and its policies (api §7.5)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final

from opencasb.activities.alert_columns import record

if TYPE_CHECKING:
    import sqlalchemy as sa

    from opencasb.store.activities import Activities
    from opencasb.store.alerts import Alerts
    from opencasb.store.records import Record

MARKED_AT_ONCE: Final = 500


def raise_alerts(
    alerts: Alerts,
    activities: Activities,
    tenant_id: int,
    documents: Sequence[Mapping[str, Any]],  # JSON
) -> int:
    """Store wire-format alerts with new ids, mark the activities in their ``audits`` and return how many were new.

    An activity is marked with the alert and with each of its policies, since it matched them. Everything happens in one
    transaction. Raises :class:`opencasb.activities.invalid.Invalid` for an invalid alert.
    """
    records = [record(document) for document in documents]
    with alerts.writing() as connection:
        added = alerts.add(tenant_id, records, connection=connection)
        for each in records:
            _mark(activities, tenant_id, each, connection)
    return added


def _mark(activities: Activities, tenant_id: int, alert: Record, connection: sa.Connection) -> None:
    audits = alert.document.get("audits", [])
    for start in range(0, len(audits), MARKED_AT_ONCE):
        part = audits[start : start + MARKED_AT_ONCE]
        activities.mark(tenant_id, "alerts", alert.record_id, part, connection=connection)
        for policy in alert.values["policies"]:
            activities.mark(tenant_id, "policies", policy, part, connection=connection)
