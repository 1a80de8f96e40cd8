"""Splits JSON documents into one record per line: arrays, search responses, objects that span several lines.

Cloud consoles, searches and collectors write records that way (``{"logEvents": [...]}``, ``{"results": [...]}``). A log
with one object per line is not such a document and passes unchanged, as does everything after text that is not JSON.
"""

from __future__ import annotations

import json
import re
from codecs import getincrementaldecoder
from collections.abc import Iterator
from typing import Any, Final

LARGEST_RECORD: Final = 1024 * 1024
"""Longest record in characters; anything longer is a response, whose array is read element by element."""

_LOOKED_AT: Final = 64 * 1024
_DEEPEST: Final = 3
_OPENING: Final = re.compile(r"[\s\ufeff]*(?:\[\s*(?=[{\[\"])|\{\s*(?=[\"}]))")
_BETWEEN: Final = re.compile(r"[\s,\[\]\ufeff]*")
_IN_ANSWER: Final = re.compile(r"[\s,]*")
_LISTS: Final = (
    "logEvents", "events", "records", "Records", "results", "hits", "value", "streams", "values", "entries", "logs",
)  # fmt: skip
"""Members that hold the records of a response."""
_NAMES: Final = frozenset(_LISTS)
_ANSWER: Final = re.compile(rf'"(?:{"|".join(_LISTS)})"\s*:\s*\[\s*(?=\{{)')
_TARGETS: Final = frozenset({"url", "request", "dst", "dstip", "dst_ip", "dest_ip", "destination_ip", "server_ip"})
"""Members by which an object with a list is still a record itself."""
_LINE_ENDS: Final = re.compile(r"[\r\n]+")

_json: Final = json.JSONDecoder(strict=False)


def as_lines(pieces: Iterator[bytes]) -> Iterator[bytes]:
    """Yield a file's pieces, or a JSON document's records, one per line; the first piece decides which."""
    first = next(pieces, b"")
    if _is_document(first[:_LOOKED_AT].decode("utf-8", "replace")):
        yield from _Document(first, pieces).lines()
        return
    if first:
        yield first
    yield from pieces


def _is_document(beginning: str) -> bool:
    opening = _OPENING.match(beginning)
    if opening is None or "[" in opening[0]:
        return opening is not None
    line = beginning.strip("\ufeff \t\r\n").partition("\n")[0]
    try:
        value, end = _json.raw_decode(line)
    except (ValueError, RecursionError):
        return True  # it continues in the next line
    behind = line[end:].lstrip()
    return behind.startswith("{") if behind else next(_records(value), None) is not value


class _Document:
    """A document whose records are being extracted; buffers little more than the largest record."""

    def __init__(self, first: bytes, pieces: Iterator[bytes]) -> None:
        self._pieces = pieces
        self._decoder = getincrementaldecoder("utf-8")("surrogateescape")
        self._text = self._decoder.decode(first)
        self._at = 0
        self._between = _BETWEEN

    def lines(self) -> Iterator[bytes]:
        """Yield the records, one per line."""
        while True:
            found = list(self._complete())
            if found:
                yield _encoded("\n".join(found) + "\n")
            begun = len(self._text) - self._at
            if begun > LARGEST_RECORD and not self._enters_answer():
                break
            more = next(self._pieces, None)
            if more is None:
                break
            self._text, self._at = self._text[self._at :] + self._decoder.decode(more), 0
        if self._at < len(self._text) and not self._ended():
            yield _encoded(self._text[_end(self._between, self._text, self._at) :])
        yield from self._pieces

    def _complete(self) -> Iterator[str]:
        """Yield the records that are complete."""
        while not self._ended():
            begin = _end(self._between, self._text, self._at)
            try:
                value, end = _json.raw_decode(self._text, begin)
            except (ValueError, RecursionError):
                return
            if not isinstance(value, dict | list | str):
                return
            self._at = end
            for record in _records(value):
                is_whole = record is value and not isinstance(value, str)
                text = self._text[begin:end] if is_whole else _written(record)
                yield _LINE_ENDS.sub(" ", text) if "\n" in text or "\r" in text else text

    def _enters_answer(self) -> bool:
        """Move to the first element of the array inside a long object; return False if there is none."""
        found = _ANSWER.search(self._text, self._at)
        if found is None:
            return False
        self._at, self._between = found.end(), _IN_ANSWER
        return True

    def _ended(self) -> bool:
        """Return whether only separators between or after records are left."""
        at = _end(self._between, self._text, self._at)
        return at == len(self._text) or (self._between is _IN_ANSWER and self._text[at] == "]")


def _records(value: Any, deepest: int = _DEEPEST) -> Iterator[Any]:
    """Yield the records in a value, or the value itself if it is a record."""
    held = _held(value) if isinstance(value, dict) and deepest else None
    if held is None:
        yield value
    elif isinstance(held, dict):
        yield from _records(held, deepest - 1)
    else:
        for element in held:
            yield from _records(element, deepest - 1)


def _held(members: dict[str, Any]) -> Any:
    """Return what holds the records of a response, or None if it is a record itself."""
    if _NAMES.isdisjoint(members) or not _TARGETS.isdisjoint(members):
        return None
    for name in _LISTS:
        held = members.get(name)
        if isinstance(held, dict) and name == "hits":
            return held
        if isinstance(held, list) and held and all(isinstance(element, dict | list) for element in held):
            return held
    return None


def _written(record: Any) -> str:
    """Return a record as a line; Loki has pairs of a time (ns) and a line, CloudWatch lists of fields."""
    match record:
        case str():
            return record
        case [str(time), str(line), *_] if time.isdecimal():
            return json.dumps({"timestamp": time[:13], "line": line}, ensure_ascii=False)
        case [{"field": str(), "value": _}, *_]:
            told = {
                field["field"]: field.get("value") for field in record if isinstance(field, dict) and "field" in field
            }
            return json.dumps(told, ensure_ascii=False)
    return json.dumps(record, ensure_ascii=False)


def _end(between: re.Pattern[str], text: str, at: int) -> int:
    found = between.match(text, at)
    return at if found is None else found.end()


def _encoded(text: str) -> bytes:
    try:
        return text.encode("utf-8", "surrogateescape")
    except UnicodeEncodeError:  # a lone surrogate, written as ``\\ud800``
        return text.encode("utf-8", "replace")
