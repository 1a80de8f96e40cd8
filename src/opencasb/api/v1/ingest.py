"""Push ingest of activities, entities and files: our own interface, as upstream only pulls them through connectors.

The body is NDJSON, a JSON array, or pages as the list calls return them, of any content type, optionally compressed. A
200 means that everything it counts as accepted is durable.
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
"""Maximum size of one delivery in bytes, before and after decompression."""


def take(casb: Casb, call: Call, *, kind: str) -> dict[str, Any]:  # JSON
    """Ingest activities, entities or files, and return a summary of the outcome."""
    try:
        report: Report = getattr(casb.ingest, kind)(call.tenant_id, lines(_text(call.body)))
    except ExpandsTooMuch:
        raise TooLarge from None
    except (NotRecords, Damaged, LogError) as error:
        raise BadRequest(f"body: {error}") from None
    return report.machine()


def _text(body: bytes) -> bytes:
    """Return the decompressed body; compression and UTF-16 are sniffed, as senders do not reliably declare them."""
    return body if is_plain(body[:4]) else b"".join(expand(io.BytesIO(body), LARGEST))


ROUTES: Final = tuple(
    Route(f"ingest/{kind}", "ingest.write", {"POST": partial(take, kind=kind)}, LARGEST)
    for kind in ("activities", "entities", "files")
)
