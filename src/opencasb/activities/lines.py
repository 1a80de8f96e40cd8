"""Cutting what was delivered into records: NDJSON, a JSON array, or a page as the list calls answer it.

A record that is too long is cut off right behind the limit, so that a delivery of one endless line fills no memory.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import suppress
from mmap import mmap
from typing import Final

import msgspec

LONGEST: Final = 1024 * 1024
"""Bytes of a record."""

_BOM: Final = b"\xef\xbb\xbf"
_BROKEN: Final = (msgspec.MsgspecError, ValueError, RecursionError)


class NotRecords(ValueError):
    """The delivery begins as a JSON array and is none, so nothing in it can be told apart."""


def lines(delivered: bytes | mmap) -> Iterator[bytes]:
    """Yield the bytes of each record: the lines of NDJSON, blank ones too, or the elements of the array.

    An object with the key ``data`` is a page, whose records are there; so an export imports as it is. Raises
    :class:`NotRecords` before the first record.
    """
    start = len(_BOM) if delivered[: len(_BOM)] == _BOM else 0
    elements = _elements(memoryview(delivered)[start:])
    if elements is None:
        yield from _split(delivered, start)
    else:
        for element in elements:
            yield bytes(memoryview(element)[: LONGEST + 1])


def _elements(view: memoryview) -> Sequence[msgspec.Raw | memoryview] | None:
    """Return the elements of an array or page, the one record if there is nothing else, or None for NDJSON."""
    match bytes(view[:4096]).lstrip()[:1]:
        case b"[":
            try:
                return msgspec.json.decode(view, type=list[msgspec.Raw])
            except _BROKEN as error:
                raise NotRecords(f"this begins as a JSON array and is none: {error}") from None
        case b"{":
            # Ends right behind the first record of NDJSON, which is followed by another one.
            with suppress(*_BROKEN):
                page = msgspec.json.decode(view, type=dict[str, msgspec.Raw])
                with suppress(*_BROKEN):
                    return msgspec.json.decode(page["data"], type=list[msgspec.Raw]) if "data" in page else [view]
    return None


def _split(delivered: bytes | mmap, start: int) -> Iterator[bytes]:
    while start < len(delivered):
        end = delivered.find(b"\n", start)
        end = len(delivered) if end < 0 else end
        yield delivered[start : min(end, start + LONGEST + 1)]
        start = end + 1
