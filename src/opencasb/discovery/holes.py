"""Removes holes from a log's bytes: long runs of NULs.

logrotate's ``copytruncate`` leaves one at the start, as long as the log was, if the writer does not append; a power
failure leaves one between two lines; some appliances allocate more than they write.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import partial
from typing import Final

HOLE: Final = 16
"""Least NULs that are a hole; fewer belong to the text."""

LARGEST_LEADING_HOLE: Final = 1024**3
"""A file that begins with more NULs than this is refused as binary, since reading on might take hours."""

_HOLES: Final = re.compile(rb"\0{%d,}" % HOLE)
_NULS: Final = b"\0" * HOLE


def without_holes(pieces: Iterator[bytes]) -> Iterator[bytes]:
    """Yield the pieces of a file without their holes; one in the middle of a line ends that line.

    A file of nothing but NULs yields some of them, since it is no empty log.
    """
    held, last, leading = b"", b"", 0  # NULs that may go on, the byte before them, and NULs before the first other byte
    for piece in pieces:
        if not held and b"\0" not in piece:
            last = piece[-1:] or last
            yield piece
            continue
        if piece == bytes(len(piece)):
            held = (held + piece[:HOLE])[:HOLE]
            leading += 0 if last else len(piece)
            if leading > LARGEST_LEADING_HOLE:
                yield piece
            continue
        text = held + piece
        body = text.rstrip(b"\0")
        held = text[len(body) :][:HOLE]
        yield _HOLES.sub(partial(_line_end, last), body) if _NULS in body else body
        last = body[-1:]
    if not last or len(held) < HOLE:
        yield held


def _line_end(last: bytes, hole: re.Match[bytes]) -> bytes:
    """Return the line end that replaces a hole unless it is beside one; its text follows the byte ``last``."""
    text, start = hole.string, hole.start()
    before = text[start - 1 : start] if start else last
    return b"" if before in b"\n" or text[hole.end() : hole.end() + 1] in b"\r\n" else b"\n"
