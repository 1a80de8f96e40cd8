"""Decoding of log files: UTF-16, gzip, zlib, bzip2, xz, zstd, zip and tar, recognised by magic bytes, not by name.

Everything is streamed in pieces of about a megabyte at most, so memory does not depend on file size, and everything
before a damaged part is delivered before the damage is reported.
"""

from __future__ import annotations

from codecs import BOM_UTF16_BE, BOM_UTF16_LE, getincrementaldecoder
from collections.abc import Callable, Iterator
from functools import partial
from typing import BinaryIO, Final

from opencasb.discovery.byte_stream import ByteStream
from opencasb.discovery.compressed_streams import (
    BZIP2,
    GZIP,
    XZ,
    ZLIB,
    ZSTD,
    bzip2_text,
    gzip_text,
    xz_text,
    zlib_text,
    zstd_text,
)
from opencasb.discovery.tar_members import BLOCK, is_tar, tar_members
from opencasb.discovery.zip_members import ZIP, Member, is_document, zip_members

_STREAMS: Final[tuple[tuple[bytes | tuple[bytes, ...], Callable[[ByteStream], Iterator[bytes]]], ...]] = (
    (GZIP, gzip_text), (ZLIB, zlib_text), (BZIP2, bzip2_text), (XZ, xz_text), (ZSTD, zstd_text),
)  # fmt: skip
MOST_NESTED: Final = 3
"""Layers that are unwrapped, such as UTF-16 in a gzip in a zip."""

_PROBED: Final = 16
"""Bytes that tell whether text is UTF-16: logs begin with ASCII characters, whose other halves are zero."""

RATIO_LIMIT: Final = 300
RATIO_CHECKED_FROM: Final = 256 * 1024 * 1024
"""Logs compress to a tenth, exceptionally to a hundredth. A higher ratio over this many bytes is a zip bomb."""


class LogError(ValueError):
    """The log cannot be read at all; the message says why and what is allowed."""


class ExpandsTooMuch(LogError):
    """A compressed file expands to more than is allowed or plausible."""


def is_plain(begins: bytes) -> bool:
    """Return whether :func:`expand` leaves a file with this beginning unchanged (4 bytes suffice, except for tar)."""
    return _opener(begins) is None


def expand(stream: BinaryIO, max_bytes: int) -> Iterator[bytes]:
    """Yield the contents of a file in pieces; members are concatenated, each ending in a line feed.

    Raises :class:`ExpandsTooMuch` beyond ``max_bytes`` or a plausible ratio, also in members that are not logs, and
    :class:`opencasb.discovery.byte_stream.Damaged` after the last good piece of a damaged file.
    """
    allowed = _Allowance(ByteStream(stream.read), max_bytes)
    yield from allowed.counted(_expand(allowed.compressed, 0, allowed), 0)


class _Allowance:
    """Counts what each layer of a file expands to: layer 0 is its text, the others are intermediate."""

    def __init__(self, compressed: ByteStream, max_bytes: int) -> None:
        self.compressed = compressed
        self._max_bytes = max_bytes
        self._expanded = [0] * (MOST_NESTED + 1)

    def counted(self, pieces: Iterator[bytes], layer: int) -> Iterator[bytes]:
        for piece in pieces:
            self._expanded[layer] += len(piece)
            self._check(self._expanded[layer])
            yield piece

    def _check(self, expanded: int) -> None:
        if expanded > self._max_bytes:
            raise ExpandsTooMuch(f"the file expands to more than the allowed {self._max_bytes:,} bytes")
        if expanded > RATIO_CHECKED_FROM and expanded > RATIO_LIMIT * self.compressed.taken:
            raise ExpandsTooMuch(f"the file expands more than {RATIO_LIMIT} times, which no log does")


def _expand(source: ByteStream, depth: int, allowed: _Allowance) -> Iterator[bytes]:
    begins = source.peek(BLOCK)
    is_whole = depth == 0 and is_document(begins)  # a document lying among logs does not hide them
    opened = _opener(begins) if depth < MOST_NESTED and not is_whole else None
    if opened is None:
        while piece := source.take():
            yield piece
        return
    for is_log, content in opened(source):
        member = allowed.counted(content, depth + 1)
        if is_log:
            yield from _ended(_expand(ByteStream(_reader(member)), depth + 1, allowed))
        for _ in member:  # drain a member that is not a log, or what follows the end of one
            pass


def _opener(magic: bytes) -> Callable[[ByteStream], Iterator[Member]] | None:
    for begin, text in _STREAMS:
        if magic.startswith(begin):
            return partial(_only, text)
    if codec := _utf16_codec(magic):
        return partial(_only, partial(_utf16_text, codec))
    if magic.startswith(ZIP):
        return zip_members
    return tar_members if is_tar(magic) else None


def _only(text: Callable[[ByteStream], Iterator[bytes]], source: ByteStream) -> Iterator[Member]:
    return iter([(True, text(source))])


def _utf16_codec(begins: bytes) -> str | None:
    """Return the codec of a file in UTF-16, as PowerShell writes it with a mark and some exports without, or None."""
    if begins.startswith((BOM_UTF16_LE, BOM_UTF16_BE)):
        return "utf-16"
    first, second = begins[:_PROBED:2], begins[1:_PROBED:2]
    if _are_halves(first, second):
        return "utf-16-le"
    return "utf-16-be" if _are_halves(second, first) else None


def _are_halves(text: bytes, zeros: bytes) -> bool:
    return len(zeros) > 1 and not zeros.strip(b"\0") and text > b" " and text.isascii() and b"\0" not in text


def _utf16_text(codec: str, source: ByteStream) -> Iterator[bytes]:
    """Transcode UTF-16 to UTF-8."""
    decoder = getincrementaldecoder(codec)("replace")
    while piece := source.take():
        if text := decoder.decode(piece):
            yield text.encode()
    if text := decoder.decode(b"", final=True):
        yield text.encode()


def _ended(pieces: Iterator[bytes]) -> Iterator[bytes]:
    """Make a text end in a line feed, so that the next one starts on a new line."""
    last = b"\n"
    for piece in pieces:
        last = piece
        yield piece
    if not last.endswith(b"\n"):
        yield b"\n"


def _reader(pieces: Iterator[bytes]) -> Callable[[int], bytes]:
    """Return a ``read`` function over non-empty pieces; it may return more than was asked for."""

    def read(size: int) -> bytes:
        del size
        return next(pieces, b"")

    return read
