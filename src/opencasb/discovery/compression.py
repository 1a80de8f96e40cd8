"""Expands what log files come in: plain, gzip, zstd and zip, told by their first bytes and not by their names.

Everything is a stream of pieces of at most about a megabyte, so memory does not depend on the size of a file, and what
stands before a damage is delivered before the damage is reported.
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Callable, Iterator
from typing import BinaryIO, Final

PIECE: Final = 1024 * 1024
MOST_NESTED: Final = 3
"""Layers of compression that are undone, as in a gzip in a zip."""

RATIO_LIMIT: Final = 300
RATIO_CHECKED_FROM: Final = 256 * 1024 * 1024
"""Logs shrink to a tenth, exceptionally to a hundredth. A larger ratio over this many bytes is a bomb."""

GZIP: Final = b"\x1f\x8b"
ZSTD: Final = b"\x28\xb5\x2f\xfd"
ZIP: Final = b"PK\x03\x04"

_ZSTD_PIECE: Final = 4096
"""Compressed bytes given to zstd at once: at its greatest ratio they become 128 MB."""

_ENTRY: Final = struct.Struct("<4s5H3I2H")  # signature, version, flags, method, time, date, CRC, sizes, lengths
_ZIP_NEXT: Final = (ZIP, b"PK\x01\x02", b"PK\x05\x06", b"PK\x06\x06")


class LogError(ValueError):
    """The log cannot be read at all; the message says why and what is allowed."""


class ExpandsTooMuch(LogError):
    """A compressed file is larger, expanded, than is allowed or believable."""


class Damaged(Exception):
    """The rest of the file cannot be expanded."""


class Bytes:
    """Bytes of a stream with a look ahead and a count."""

    def __init__(self, read: Callable[[int], bytes]) -> None:
        self._read = read
        self._ahead = b""
        self._at = 0
        self.taken = 0

    def peek(self, size: int) -> bytes:
        """Return the next ``size`` bytes, fewer only at the end, without taking them."""
        while len(self._ahead) - self._at < size:
            more = self._read(PIECE)
            if not more:
                break
            self._ahead, self._at = self._ahead[self._at :] + more, 0
        return self._ahead[self._at : self._at + size]

    def take(self, size: int = PIECE) -> bytes:
        """Return up to ``size`` bytes, none at the end."""
        if self._at == len(self._ahead):
            self._ahead, self._at = self._read(size), 0
        found = self._ahead[self._at : self._at + size]
        self._at += len(found)
        self.taken += len(found)
        return found

    def give_back(self, unused: bytes) -> None:
        """Put bytes back that were taken too many."""
        self._ahead, self._at = unused + self._ahead[self._at :], 0
        self.taken -= len(unused)


def expand(stream: BinaryIO, max_bytes: int) -> Iterator[bytes]:
    """Yield the text of a file in pieces; texts of a zip's members follow each other, each ending in a line feed.

    Raises :class:`ExpandsTooMuch` beyond ``max_bytes`` or a believable ratio, and :class:`Damaged` after the last good
    piece of a damaged file.
    """
    compressed = Bytes(stream.read)
    expanded = 0
    for piece in _expand(compressed, 0):
        expanded += len(piece)
        if expanded > max_bytes:
            raise ExpandsTooMuch(f"the file expands to more than the allowed {max_bytes:,} bytes")
        if expanded > RATIO_CHECKED_FROM and expanded > RATIO_LIMIT * compressed.taken:
            raise ExpandsTooMuch(f"the file expands more than {RATIO_LIMIT} times, which no log does")
        yield piece


def _expand(source: Bytes, depth: int) -> Iterator[bytes]:
    opened = _opener(source.peek(4)) if depth < MOST_NESTED else None
    if opened is None:
        while piece := source.take():
            yield piece
        return
    for member in opened(source):
        yield from _ended(_expand(Bytes(_reader(member)), depth + 1))


def _opener(magic: bytes) -> Callable[[Bytes], Iterator[Iterator[bytes]]] | None:
    if magic.startswith(GZIP):
        return lambda source: iter([_gzip(source)])
    if magic.startswith(ZSTD):
        return lambda source: iter([_zstd(source)])
    return _zip if magic.startswith(ZIP) else None


def _ended(pieces: Iterator[bytes]) -> Iterator[bytes]:
    """Let a text end in a line feed, so that the next one starts a new line."""
    last = b"\n"
    for piece in pieces:
        last = piece
        yield piece
    if not last.endswith(b"\n"):
        yield b"\n"


def _reader(pieces: Iterator[bytes]) -> Callable[[int], bytes]:
    """Return ``read`` over pieces that are never empty; a piece may be longer than asked for."""

    def read(size: int) -> bytes:
        del size
        return next(pieces, b"")

    return read


def _gzip(source: Bytes) -> Iterator[bytes]:
    """Yield the text of all members of a gzip file."""
    while source.peek(2) == GZIP:
        yield from _inflate(source, 31, "gzip")
        _skip_padding(source)
    if source.peek(1):
        raise Damaged("the gzip file has bytes behind its end that are no gzip")


def _skip_padding(source: Bytes) -> None:
    """Skip the NULs after a last member that tapes and some devices write."""
    while source.peek(1) == b"\0":
        source.give_back(source.take().lstrip(b"\0"))


def _inflate(source: Bytes, window: int, kind: str) -> Iterator[bytes]:
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
    """Yield what stands before a damage, which zlib keeps back when it is given all at once."""
    try:
        for byte in taken:
            piece = decompressor.decompress(bytes((byte,)))
            if piece:
                yield piece
    except zlib.error:
        return


def _zstd(source: Bytes) -> Iterator[bytes]:
    """Yield the text of all frames of a zstd file."""
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


def _zip(source: Bytes) -> Iterator[Iterator[bytes]]:
    """Yield the members of a zip file that are meant to be read, by their local headers.

    The directory at the end is not needed, so a file that is cut off, or comes from a pipe, is read as far as it goes.
    """
    while source.peek(4) == ZIP:
        _, _, flags, method, _, _, checksum, size, _, name_length, extra_length = _ENTRY.unpack(
            _exactly(source, _ENTRY.size)
        )
        name, extra = _exactly(source, name_length).decode("utf-8", "replace"), _exactly(source, extra_length)
        if flags & 1:
            raise Damaged(f"{name!r} in the zip file is encrypted")
        checked = _Checked(_member(source, method, _long_size(extra) if size == 0xFFFFFFFF else size))
        if _is_log(name):
            yield iter(checked)
        for _ in checked:  # members that are no logs
            pass
        following = _descriptor_checksum(source)
        if checked.checksum != (checksum if following is None else following):
            raise Damaged(f"{name!r} in the zip file is damaged (its checksum is wrong)")
    if source.peek(2) != b"PK":
        raise Damaged("the zip file is cut off")


class _Checked:
    """Pieces of a zip member with their running checksum."""

    def __init__(self, pieces: Iterator[bytes]) -> None:
        self._pieces = pieces
        self.checksum = 0

    def __iter__(self) -> Iterator[bytes]:
        for piece in self._pieces:
            self.checksum = zlib.crc32(piece, self.checksum)
            yield piece


def _member(source: Bytes, method: int, size: int) -> Iterator[bytes]:
    if method == 8:
        return _inflate(source, -15, "zip")
    if method == 0:
        return _stored(source, size)
    raise Damaged(f"the zip file uses compression method {method}; allowed are 0 (stored) and 8 (deflate)")


def _stored(source: Bytes, size: int) -> Iterator[bytes]:
    while size:
        piece = source.take(min(size, PIECE))
        if not piece:
            raise Damaged("the zip file is cut off")
        size -= len(piece)
        yield piece


def _exactly(source: Bytes, size: int) -> bytes:
    found = source.peek(size)
    if len(found) < size:
        raise Damaged("the zip file is cut off")
    return source.take(size) if size else b""


def _long_size(extra: bytes) -> int:
    """Return the stored size of a zip64 entry from its extra field (0 where it is missing)."""
    while len(extra) >= 4:
        kind, length = struct.unpack_from("<HH", extra)
        if kind == 1 and length >= 16 and len(extra) >= 20:
            return int(struct.unpack_from("<Q", extra, 12)[0])
        extra = extra[4 + length :]
    return 0


def _descriptor_checksum(source: Bytes) -> int | None:
    """Skip what may follow a member, its sizes in 12 to 24 bytes with or without a mark; return the checksum in it."""
    following = source.peek(28)
    for length, at in ((0, None), (12, 0), (16, 4), (20, 0), (24, 4)):
        if following[length : length + 4] in _ZIP_NEXT:
            if at is None:
                return None
            return int.from_bytes(_exactly(source, length)[at : at + 4], "little")
    return None


def _is_log(name: str) -> bool:
    """Tell whether a member is meant to be read: no folder, and none of the hidden files that systems add."""
    last = name.rsplit("/", 1)[-1]
    return bool(last) and not last.startswith(".") and not name.startswith("__MACOSX/")
