"""Split a delivery into records: NDJSON, a JSON array, or pages as returned by the list calls.

A record that is too long is truncated just past the limit, so that a delivery of one endless line cannot exhaust
memory.
"""

from __future__ import annotations

import re
from codecs import BOM_UTF8
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from mmap import mmap
from typing import Final

import msgspec

from opencasb.activities.brackets import Unbalanced, elements, length, members

LONGEST: Final = 4 * 1024 * 1024
"""Maximum size of a record, in bytes."""

_SOMETHING: Final = re.compile(rb"\S")
_LINE_FEED: Final = re.compile(rb"\n")
_TEXT: Final = re.compile(rb"[ -~]|$")
"""First bytes of JSON, or of broken lines of it; any other byte indicates a compression that we do not support."""
_BROKEN: Final = (msgspec.MsgspecError, ValueError, RecursionError)

_Part = msgspec.Raw | memoryview


class NotRecords(ValueError):
    """The delivery begins like a JSON array but is not one, or is not text, so its records cannot be separated."""


def lines(delivered: bytes | mmap) -> Iterator[bytes]:
    """Yield the bytes of each record: the lines of NDJSON, blank ones included, or the elements of an array.

    An object with the key ``data`` is a page that holds records, so an export can be imported as is. Several pages may
    follow one another, as may objects spread over several lines. Raises :class:`NotRecords` before the first record.
    """
    start = len(BOM_UTF8) if delivered[: len(BOM_UTF8)] == BOM_UTF8 else 0
    view = memoryview(delivered)[start:]
    if not _TEXT.match(_first(view)):
        raise NotRecords("this is neither text nor gzip, zlib, bzip2, xz, zstd or zip")
    found = _elements(view)
    if found is not None:
        yield from map(_cut, found)
    elif _is_spread(view):
        yield from _documents(delivered, start)
    else:
        yield from _split(delivered, start)


def _cut(record: _Part) -> bytes:
    return bytes(memoryview(record)[: LONGEST + 1])


def _elements(view: memoryview) -> Sequence[_Part] | None:
    """Return the elements of an array or page, a sole record, or None for NDJSON."""
    begins = _first(view)
    if begins == b"[":
        return _array(view)
    with suppress(Unbalanced, NotRecords):
        return _page(view) if begins == b"{" else None
    return None


def _array(view: _Part) -> Sequence[_Part]:
    with suppress(*_BROKEN):
        return msgspec.json.decode(view, type=list[msgspec.Raw])
    # One element that the parser rejects must not lose the others.
    try:
        return elements(memoryview(view))
    except Unbalanced as error:
        raise NotRecords(f"this begins like a JSON array but is not one: {error}") from None


def _page(view: memoryview) -> Sequence[_Part]:
    """Return the records of a page, or the sole record. Raises :class:`Unbalanced` if another object follows."""
    data = _data(view)
    return [view] if data is None else _array(data)


def _data(view: memoryview) -> _Part | None:
    """Return the ``data`` array of a page, or None if this is not a page."""
    page: Mapping[str, _Part]
    try:
        page = msgspec.json.decode(view, type=dict[str, msgspec.Raw])
    except _BROKEN:
        page = members(view)
    data = page.get("data", memoryview(b""))
    return data if _first(data) == b"[" else None


def _is_spread(view: memoryview) -> bool:
    """Return whether the delivery is not line by line: its first object is a page, spans lines, or shares its line.

    The latter happens because ``curl -d`` strips line ends.
    """
    if _first(view) != b"{":
        return False
    try:
        end = length(view)
        first, behind = view[:end], bytes(view[end : end + 1])
        if _LINE_FEED.search(first.tobytes().lstrip()):
            msgspec.json.decode(first)  # or a broken line would swallow those after it
            return True
        return behind == b"{" or _data(first) is not None
    except (Unbalanced, *_BROKEN):
        return False


def _documents(delivered: bytes | mmap, start: int) -> Iterator[bytes]:
    """Yield the records of consecutive objects and pages; where these end, fall back to lines."""
    view = memoryview(delivered)
    while match := _SOMETHING.search(view, start):
        start = match.start()
        try:
            end = start + length(view[start:]) if match[0] == b"{" else start
            found = _page(view[start:end]) if end > start else ()
        except Unbalanced:
            end, found = start, ()
        if end == start:
            yield from _pages_in_lines(delivered, start)
            return
        yield from map(_cut, found)
        start = end


def _pages_in_lines(delivered: bytes | mmap, start: int) -> Iterator[bytes]:
    """Yield lines, and the records of lines that are pages, so that a truncated page affects no other line."""
    while start < len(delivered):
        end = delivered.find(b"\n", start)
        end = len(delivered) if end < 0 else end
        line = memoryview(delivered)[start:end]
        try:
            found = _page(line) if _first(line) == b"{" else [line]
        except (Unbalanced, NotRecords):
            found = [line]
        yield from map(_cut, found)
        start = end + 1


def _first(view: _Part) -> bytes:
    return bytes(memoryview(view)[:4096]).lstrip()[:1]


def _split(delivered: bytes | mmap, start: int) -> Iterator[bytes]:
    while start < len(delivered):
        end = delivered.find(b"\n", start)
        end = len(delivered) if end < 0 else end
        yield delivered[start : min(end, start + LONGEST + 1)]
        start = end + 1
