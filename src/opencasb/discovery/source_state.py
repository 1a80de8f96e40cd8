"""The state of a data source: what it is bound to, what it received, and whether its lines have changed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec

from opencasb.discovery.drift import LEARNED, Baseline
from opencasb.model.stream import Stream
from opencasb.store.source_shapes import SourceWarning
from opencasb.store.stores import Stores


def source_state(stores: Stores, stream: Stream) -> dict[str, Any]:  # JSON
    """Return the state as JSON, without the binding's secrets. Times are ms since the epoch UTC."""
    key = (stream.tenant_id, stream.stream_id)
    binding, taken = stores.bindings.get(*key), stores.receiver_counters.get(*key)
    return {
        "id": stream.stream_id,
        "name": stream.display_name,
        "source_type": stream.source,
        "parser": stream.parser,
        "comment": stream.comment,
        "timezone": stream.timezone,
        "anonymize_users": stream.anonymize_users,
        "anonymize_machines": stream.anonymize_machines,
        "receiver": stream.receiver or "upload",
        "port": stream.port,
        "folder": stream.folder,
        "sender": binding.sender,
        "host_name": binding.host_name,
        "app_name": binding.app_name,
        "login": binding.login,
        "has_password": bool(binding.password_hash),
        "public_keys": len(binding.public_keys.splitlines()),
        "url": binding.url,
        "log_files": stream.log_files,
        "failed_log_files": stream.failed_log_files,
        "lines": taken.lines,
        "bytes": taken.bytes,
        "drops": taken.drops,
        "errors": taken.errors,
        "last_seen": taken.last_seen,
        "last_error": taken.last_error,
        "usual_lines": usual_lines(stores.source_shapes.known(*key)),
        "warnings": [warning_record(each) for each in stores.source_shapes.warnings(*key)],
    }


def usual_lines(known: Mapping[str, Any] | None) -> dict[str, Any] | None:  # JSON
    """Return the baseline of a source's lines, or None while it is unknown."""
    found = msgspec.convert(known or {}, Baseline, strict=False)
    usual = found.usual
    if usual.lines < LEARNED:
        return None
    return {
        "lines": usual.lines,
        "format": found.format,
        "rejected_share": round(usual.rejected_share, 4),
        "filled_shares": {name: round(usual.filled_share(name), 4) for name in sorted(usual.filled)},
        "separators": {
            name: {str(number): count for number, count in sorted(counts.items())}
            for name, counts in usual.separators.items()
        },
    }


def warning_record(warning: SourceWarning) -> dict[str, Any]:  # JSON
    """Return a warning as JSON."""
    record = msgspec.structs.asdict(warning)
    return {"id": record.pop("warning_id"), **{name: value for name, value in record.items() if name != "tenant_id"}}
