"""Splits the bytes of a connection into messages, one line each (RFC 6587).

A message is octet-counted (``17 <134>…``, §3.4.1, and RFC 5425 over TLS) or ends with a line feed or a NUL (§3.4.2);
senders may switch from message to message. Line ends inside a counted message become blanks, so that one message is one
line. A count precedes a priority, CEF or LEEF; it precedes other text only on a connection that begins with such
counts, since a line may also begin with a number.
"""

from __future__ import annotations

import re
from typing import Final

MAX_MESSAGE_BYTES: Final = 1024 * 1024
"""Longer messages are truncated here; the rest is not read as another message."""

_START: Final = rb"(?=<\d{1,3}>|CEF:|LEEF:)"
_COUNT: Final = re.compile(rb"([1-9]\d{0,8}) " + _START)
_STARTED: Final = re.compile(_START)
_BEFORE_START: Final = re.compile(rb"\n" + _START)
_ANY_COUNT: Final = re.compile(rb"([1-9]\d{0,8}) ")
_DIGITS: Final = re.compile(rb"[1-9]\d{0,8}")
_AFTER_COUNTED: Final = b"123456789<CL\r\n\0"
"""What may follow the text of a correct count."""
_MOST_AT_FIRST: Final = MAX_MESSAGE_BYTES // 4
"""Largest count that decides about a connection: a larger one would mean waiting for that much."""
_LATER_COUNT: Final = re.compile(rb"[\n\0][1-9]\d{0,8} [<CL]")
_END: Final = re.compile(rb"[\n\0]")
_NUL: Final = re.compile(rb"\0\n?")
_LONGEST_START: Final = 20
"""Bytes that decide what a message is: more than a count and what it precedes."""


class Framer:
    """Splits the bytes of one connection into lines."""

    def __init__(self) -> None:
        self._rest = b""
        self._octets_to_skip = 0
        self._line_to_skip = False
        self._counts_any: bool | None = None
        """Whether counts precede any text; None while undecided."""
        self._is_in_line = False
        """Whether the rest is the beginning of a line, so that only a line end matters."""

    def feed(self, data: bytes) -> bytes:
        """Take the next bytes and return the lines that are now complete."""
        wanted = self._wanted(data)
        buffer = self._rest + wanted
        if self._is_in_line and len(buffer) < MAX_MESSAGE_BYTES and not _END.search(wanted):
            self._rest = buffer  # a hostile sender may send a long line byte by byte
            return b""
        self._is_in_line = False
        if self._counts_any is None:
            self._counts_any = is_counted(buffer)
        sure = _COUNT.match(buffer)
        if self._counts_any is None and not sure:
            self._rest = buffer
            return b""
        if sure or self._counts_any or _LATER_COUNT.search(buffer):
            return self._frames(buffer)
        return self._lines(buffer)

    @property
    def held(self) -> int:
        """How many bytes are buffered until their message is complete."""
        return len(self._rest)

    @property
    def has_rest(self) -> bool:
        """Whether the beginning of a message is buffered."""
        return bool(one_line(self._rest))

    def finish(self) -> bytes:
        """Return the last line of a closed connection, even without a line end, but not part of a counted message."""
        rest, self._rest = self._rest, b""
        counted = self._count_at(rest, 0)
        is_part = counted and (counted.re is _COUNT or not _END.search(rest))
        return b"" if is_part or (self._counts_any and _DIGITS.fullmatch(rest)) else one_line(rest)

    def _wanted(self, data: bytes) -> bytes:
        """Drop what belongs to a message that was too long."""
        if self._octets_to_skip:
            skipped = min(self._octets_to_skip, len(data))
            self._octets_to_skip -= skipped
            data = data[skipped:]
        if self._line_to_skip and data:
            end = _END.search(data)
            self._line_to_skip = end is None
            data = data[end.end() :] if end else b""
        return data

    def _lines(self, buffer: bytes) -> bytes:
        """Read a buffer without counts, the common case."""
        if b"\0" in buffer:
            buffer = _NUL.sub(b"\n", buffer)
        complete, separator, rest = buffer.rpartition(b"\n")
        self._is_in_line = len(rest) > _LONGEST_START
        return complete + separator + self._kept(rest)

    def _count_at(self, buffer: bytes, position: int) -> re.Match[bytes] | None:
        """Return the count at this position, if any."""
        sure = _COUNT.match(buffer, position)
        found = sure or (_ANY_COUNT.match(buffer, position) if self._counts_any else None)
        if found is None or sure:
            return sure
        end = found.end() + int(found[1])
        return found if int(found[1]) <= MAX_MESSAGE_BYTES and buffer[end : end + 1] in _AFTER_COUNTED else None

    def _frames(self, buffer: bytes) -> bytes:
        lines: list[bytes] = []
        position = 0
        while position < len(buffer):
            counted = self._count_at(buffer, position)
            if counted:
                length = int(counted[1])
                end = counted.end() + min(length, MAX_MESSAGE_BYTES)
                if len(buffer) < end:
                    break
                lines.append(one_line(buffer[counted.end() : end]))
                position = counted.end() + length
                self._octets_to_skip = max(0, position - len(buffer))
                if buffer[position : position + 1] == b"\n":  # some senders both count and end the line
                    position += 1
            else:
                found = _END.search(buffer, position)
                if not found:
                    self._is_in_line = len(buffer) - position > _LONGEST_START
                    break
                lines.append(one_line(buffer[position : found.start()]))
                position = found.end()
        return b"".join(lines) + self._kept(buffer[position:])

    def _kept(self, rest: bytes) -> bytes:
        """Keep the beginning of a message for the next bytes; if it is too long, return it as a line now."""
        self._rest = rest
        if len(rest) < MAX_MESSAGE_BYTES or self._count_at(rest, 0):
            return b""
        self._rest, self._line_to_skip, self._is_in_line = b"", True, False
        return one_line(rest[:MAX_MESSAGE_BYTES])


def is_counted(start: bytes) -> bool | None:
    """Return whether a connection begins with counted messages of any text; None if more bytes are needed.

    All counts must fit, one exactly to the end of the bytes or two or more, and none may span a line end.
    """
    position = messages = 0
    while position < len(start):
        counted = _ANY_COUNT.match(start, position)
        if counted is None:
            return (messages > 1 or None) if _DIGITS.fullmatch(start, position) else False
        length = int(counted[1])
        position = counted.end() + length
        if length > _MOST_AT_FIRST or any(start.find(end, counted.end(), position - 1) >= 0 for end in (b"\n", b"\0")):
            return False
        if position > len(start):
            return messages > 1 or None
        messages += 1
        if start[position : position + 1] == b"\n":
            position += 1
    return messages > 0 or None


def one_line(message: bytes) -> bytes:
    """Return a message as exactly one line with its line feed, or nothing if it is empty."""
    text = message.strip(b"\r\n\0 ")
    return text.replace(b"\r", b" ").replace(b"\n", b" ").replace(b"\0", b" ") + b"\n" if text else b""


def datagram_lines(datagram: bytes) -> list[bytes]:
    """Return the messages of a datagram, one line each.

    A syslog message has a datagram of its own (RFC 5426 §3.1) and may contain line ends; lines without a header are
    packed as they fit, for example by Squid.
    """
    text = datagram.strip(b"\r\n\0 ")
    if b"\n" not in text:
        return [one_line(text)] if text else []
    parts = _BEFORE_START.split(text) if _STARTED.match(text) else text.split(b"\n")
    return [line for part in parts if (line := one_line(part))]
