"""Activities, entities and files from outside: an interface of our own, for upstream pulls them only by its connectors.

The body is NDJSON, a JSON array, or pages as the list calls answer them, of any content type, and may be compressed.
An answer of 200 means that everything it counts as accepted is durable.
"""

from __future__ import annotations

import io
from functools import partial
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


def take(casb: Casb, call: Call, *, kind: str) -> dict[str, Any]:  # JSON
    """Store activities, entities or files, and answer what became of their lines."""
    try:
        report: Report = getattr(casb.ingest, kind)(call.tenant_id, lines(_text(call.body)))
    except ExpandsTooMuch:
        raise TooLarge from None
    except (NotRecords, Damaged, LogError) as error:
        raise BadRequest(f"body: {error}") from None
    return report.machine()


def _text(body: bytes) -> bytes:
    """Return what was delivered, told to be compressed or UTF-16 by its first bytes, as senders may say so or not."""
    return body if is_plain(body[:4]) else b"".join(expand(io.BytesIO(body), LARGEST))


ROUTES: Final = tuple(
    Route(f"ingest/{kind}", "ingest.write", {"POST": partial(take, kind=kind)}, LARGEST)
    for kind in ("activities", "entities", "files")
)
