"""Compares what was read of a data source with its baseline, and warns when it has changed."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import Final

import msgspec
import sqlalchemy as sa

from opencasb.discovery.drift import Baseline, Change, detect
from opencasb.discovery.line_shape import LineShape
from opencasb.discovery.recognise import candidates
from opencasb.model.stream import Stream
from opencasb.store.governance import GovernanceLog
from opencasb.store.source_shapes import SourceShapes, SourceWarning

TASK: Final = "DiscoverySourceChangedTask"
TEMPLATE: Final = "DISCOVERY_SOURCE_CHANGED"

_LETTER: Final = re.compile(r"[^\W\d_]")
_DIGIT: Final = re.compile(r"\d")
_SURE: Final = 0.5


class DriftWatch(msgspec.Struct, frozen=True):
    """Watches the data sources of all tenants; ``alert`` raises the alert for a warning in the same transaction."""

    shapes: SourceShapes
    governance_log: GovernanceLog
    alert: Callable[[sa.Connection, Stream, SourceWarning], object]

    def observe(self, connection: sa.Connection, stream: Stream, shapes: Sequence[LineShape]) -> list[Change]:
        """Evaluate what was read, in the transaction that counts it, so that it is seen exactly once; return changes.

        Each change produces a warning, a failed task in the governance log, and an alert unless a similar one is open.
        """
        if not shapes or stream.is_snapshot:
            return []
        key = (stream.tenant_id, stream.stream_id)
        baseline = msgspec.convert(self.shapes.lock(connection, *key) or {}, Baseline, strict=False)
        shown = [without_content(shape) for shape in shapes] if is_private(stream) else shapes
        changes = detect(baseline, shown, looks_like)
        self.shapes.keep(connection, *key, msgspec.to_builtins(baseline, str_keys=True))
        for change in changes:
            self._tell(connection, stream, change)
        return changes

    def _tell(self, connection: sa.Connection, stream: Stream, change: Change) -> None:
        told = msgspec.structs.asdict(change)
        warning = self.shapes.warn(connection, stream.tenant_id, stream.stream_id, **told)
        self.governance_log.note(
            connection,
            stream.tenant_id,
            TASK,
            stream_id=stream.stream_id,
            label=stream.display_name,
            template=TEMPLATE,
            parameters={"message": change.text, "kind": change.kind, "warningId": warning.warning_id},
        )
        self.alert(connection, stream, warning)


def is_private(stream: Stream) -> bool:
    """Return whether the contents of lines must not be kept."""
    return stream.anonymize_users or stream.anonymize_machines


def without_content(shape: LineShape) -> LineShape:
    """Return a shape whose samples show only where fields begin and end."""
    return msgspec.structs.replace(
        shape,
        samples=[masked(text) for text in shape.samples],
        rejected_samples=[masked(text) for text in shape.rejected_samples],
    )


def masked(text: str) -> str:
    """Return a line with each letter replaced by x and each digit by 0."""
    return _DIGIT.sub("0", _LETTER.sub("x", text))


def looks_like(lines: Sequence[str]) -> str:
    """Return the source type that the lines look like, or an empty string."""
    best = next(iter(candidates(lines)), None) if lines else None
    return best.source if best is not None and best.confidence > _SURE else ""
