"""Push ingest of activities, entities and files: our own interface, as upstream only pulls them through connectors.

The body is NDJSON, a JSON array, or pages as the list calls return them, of any content type, optionally compressed. A
200 means that everything it counts as accepted is durable.
"""

from __future__ import annotations

import io
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from typing import TYPE_CHECKING, Any, Final

from opencasb.activities.lines import NotRecords, lines
from opencasb.api.v1.call import Call
from opencasb.api.v1.errors import BadRequest, TooLarge
from opencasb.api.v1.routes import Route
from opencasb.api.v1.together import attempted, settled
from opencasb.discovery.byte_stream import Damaged
from opencasb.discovery.compression import ExpandsTooMuch, LogError, expand, is_plain

if TYPE_CHECKING:
    from opencasb.activities.ingest import Report
    from opencasb.app import Casb

LARGEST: Final = 32 * 1024 * 1024
"""Maximum size of one delivery in bytes, before and after decompression."""


def take(casb: Casb, call: Call, *, kind: str) -> dict[str, Any]:  # JSON
    """Ingest activities, entities or files, and return a summary of the outcome."""
    with _refusing():
        report: Report = getattr(casb.ingest, kind)(call.tenant_id, lines(_text(call.body)))
    return report.machine()


def take_together(casb: Casb, calls: Sequence[Call]) -> list[dict[str, Any] | Exception]:  # JSON
    """Ingest small deliveries of activities by one caller; each has a summary or an error of its own."""
    read = attempted(_records, calls)
    stored = settled(partial(casb.ingest.activities_together, calls[0].tenant_id), read)
    return [each if isinstance(each, Exception) else each.machine() for each in stored]


def _records(call: Call) -> Sequence[bytes]:
    with _refusing():
        return list(lines(_text(call.body)))


@contextmanager
def _refusing() -> Iterator[None]:
    """Refuse a body that cannot be read."""
    try:
        yield
    except ExpandsTooMuch:
        raise TooLarge from None
    except (NotRecords, Damaged, LogError) as error:
        raise BadRequest(f"body: {error}") from None


def _text(body: bytes) -> bytes:
    """Return the decompressed body; compression and UTF-16 are sniffed, as senders do not reliably declare them."""
    return body if is_plain(body[:4]) else b"".join(expand(io.BytesIO(body), LARGEST))


ROUTES: Final = tuple(
    Route(f"ingest/{kind}", "ingest.write", {"POST": partial(take, kind=kind)}, LARGEST, together=together)
    for kind, together in (("activities", take_together), ("entities", None), ("files", None))
)
