"""Byte streams with look-ahead."""

from __future__ import annotations

import itertools

from opencasb.discovery.byte_stream import ByteStream


def test_look_ahead() -> None:
    """Bytes that are peeked at or pushed back are read later, and counted once."""
    parts = itertools.chain([b"ab", b"cd", b"e"], itertools.repeat(b""))
    source = ByteStream(lambda size: next(parts)[:size])
    assert (source.peek(3), source.take(1), source.peek(9)) == (b"abc", b"a", b"bcde")
    source.give_back(b"a")
    assert (source.take(9), source.take(9), source.taken) == (b"abcde", b"", 5)
