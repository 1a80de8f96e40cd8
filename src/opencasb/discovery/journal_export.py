"""Turns the entries of systemd's journal export format into lines as a syslog relay would have written them.

``journalctl -o export`` and ``systemd-journal-upload`` write one field per line, and an empty line after each entry. A
value with control characters stands below its name, after its length in eight bytes. What ``journalctl -o verbose``
prints is rewritten so first.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from itertools import chain
from typing import Final

from opencasb.discovery.journal_verbose import VERBOSE, as_export

LARGEST_VALUE: Final = 2 * 1024 * 1024
"""Bytes kept of a value; a message that long is rejected as a line anyway, and core dumps are far longer."""

_BEGINS: Final = re.compile(rb"__(?:CURSOR|SEQNUM|REALTIME_TIMESTAMP|MONOTONIC_TIMESTAMP)=")
_WANTED: Final = (b"MESSAGE", b"__REALTIME_TIMESTAMP", b"_HOSTNAME", b"SYSLOG_IDENTIFIER", b"SYSLOG_PID", b"_PID")
_OTHERS: Final = rb"(?:(?!(?:%s)=)[A-Z0-9_]{1,64}=[^\n]*\n)*+" % b"|".join(_WANTED)
_FIELD: Final = re.compile(_OTHERS + rb"(?:([A-Z0-9_]{1,64})(?:=([^\n]*))?|([^\n]+))?\n")
_LENGTH: Final = 8
_TAG: Final = re.compile(rb"[!-~]{1,64}")


def as_messages(pieces: Iterator[bytes]) -> Iterator[bytes]:
    """Yield a file's pieces, or a journal export's entries, one per line; the first piece decides which.

    An entry without a message is an empty line, and a line that is no field stays a line.
    """
    first = next(pieces, b"")
    all_pieces = chain([first] if first else [], pieces)
    is_verbose = VERBOSE.match(first) is not None
    if not is_verbose and not _BEGINS.match(first):
        yield from all_pieces
        return
    export = _Export()
    for piece in as_export(all_pieces) if is_verbose else all_pieces:
        yield export.feed(piece)
    yield export.finish()


class _Export:
    """An export that is being read; buffers little more than the largest value."""

    def __init__(self) -> None:
        self._rest = b""
        self._to_skip = 0
        self._fields: dict[bytes, bytes] = {}

    def feed(self, piece: bytes) -> bytes:
        """Take the next bytes and return the lines of the entries that are now complete."""
        skipped = min(self._to_skip, len(piece))
        self._to_skip -= skipped
        data = self._rest + piece[skipped:]
        lines: list[bytes] = []
        at = 0
        while (found := _FIELD.match(data, at)) is not None:
            name, value, strange = found.groups()
            end = found.end()
            if strange is not None:
                lines.append(strange + b"\n")
            elif name is None:
                lines.append(self._line())
            elif value is not None:
                self._note(name, value)
            else:
                length = int.from_bytes(data[end : end + _LENGTH], "little")
                begin, kept = end + _LENGTH, min(length, LARGEST_VALUE)
                if len(data) < begin + kept + (kept == length):
                    break
                self._note(name, data[begin : begin + kept])
                end = begin + length + 1
            at = end
        self._to_skip += max(at - len(data), 0)
        self._rest = data[at:]
        if len(self._rest) > 2 * LARGEST_VALUE:  # a line without an end
            lines.append(self._rest)
            self._rest = b""
        return b"".join(lines)

    def finish(self) -> bytes:
        """Return the lines of what is left."""
        return self.feed(b"\n\n") + self._line()

    def _note(self, name: bytes, value: bytes) -> None:
        if name in _WANTED:
            self._fields[name] = value

    def _line(self) -> bytes:
        """Return the entry that ends here, if any, as a line."""
        told, self._fields = self._fields, {}
        if not told:
            return b""
        message = b" ".join(told.get(b"MESSAGE", b"").split(b"\n")).replace(b"\r", b" ").strip()
        if not message:
            return b"\n"
        host, tag = told.get(b"_HOSTNAME", b"-"), told.get(b"SYSLOG_IDENTIFIER", b"")
        process = told.get(b"SYSLOG_PID") or told.get(b"_PID")
        named = tag + (b"[" + process + b"]" if process else b"") + b": " if _TAG.fullmatch(tag) else b""
        return b" ".join((_time(told.get(b"__REALTIME_TIMESTAMP", b"")), host, named + message)) + b"\n"


def _time(microseconds: bytes) -> bytes:
    try:
        moment = datetime.fromtimestamp(int(microseconds) / 1_000_000, UTC)
    except (ValueError, OverflowError, OSError):
        return b"-"
    return moment.isoformat(timespec="microseconds").encode()
