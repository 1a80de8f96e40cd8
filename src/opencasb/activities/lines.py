"""Cutting what was delivered into records: NDJSON, a JSON array, or a page as the list calls answer it.

A record that is too long is cut off right behind the limit, so that a delivery of one endless line fills no memory.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from mmap import mmap
from typing import Final

import msgspec

from opencasb.activities.brackets import Unbalanced, elements, members

LONGEST: Final = 1024 * 1024
"""Bytes of a record."""

_BOM: Final = b"\xef\xbb\xbf"
_BROKEN: Final = (msgspec.MsgspecError, ValueError, RecursionError)

_Part = msgspec.Raw | memoryview


class NotRecords(ValueError):
    """The delivery begins as a JSON array and is none, so nothing in it can be told apart."""


def lines(delivered: bytes | mmap) -> Iterator[bytes]:
    """Yield the bytes of each record: the lines of NDJSON, blank ones too, or the elements of the array.

    An object with the key ``data`` is a page, whose records are there; so an export imports as it is. Raises
    :class:`NotRecords` before the first record.
    """
    start = len(_BOM) if delivered[: len(_BOM)] == _BOM else 0
    found = _elements(memoryview(delivered)[start:])
    if found is None:
        yield from _split(delivered, start)
    else:
        for element in found:
            yield bytes(memoryview(element)[: LONGEST + 1])


def _elements(view: memoryview) -> Sequence[_Part] | None:
    """Return the elements of an array or page, the one record if there is nothing else, or None for NDJSON."""
    begins = _first(view)
    if begins == b"[":
        return _array(view)
    with suppress(Unbalanced, NotRecords):
        return _page(view) if begins == b"{" else None
    return None


def _array(view: _Part) -> Sequence[_Part]:
    with suppress(*_BROKEN):
        return msgspec.json.decode(view, type=list[msgspec.Raw])
    # One element that the parser does not take is no reason to lose the others.
    try:
        return elements(memoryview(view))
    except Unbalanced as error:
        raise NotRecords(f"this begins as a JSON array and is none: {error}") from None


def _page(view: memoryview) -> Sequence[_Part]:
    """Return the records of a page, or the one record. Raises :class:`Unbalanced` where another one follows it."""
    page: Mapping[str, _Part]
    try:
        page = msgspec.json.decode(view, type=dict[str, msgspec.Raw])
    except _BROKEN:
        page = members(view)
    data = page.get("data", memoryview(b""))
    return _array(data) if _first(data) == b"[" else [view]


def _first(view: _Part) -> bytes:
    return bytes(memoryview(view)[:4096]).lstrip()[:1]


def _split(delivered: bytes | mmap, start: int) -> Iterator[bytes]:
    while start < len(delivered):
        end = delivered.find(b"\n", start)
        end = len(delivered) if end < 0 else end
        yield delivered[start : min(end, start + LONGEST + 1)]
        start = end + 1
