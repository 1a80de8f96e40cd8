"""The members of tar archives, read sequentially.

Python's ``tarfile`` can do that too, but loads an archive's metadata about its next member into memory, however long.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from opencasb.discovery.byte_stream import PIECE, ByteStream, Damaged
from opencasb.discovery.zip_members import Member, is_log

BLOCK: Final = 512

_MAGIC: Final = b"ustar"
_MAGIC_AT: Final = 257
_FILES: Final = b"\x0007"
"""Member types that are files; directories, links and devices have no content."""
_WITHOUT_CONTENT: Final = b"123456"
_MORE_ABOUT_NEXT: Final = b"x"
_LONG_SIZE: Final = re.compile(rb"(?:\A|\n)\d+ size=(\d{1,18})\n")
_MOST_ABOUT_NEXT: Final = 64 * 1024


def is_tar(begins: bytes) -> bool:
    """Return whether a file that begins with these 512 bytes is a tar archive."""
    return begins[_MAGIC_AT:].startswith(_MAGIC) and _is_header(begins[:BLOCK])


def tar_members(source: ByteStream) -> Iterator[Member]:
    """Yield the members of a tar archive, up to the empty block at its end."""
    long_size: int | None = None
    while any(header := _header(source)):
        kind, size = header[156], _size(header) if long_size is None else long_size
        long_size = None
        if kind in _WITHOUT_CONTENT:
            continue
        if kind in _MORE_ABOUT_NEXT:
            told = _LONG_SIZE.search(source.peek(min(size, _MOST_ABOUT_NEXT)))
            long_size = int(told[1]) if told else None
        yield kind in _FILES and is_log(_name(header)), source.pieces(size, "tar")
        source.exactly(-size % BLOCK, "tar")
    source.peek(PIECE)  # so that damage at the end of the compressed layer is reported


def _header(source: ByteStream) -> bytes:
    header = source.exactly(BLOCK, "tar")
    if any(header) and not _is_header(header):
        raise Damaged("the tar file is damaged (a checksum is wrong)")
    return header


def _is_header(block: bytes) -> bool:
    # The checksum is computed with blanks in its own place.
    return _octal(block[148:156]) == sum(block[:148]) + sum(block[156:]) + 8 * ord(" ")


def _name(header: bytes) -> str:
    """Return the name of a member, marked with … if it is longer than its field and continues elsewhere."""
    name = header[:100].partition(b"\0")[0].decode("utf-8", "replace")
    return name if b"\0" in header[:100] else f"{name}…"


def _size(header: bytes) -> int:
    field = header[124:136]
    size = int.from_bytes(field[4:]) if field[0] == 0x80 else _octal(field)
    if size < 0:
        raise Damaged("the tar file is damaged (a size is not a number)")
    return size


def _octal(field: bytes) -> int:
    """Return the number in a header field, or -1 if it holds none."""
    digits = field.strip(b" \0")
    return int(digits, 8) if re.fullmatch(rb"[0-7]+", digits) else -1
