"""The members of zip files, read sequentially."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterator
from typing import Final

from opencasb.discovery.byte_stream import ByteStream, Damaged
from opencasb.discovery.compressed_streams import bunzip, inflate, unlzma

ZIP: Final = b"PK\x03\x04"
_ENTRY: Final = struct.Struct("<4s5H3I2H")  # signature, version, flags, method, time, date, CRC, sizes, lengths
_DOCUMENT_PARTS: Final = (b"[Content_Types].xml", b"_rels/.rels", b"docProps/", b"xl/", b"word/", b"mimetype")
_ZIP_NEXT: Final = (ZIP, b"PK\x01\x02", b"PK\x05\x06", b"PK\x06\x06")


Member = tuple[bool, Iterator[bytes]]
"""Whether an archive member is a log, and its content, which must be exhausted before the next member."""


def zip_members(source: ByteStream) -> Iterator[Member]:
    """Yield the members of a zip file by their local headers.

    The central directory at the end is not needed, so a truncated or piped file is read as far as it goes.
    """
    while source.peek(4) == ZIP:
        _, _, flags, method, _, _, checksum, size, _, name_length, extra_length = _ENTRY.unpack(
            source.exactly(_ENTRY.size, "zip")
        )
        name, extra = source.exactly(name_length, "zip").decode("utf-8", "replace"), source.exactly(extra_length, "zip")
        if flags & 1:
            raise Damaged(f"{name!r} in the zip file is encrypted")
        checked = _Checked(_member(source, method, _long_size(extra) if size == 0xFFFFFFFF else size))
        yield is_log(name), iter(checked)
        following = _descriptor_checksum(source)
        if checked.checksum != (checksum if following is None else following):
            raise Damaged(f"{name!r} in the zip file is damaged (its checksum is wrong)")
    if source.peek(2) != b"PK":
        raise Damaged("the zip file is cut off")


def is_document(begins: bytes) -> bool:
    """Return whether a file begins as an Office or LibreOffice document, judging by the first member of its zip."""
    return begins.startswith(ZIP) and begins[_ENTRY.size :].startswith(_DOCUMENT_PARTS)


class _Checked:
    """The pieces of a zip member, with a running checksum."""

    def __init__(self, pieces: Iterator[bytes]) -> None:
        self._pieces = pieces
        self.checksum = 0

    def __iter__(self) -> Iterator[bytes]:
        for piece in self._pieces:
            self.checksum = zlib.crc32(piece, self.checksum)
            yield piece


def _member(source: ByteStream, method: int, size: int) -> Iterator[bytes]:
    if method == 8:
        return inflate(source, -15, "zip")
    if method == 0:
        return source.pieces(size, "zip")
    if method == 12:
        return bunzip(source, "zip")
    if method == 14:
        source.exactly(4, "zip")  # the version of the packer, and the size of what follows, which is always 5
        return unlzma(source, source.exactly(5, "zip"), size - 9 if size else None, "zip")
    raise Damaged(
        f"the zip file uses compression method {method}; allowed: 0 (stored), 8 (deflate), 12 (bzip2) and 14 (LZMA)"
    )


def _long_size(extra: bytes) -> int:
    """Return the stored size of a zip64 entry from its extra field (0 if missing)."""
    while len(extra) >= 4:
        kind, length = struct.unpack_from("<HH", extra)
        if kind == 1 and length >= 16 and len(extra) >= 20:
            return int(struct.unpack_from("<Q", extra, 12)[0])
        extra = extra[4 + length :]
    return 0


def _descriptor_checksum(source: ByteStream) -> int | None:
    """Skip a member's optional data descriptor (12 to 24 bytes, with or without a signature); return its checksum."""
    following = source.peek(28)
    for length, at in ((0, None), (12, 0), (16, 4), (20, 0), (24, 4)):
        if following[length : length + 4] in _ZIP_NEXT:
            if at is None:
                return None
            return int.from_bytes(source.exactly(length, "zip")[at : at + 4], "little")
    return None


def is_log(name: str) -> bool:
    """Return whether a member is to be read: not a folder, nor one of the hidden files that systems add."""
    last = name.rsplit("/", 1)[-1]
    return bool(last) and not last.startswith(".") and not name.startswith("__MACOSX/")
