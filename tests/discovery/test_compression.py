"""Decompressing and unpacking log files."""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import os
import tarfile
import zipfile
import zlib
from collections.abc import Callable

import pytest
import zstandard
from hypothesis import given, settings
from hypothesis import strategies as st

from opencasb.discovery import compression
from opencasb.discovery.byte_stream import PIECE, Damaged
from opencasb.discovery.compression import ExpandsTooMuch, expand
from tests.discovery.logs import zipped

TEXT = b"".join(b"line %d\n" % number for number in range(50_000))
NO_LIMIT = 10**12
DICTIONARY = b"\0\0\x80\0"
"""The size of a dictionary in the LZMA data of Python's zip files."""


def tarred(*members: tuple[str, bytes], kind: int = tarfile.PAX_FORMAT) -> bytes:
    """Return a tar archive of members, in a directory and with a link."""
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w", format=kind) as archive:
        for name, type_ in (("logs", tarfile.DIRTYPE), ("newest.log", tarfile.SYMTYPE)):
            other = tarfile.TarInfo(name)
            other.type, other.linkname = type_, "a.log"
            archive.addfile(other)
        for name, content in members:
            member = tarfile.TarInfo(name)
            member.size = len(content)
            archive.addfile(member, io.BytesIO(content))
    return out.getvalue()


def without_end_mark(archive: bytes) -> bytes:
    """Return a zip of one member without the last byte of its data, as packers do that write no end mark."""
    size, end = int.from_bytes(archive[18:22], "little"), archive.index(b"PK\1\2")
    return archive[:18] + (size - 1).to_bytes(4, "little") + archive[22 : end - 1] + archive[end:]


def expanded(content: bytes) -> bytes:
    """Return the text of a file."""
    return b"".join(expand(io.BytesIO(content), NO_LIMIT))


def up_to_damage(content: bytes) -> tuple[bytes, str]:
    """Return the text before the damage in a file, and the damage."""
    found = b""
    try:
        for piece in expand(io.BytesIO(content), NO_LIMIT):
            found += piece
    except Damaged as damage:
        return found, str(damage)
    return found, ""


@pytest.mark.parametrize(
    "pack",
    [
        bytes,
        gzip.compress,
        lambda text: gzip.compress(text[:1000]) + gzip.compress(text[1000:]),
        lambda text: gzip.compress(text) + b"\0" * 100_000,
        zlib.compress,
        lambda text: zlib.compress(text, 9),
        lambda text: zlib.compress(text, 1),
        bz2.compress,
        lambda text: bz2.compress(text[:1000]) + bz2.compress(text[1000:]),
        lzma.compress,
        lambda text: lzma.compress(text[:1000]) + b"\0" * 4 + lzma.compress(text[1000:], preset=9),
        lambda text: zipped(("a.log.xz", lzma.compress(text[:7])), ("b.log.bz2", bz2.compress(text[7:]))),
        zstandard.ZstdCompressor().compress,
        lambda text: zstandard.compress(text[:1000]) + zstandard.compress(text[1000:]),
        lambda text: zstandard.ZstdCompressor(write_content_size=False).compress(text),
        lambda text: zipped(("a.log", text)),
        lambda text: zipped(("a.log", text), method=zipfile.ZIP_STORED),
        lambda text: zipped(("a.log", text), ("b.log", b""), method=zipfile.ZIP_BZIP2),
        lambda text: zipped(("a.log", text), stream=True, method=zipfile.ZIP_LZMA),
        lambda text: zipped(("a.log", text), ("b.log", b""), method=zipfile.ZIP_LZMA),
        lambda text: without_end_mark(zipped(("a.log", text), method=zipfile.ZIP_LZMA)),
        lambda text: zipped(("a.log", text), stream=True),
        lambda text: zipped(("logs/", b""), ("logs/a.log", text[:7]), ("logs/b.log", text[7:])),
        lambda text: zipped(("a.log.gz", gzip.compress(text))),
        lambda text: gzip.compress(zipped(("a.log", zstandard.compress(text)))),
        lambda text: zipped(("__MACOSX/._a", b"\0"), (".DS_Store", b"\0"), ("a.log", text)),
        lambda text: tarred(("a.log", text)),
        lambda text: gzip.compress(tarred(("a.log", text[:7]), ("._b.log", b"\0"), ("b.log", text[7:]))),
        lambda text: tarred(("long/" * 60 + "ä.log", text), kind=tarfile.GNU_FORMAT),
        lambda text: tarred(("long/" * 60 + "ä.log", text), kind=tarfile.PAX_FORMAT),
        lambda text: zstandard.compress(tarred(("a.log.gz", gzip.compress(text)))),
    ],
)
def test_kinds(pack: Callable[[bytes], bytes]) -> None:
    """The whole text is returned, whatever its packing."""
    assert expanded(pack(TEXT)) == TEXT


def test_members_end_in_line_feeds() -> None:
    """The last line of a member and the first of the next are two lines."""
    assert expanded(zipped(("a", b"1\n2"), ("b", b"3"))) == b"1\n2\n3\n"


def test_empty() -> None:
    """An empty file is empty, also when packed."""
    assert expanded(b"") == b""
    assert expanded(gzip.compress(b"")) == b""


@pytest.mark.parametrize(
    ("pack", "what"),
    [
        (gzip.compress, "the gzip file is cut off"),
        (zlib.compress, "the zlib file is cut off"),
        (zstandard.compress, "the zstd file is cut off"),
        (lambda text: bz2.compress(text, 1), "the bzip2 file is cut off"),
        (lzma.compress, "the xz file is cut off"),
        (lambda text: zipped(("a.log", text)), "the zip file is cut off"),
        (lambda text: zipped(("a.log", text), method=zipfile.ZIP_STORED), "the zip file is cut off"),
        (lambda text: tarred(("a.log", text)), "the tar file is cut off"),
        (lambda text: gzip.compress(tarred(("a.log", text))), "the gzip file is cut off"),
    ],
)
def test_cut_off(pack: Callable[[bytes], bytes], what: str) -> None:
    """A truncated file yields everything before the cut, and then reports it."""
    text = TEXT + os.urandom(200_000).hex().encode()
    packed = pack(text)
    found, problem = up_to_damage(packed[: len(packed) * 3 // 4])
    assert text.startswith(found)
    assert len(found) > len(text) // 3
    assert what in problem or "cut off" in problem


def test_cut_between_members() -> None:
    """A zip without its directory is truncated, even if its members are whole."""
    whole = zipped(("a.log", TEXT), ("b.log", TEXT))
    found, problem = up_to_damage(whole[: whole.index(b"PK\x01\x02")])
    assert found == TEXT * 2
    assert problem == "the zip file is cut off"


@pytest.mark.parametrize(
    ("content", "what"),
    [
        (gzip.compress(TEXT, mtime=0)[:-8] + b"\0" * 8, "the gzip file is damaged"),
        (gzip.compress(TEXT, mtime=0) + b"junk", "the gzip file has bytes behind its end"),
        (zlib.compress(TEXT) + b"junk", "the zlib file has bytes behind its end"),
        (zstandard.compress(TEXT) + b"junk", "the zstd file has bytes behind its end"),
        (bz2.compress(TEXT) + b"junk", "the bzip2 file has bytes behind its end"),
        (lzma.compress(TEXT) + b"junk", "the xz file has bytes behind its end"),
        (zipped(("a.log", TEXT), method=zipfile.ZIP_STORED).replace(b"line 7\n", b"LINE 7\n"), "checksum is wrong"),
        (tarred(("a.log", TEXT), ("b.log", b"")).replace(b"b.log", b"c.log"), "a checksum is wrong"),
        (gzip.compress(tarred(("a.log", TEXT)), mtime=0)[:-8] + b"\0" * 8, "the gzip file is damaged"),
    ],
)
def test_damaged(content: bytes, what: str) -> None:
    """A damaged file reports its damage after the readable part."""
    found, problem = up_to_damage(content)
    assert what in problem
    assert len(found) >= len(TEXT) - 64


@pytest.mark.parametrize(
    ("content", "what"),
    [
        (zipped(("a.log", TEXT)).replace(b"\x08\0", b"\x09\0", 1), "compression method 9; allowed: 0 (stored), 8"),
        (zipped(("a.log", TEXT), method=zipfile.ZIP_LZMA).replace(DICTIONARY, b"\0\0\0\xff"), "4278190080 bytes"),
        (zipped(("a.log", TEXT), method=zipfile.ZIP_LZMA).replace(b"]" + DICTIONARY, b"\xff" + DICTIONARY), "damaged"),
    ],
)
def test_a_member_that_cannot_be_unpacked(content: bytes, what: str) -> None:
    """Nothing is read, and the message says why."""
    found, problem = up_to_damage(content)
    assert (found, what in problem) == (b"", True)


def test_encrypted_member() -> None:
    """The message names the encrypted member."""
    content = bytearray(zipped(("secret.log", TEXT)))
    content[6] |= 1
    assert up_to_damage(bytes(content)) == (b"", "'secret.log' in the zip file is encrypted")


@pytest.mark.parametrize(
    "pack",
    [
        gzip.compress,
        zstandard.compress,
        lambda text: zipped(("a", text)),
        lambda text: zipped(("__MACOSX/._a", text), ("a.log", b"")),
        lambda text: gzip.compress(tarred(("a.log", b""), (".b", text))),
        lambda text: zipped(("a.zip", zipped((".b", text)))),
    ],
)
def test_bombs(pack: Callable[[bytes], bytes], monkeypatch: pytest.MonkeyPatch) -> None:
    """A file that expands implausibly, or beyond the limit, is rejected with the reason."""
    packed = pack(b"a" * 3_000_000)
    with pytest.raises(ExpandsTooMuch, match=r"more than the allowed 2,000,000 bytes"):
        list(expand(io.BytesIO(packed), 2_000_000))
    monkeypatch.setattr(compression, "RATIO_CHECKED_FROM", 1_000_000)
    monkeypatch.setattr(compression, "RATIO_LIMIT", 100)
    with pytest.raises(ExpandsTooMuch, match=r"more than 100 times"):
        list(expand(io.BytesIO(packed), NO_LIMIT))


@pytest.mark.parametrize(
    "pack", [lambda text: gzip.compress(text) * 40, lambda text: zstandard.compress(text) * 40, zlib.compress]
)
def test_a_ratio_is_of_the_bytes_that_were_taken(
    pack: Callable[[bytes], bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Exactly of those: what is looked at ahead of a part, or given back behind it, counts once."""
    packed = pack(b"a" * 20_000)
    size = len(expanded(packed))
    monkeypatch.setattr(compression, "RATIO_CHECKED_FROM", size - 1)
    monkeypatch.setattr(compression, "RATIO_LIMIT", -(-size // len(packed)))
    assert len(expanded(packed)) == size
    monkeypatch.setattr(compression, "RATIO_LIMIT", (size - 1) // len(packed))
    with pytest.raises(ExpandsTooMuch, match="which no log does"):
        expanded(packed)


def test_pieces_are_bounded() -> None:
    """However well a file is compressed, its text is returned in pieces of limited size."""
    packed = gzip.compress(b"a" * 20_000_000)
    assert max(len(piece) for piece in expand(io.BytesIO(packed), NO_LIMIT)) <= PIECE


def test_nesting_ends() -> None:
    """After three layers the content is returned as it is."""
    packed = TEXT
    for _ in range(5):
        packed = gzip.compress(packed)
    assert (
        zlib.decompress(zlib.decompress(expanded(packed).rstrip(b"\n") + b"\n", 31), 31) == TEXT
        or expanded(packed)[:2] == b"\x1f\x8b"
    )


def test_zip64_size() -> None:
    """The size of a large stored member is in its extra field."""
    out = io.BytesIO()
    with (
        zipfile.ZipFile(out, "w", zipfile.ZIP_STORED) as archive,
        archive.open("a.log", "w", force_zip64=True) as member,
    ):
        member.write(TEXT)
    assert expanded(out.getvalue()) == TEXT


@settings(max_examples=200)
@given(
    st.sampled_from(
        [
            gzip.compress(TEXT[:2000], mtime=0),
            zstandard.compress(TEXT[:2000]),
            zipped(("a", TEXT[:2000])),
            tarred(("a", TEXT[:2000])),
            bz2.compress(TEXT[:2000]),
            lzma.compress(TEXT[:2000]),
        ]
    ),
    st.lists(st.tuples(st.integers(0, 2000), st.integers(0, 255)), max_size=4),
    st.integers(0, 4000),
)
def test_any_damage(content: bytes, changes: list[tuple[int, int]], length: int) -> None:
    """Whatever bytes are changed or cut off, the result is text or a named damage."""
    damaged = bytearray(content)
    for place, value in changes:
        damaged[place % len(damaged)] = value
    _, problem = up_to_damage(bytes(damaged[:length]))
    assert isinstance(problem, str)


def test_a_large_member_of_a_tar_tells_its_size_otherwise() -> None:
    """From 8 GiB on it precedes the member, or is a binary number."""
    told = tarfile.TarInfo("a.log")
    told.size = len(TEXT)
    for pax, binary in ((b"", True), (b"18 size=%d\n" % len(TEXT), False)):
        header = bytearray(told.tobuf(tarfile.USTAR_FORMAT))
        header[124:136] = b"\x80" + len(TEXT).to_bytes(11) if binary else b"0" * 11 + b"\0"
        header[148:156] = b"%06o\0 " % (sum(header[:148]) + sum(header[156:]) + 256)
        more = tarfile.TarInfo("more")
        more.size, more.type = len(pax), tarfile.XHDTYPE
        front = more.tobuf(tarfile.USTAR_FORMAT) + pax.ljust(512, b"\0") if pax else b""
        assert expanded(front + bytes(header) + TEXT + b"\0" * (-len(TEXT) % 512 + 1024)) == TEXT
