"""Alerts about data sources whose lines have changed: a matter of the product's health (detections §5.19)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    import sqlalchemy as sa

    from opencasb.model.stream import Stream
    from opencasb.store.alerts import Alerts
    from opencasb.store.records import Record
    from opencasb.store.source_shapes import SourceShapes, SourceWarning

TITLE: Final = "Log lines of a data source have changed"
EVIDENCE: Final = "DISCOVERY_SOURCE_CHANGED"
MEDIUM: Final = 1
DISCOVERY: Final = 4
"""The risk category of discovery: who has its rights only sees these alerts."""

_OPEN: Final = 0


@dataclass(frozen=True, slots=True)
class DriftAlerts:
    """Raises alerts; ``to_record`` turns one on the wire into what is stored."""

    alerts: Alerts
    shapes: SourceShapes
    to_record: Callable[[Mapping[str, Any]], Record]

    def tell(self, connection: sa.Connection, stream: Stream, warning: SourceWarning) -> bool:
        """Raise the alert about a warning, whose id it gets, in the transaction of the caller; tells whether it was.

        It is not while another one is open about a change of the same kind in the same source.
        """
        earlier = self.shapes.ids(connection, stream.tenant_id, stream.stream_id, warning.kind)
        known = self.alerts.many(stream.tenant_id, earlier, connection=connection)
        if any(alert["resolutionStatusValue"] == _OPEN for alert in known.values()):
            return False
        record = self.to_record(_alert(stream, warning))
        return self.alerts.add(stream.tenant_id, [record], connection=connection) == 1


def _alert(stream: Stream, warning: SourceWarning) -> dict[str, Any]:  # JSON
    """Return the alert as it is on the wire (api §8.3); without lines, for not everybody who sees it may see those."""
    told = {"kind": warning.kind, "message": warning.text, "warningId": warning.warning_id}
    return {
        "_id": warning.warning_id,
        "timestamp": warning.raised,
        "title": TITLE,
        "description": f"The log lines of the data source have changed: {warning.text}.",
        "entities": [{"type": "discovery_stream", "id": stream.stream_id, "label": stream.display_name}],
        "severityValue": MEDIUM,
        "stories": [DISCOVERY],
        "evidence": [{"title": {"template": EVIDENCE, "parameters": told}}],
        "isSystemAlert": True,
    }
