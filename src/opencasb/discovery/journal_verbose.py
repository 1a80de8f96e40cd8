"""Rewrites what ``journalctl -o verbose`` prints in the journal's export format.

An entry begins with a line that has its time and, in brackets, its cursor; its fields follow, indented by four blanks,
and the further lines of a value by more.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

_HEAD: Final = (
    rb"[A-Z][a-z]{2} \d{4}-\d\d-\d\d \d\d:\d\d:\d\d[^\n\[]* \[s=[0-9a-f]{1,32};[^\n]*\bt=([0-9a-f]{1,13});[^\n]*\]\n"
)
_NOTE: Final = rb"-- [^\n]* --\n"
"""Where the journal begins, and the machine was started."""
VERBOSE: Final = re.compile(rb"(?:%s)*%s(?=    [A-Z_])" % (_NOTE, _HEAD))
"""The beginning of such a file."""
_BEGINS: Final = re.compile(rb"^(?:%s|%s)" % (_HEAD, _NOTE), re.MULTILINE)
_CURSOR: Final = b" [s="
_FURTHER: Final = re.compile(rb"\n {5,}")
_INDENT: Final = re.compile(rb"^ {4}", re.MULTILINE)
_LONGEST: Final = 4 * 1024 * 1024
"""Bytes of an entry that are awaited."""


def as_export(pieces: Iterator[bytes]) -> Iterator[bytes]:
    """Yield the entries in a file's pieces in the export format."""
    rest = b""
    for piece in pieces:
        rest += piece
        last = rest.rfind(b"\n", 0, max(rest.rfind(_CURSOR), 0)) + 1
        at = last if last or len(rest) < _LONGEST else len(rest)
        yield _rewritten(rest[:at])
        rest = rest[at:]
    yield _rewritten(rest)


def _rewritten(entries: bytes) -> bytes:
    fields = _INDENT.sub(b"", _FURTHER.sub(b" ", entries))
    return _BEGINS.sub(lambda head: b"\n__REALTIME_TIMESTAMP=%d\n" % int(head[1], 16) if head[1] else b"", fields)
