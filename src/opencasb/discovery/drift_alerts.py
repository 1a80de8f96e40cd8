"""Raises alerts about data sources whose lines have changed: system health alerts (detections §5.19)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

import sqlalchemy as sa

from opencasb.discovery.drift_watch import TEMPLATE
from opencasb.model.stream import Stream
from opencasb.store.alerts import Alerts
from opencasb.store.records import Record
from opencasb.store.source_shapes import SourceShapes, SourceWarning

TITLE: Final = "Log lines of a data source have changed"
MEDIUM: Final = 1
DISCOVERY: Final = 4
"""The risk category of discovery: users with discovery rights only see these alerts."""

_OPEN: Final = 0


@dataclass(frozen=True, slots=True)
class DriftAlerts:
    """The alerts about the data sources of all tenants; ``to_record`` converts one in wire form to a stored record."""

    shapes: SourceShapes
    alerts: Alerts
    to_record: Callable[[Mapping[str, Any]], Record]

    def add(self, connection: sa.Connection, stream: Stream, warning: SourceWarning) -> bool:
        """Raise the alert for a warning, with the same id, in the caller's transaction; tell whether it was raised.

        It is not raised while another alert is open about a change of the same kind in the same source.
        """
        earlier = self.shapes.ids(connection, stream.tenant_id, stream.stream_id, warning.kind)
        known = self.alerts.many(stream.tenant_id, earlier, connection=connection)
        if any(alert["resolutionStatusValue"] == _OPEN for alert in known.values()):
            return False
        record = self.to_record(_alert(stream, warning))
        return self.alerts.add(stream.tenant_id, [record], connection=connection) == 1


def _alert(stream: Stream, warning: SourceWarning) -> dict[str, Any]:  # JSON
    """Return the alert in wire form (api §8.3), without lines, since not everybody who sees it may see those."""
    told = {"kind": warning.kind, "message": warning.text, "warningId": warning.warning_id}
    return {
        "_id": warning.warning_id,
        "timestamp": warning.raised,
        "title": TITLE,
        "description": f"The log lines of the data source have changed: {warning.text}.",
        "entities": [{"type": "discovery_stream", "id": stream.stream_id, "label": stream.display_name}],
        "severityValue": MEDIUM,
        "stories": [DISCOVERY],
        "evidence": [{"title": {"template": TEMPLATE, "parameters": told}}],
        "isSystemAlert": True,
    }
