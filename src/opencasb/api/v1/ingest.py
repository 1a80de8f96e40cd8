"""Activities, entities and files from outside: an interface of our own, for upstream pulls them only by its connectors.

The body is NDJSON, a JSON array, or pages as the list calls answer them, of any content type, and may be compressed.
An answer of 200 means that everything it counts as accepted is durable.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any, Final

from opencasb.activities.lines import NotRecords, lines
from opencasb.api.v1.call import Call
from opencasb.api.v1.errors import BadRequest, TooLarge
from opencasb.api.v1.routes import Route
from opencasb.discovery.byte_stream import Damaged
from opencasb.discovery.compression import ExpandsTooMuch, LogError, expand, is_plain

if TYPE_CHECKING:
    from opencasb.activities.ingest import Report
    from opencasb.app import Casb

LARGEST: Final = 32 * 1024 * 1024
"""Bytes of one delivery, also once it is expanded."""


def take_activities(casb: Casb, call: Call) -> dict[str, Any]:  # JSON
    """Store activities."""
    return _taken(casb.ingest.activities, call)


def take_entities(casb: Casb, call: Call) -> dict[str, Any]:  # JSON
    """Store entities."""
    return _taken(casb.ingest.entities, call)


def take_files(casb: Casb, call: Call) -> dict[str, Any]:  # JSON
    """Store files."""
    return _taken(casb.ingest.files, call)


def _taken(take: Callable[[int, Iterable[bytes]], Report], call: Call) -> dict[str, Any]:  # JSON
    try:
        return take(call.tenant_id, lines(_text(call.body))).machine()
    except ExpandsTooMuch:
        raise TooLarge from None
    except (NotRecords, Damaged, LogError) as error:
        raise BadRequest(f"body: {error}") from None


def _text(body: bytes) -> bytes:
    """Return what was delivered, told to be compressed or UTF-16 by its first bytes, as senders may say so or not."""
    return body if is_plain(body[:4]) else b"".join(expand(io.BytesIO(body), LARGEST))


ROUTES: Final = (
    Route("ingest/activities", "ingest.write", {"POST": take_activities}, LARGEST),
    Route("ingest/entities", "ingest.write", {"POST": take_entities}, LARGEST),
    Route("ingest/files", "ingest.write", {"POST": take_files}, LARGEST),
)
