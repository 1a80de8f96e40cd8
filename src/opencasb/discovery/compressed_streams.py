"""Decompression of gzip, zlib, bzip2, xz and zstd streams, and of what zip files contain."""

from __future__ import annotations

import sys
import zlib
from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

from opencasb.discovery.byte_stream import PIECE, ByteStream, Damaged

if TYPE_CHECKING:
    from bz2 import BZ2Decompressor
    from lzma import LZMADecompressor

GZIP: Final = b"\x1f\x8b"
ZLIB: Final = (b"\x78\x01", b"\x78\x9c", b"\x78\xda")
"""What HTTP calls deflate: its first bytes at the usual levels. At a middle level they could also begin plain text."""

BZIP2: Final = b"BZh"
XZ: Final = b"\xfd7zX"
ZSTD: Final = b"\x28\xb5\x2f\xfd"

_XZ_MEMORY: Final = 256 * 1024 * 1024
"""What a dictionary of xz may take; its highest level needs a quarter."""

_ZSTD_PIECE: Final = 4096
"""Compressed bytes given to zstd at once: at its highest ratio they expand to 128 MB."""


def gzip_text(source: ByteStream) -> Iterator[bytes]:
    """Yield the contents of all members of a gzip file."""
    while source.peek(2) == GZIP:
        yield from inflate(source, 31, "gzip")
        _skip_padding(source)
    if source.peek(1):
        raise Damaged("the gzip file has bytes behind its end that are no gzip")


def _skip_padding(source: ByteStream) -> None:
    """Skip the NULs that tapes and some devices write after the last member."""
    while source.peek(1) == b"\0":
        source.give_back(source.take().lstrip(b"\0"))


def zlib_text(source: ByteStream) -> Iterator[bytes]:
    """Yield the contents of a zlib stream, as HTTP senders produce it."""
    yield from inflate(source, 15, "zlib")
    if source.peek(1):
        raise Damaged("the zlib file has bytes behind its end")


def inflate(source: ByteStream, window: int, kind: str) -> Iterator[bytes]:
    """Yield the contents of one deflate stream; ``window`` (zlib's) gives its wrapper; messages name ``kind``."""
    decompressor = zlib.decompressobj(window)
    while not decompressor.eof:
        taken = decompressor.unconsumed_tail or source.take(64 * 1024)
        before = decompressor.copy()
        try:
            piece = decompressor.decompress(taken, PIECE)
        except zlib.error as error:
            yield from _salvaged(before, taken)
            raise Damaged(f"the {kind} file is damaged ({error})") from None
        if piece:
            yield piece
        elif not taken and not decompressor.eof:
            raise Damaged(f"the {kind} file is cut off")
    source.give_back(decompressor.unused_data)


def _salvaged(decompressor: zlib._Decompress, taken: bytes) -> Iterator[bytes]:
    """Yield what precedes the damage, which zlib withholds when it is given everything at once."""
    try:
        for byte in taken:
            piece = decompressor.decompress(bytes((byte,)))
            if piece:
                yield piece
    except zlib.error:
        return


def bzip2_text(source: ByteStream) -> Iterator[bytes]:
    """Yield the contents of all streams of a bzip2 file."""
    while source.peek(len(BZIP2)) == BZIP2:
        yield from bunzip(source, "bzip2")
    if source.peek(1):
        raise Damaged("the bzip2 file has bytes behind its end that are no bzip2")


def bunzip(source: ByteStream, kind: str) -> Iterator[bytes]:
    """Yield the contents of one bzip2 stream; messages name ``kind``."""
    from bz2 import BZ2Decompressor

    yield from _decompressed(source, BZ2Decompressor(), kind)


def unlzma(source: ByteStream, properties: bytes, size: int | None, kind: str) -> Iterator[bytes]:
    """Yield the contents of an LZMA stream, to which ``properties`` belong; if it has no end mark, ``size`` ends it."""
    from lzma import FILTER_LZMA1, FORMAT_RAW, LZMADecompressor, LZMAError

    rest, lc = divmod(properties[0], 9)
    pb, lp = divmod(rest, 5)
    dictionary = int.from_bytes(properties[1:], "little")
    if dictionary > _XZ_MEMORY:
        raise Damaged(f"the {kind} file needs a dictionary of {dictionary} bytes; allowed: {_XZ_MEMORY}")
    filters = [{"id": FILTER_LZMA1, "dict_size": dictionary, "lc": lc, "lp": lp, "pb": pb}]
    try:
        decompressor = LZMADecompressor(FORMAT_RAW, filters=filters)
    except LZMAError as error:
        raise Damaged(f"the {kind} file is damaged ({error})") from None
    yield from _decompressed(source, decompressor, kind, size)


def xz_text(source: ByteStream) -> Iterator[bytes]:
    """Yield the contents of all streams of an xz file."""
    from lzma import FORMAT_XZ, LZMADecompressor

    while source.peek(len(XZ)) == XZ:
        yield from _decompressed(source, LZMADecompressor(FORMAT_XZ, _XZ_MEMORY), "xz")
        _skip_padding(source)
    if source.peek(1):
        raise Damaged("the xz file has bytes behind its end that are no xz")


def _decompressed(
    source: ByteStream, decompressor: BZ2Decompressor | LZMADecompressor, kind: str, size: int | None = None
) -> Iterator[bytes]:
    from lzma import LZMAError

    left = sys.maxsize if size is None else size
    while not decompressor.eof:
        taken = source.take(min(64 * 1024, left)) if decompressor.needs_input else b""
        left -= len(taken)
        if decompressor.needs_input and not taken:
            if not left:
                return
            raise Damaged(f"the {kind} file is cut off")
        try:
            piece = decompressor.decompress(taken, PIECE)
        except (OSError, LZMAError) as error:
            raise Damaged(f"the {kind} file is damaged ({error})") from None
        if piece:
            yield piece
    source.give_back(decompressor.unused_data)


def zstd_text(source: ByteStream) -> Iterator[bytes]:
    """Yield the contents of all frames of a zstd file."""
    import zstandard

    while source.peek(4) == ZSTD:
        decompressor = zstandard.ZstdDecompressor().decompressobj()
        while not decompressor.eof:
            taken = source.take(_ZSTD_PIECE)
            if not taken:
                raise Damaged("the zstd file is cut off")
            try:
                piece = decompressor.decompress(taken)
            except zstandard.ZstdError as error:
                raise Damaged(f"the zstd file is damaged ({error})") from None
            if piece:
                yield piece
        source.give_back(decompressor.unused_data)
    if source.peek(1):
        raise Damaged("the zstd file has bytes behind its end that are no zstd")
