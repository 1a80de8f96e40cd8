"""Lines of any file, in batches of limited size."""

from __future__ import annotations

import codecs
import gzip
import io
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from opencasb.discovery.compression import ExpandsTooMuch
from opencasb.discovery.holes import LARGEST_LEADING_HOLE, without_holes
from opencasb.discovery.logfile import BATCH, LONGEST_LINE, LogFile, UnsupportedFileType
from tests.discovery.logs import zipped


def read(content: bytes, **options: Any) -> tuple[list[tuple[int, str | None]], LogFile]:
    """Return the lines of a file with their numbers, and the log file."""
    file = LogFile(io.BytesIO(content), **options)
    return [row for batch in file.batches() for row in batch.iter_rows()], file


def texts(content: bytes) -> list[str | None]:
    """Return the lines of a file."""
    return [text for _, text in read(content)[0]]


@pytest.mark.parametrize(
    ("content", "lines"),
    [
        (b"a\nb\n", ["a", "b"]),
        (b"a\nb", ["a", "b"]),
        (b"a\r\nb\r\n", ["a", "b"]),
        (b"a\r\nb\r", ["a", "b"]),
        (b"a\rb\r\rc", ["a", "b", None, "c"]),
        (b"a" * 70_000 + b"\rb\r", ["a" * 70_000, "b"]),
        (b"a\r" * 40_000, ["a"] * 40_000),
        (b"\xef\xbb\xbfa\nb\n", ["a", "b"]),
        (b"a\n\n\nb\n", ["a", None, None, "b"]),
        (b"\n", [None]),
        (b"", []),
        ("é€\n".encode(), ["é€"]),
        ("é€\n".encode("cp1252"), ["é€"]),
        ("é€\r\nb😀\n".encode("utf-16"), ["é€", "b😀"]),
        (codecs.BOM_UTF16_BE + "é€\nb".encode("utf-16-be"), ["é€", "b"]),
        ("a=1 b=2 é€\r\nb😀\n".encode("utf-16-le"), ["a=1 b=2 é€", "b😀"]),
        ("a=1 b=2 é€\nb".encode("utf-16-be"), ["a=1 b=2 é€", "b"]),
        ("a\n".encode("utf-16-le"), ["a"]),
        (gzip.compress(("x" * 99 + "é\n").encode("utf-16-le"), mtime=0), ["x" * 99 + "é"]),
        ("é\n".encode("utf-16") + b"\x00\xd8\n\x00x", ["é", "\ufffd", "\ufffd"]),
        (codecs.BOM_UTF16_LE, []),
        (gzip.compress("é\n".encode("utf-16"), mtime=0), ["é"]),
        ("é\n".encode() + b"\xe9\n" + b"\x81\n", ["é", "é", "\ufffd"]),
        (b'"a\n"b" c\n', ['"a', '"b" c']),
        (b"a\tb,c;d\n", ["a\tb,c;d"]),
        (b"a b c" * 40 + b"\x01\n" + b"b\n", ["a b c" * 40 + "\x01", "b"]),
        (b"a" * 100 + b"\x0bb\x0cc\x1cd\n", ["a" * 100 + "\x0bb\x0cc\x1cd"]),
        (b" \n#c\n", [" ", "#c"]),
        (b"a" * 100 + b"\x00b\n", ["a" * 100 + "\x00b"]),
        (b"a" * 200 + b"\x00\nb\x00\r\n\x00c\r\x00\n\x00\nd\x00", ["a" * 200, "b", "c", None, "d"]),
        (b"<1>" + b"a" * 100 + b"\x00<2>b\x00<3>c\x00", ["<1>" + "a" * 100, "<2>b", "<3>c"]),
        (b"4 <1>a5 <2>bb4 <3>c", ["<1>a", "<2>bb", "<3>c"]),
        (b"4 <1>a\n4 <2>b\n", ["4 <1>a", "4 <2>b"]),
        (b"4 <1>a 5 b", ["4 <1>a 5 b"]),
        (
            b"h 2020-06-22 18:28:21 a#015#0122020-06-22 18:28:22 b#015#0122020-06\nc\n",
            ["h 2020-06-22 18:28:21 a", "2020-06-22 18:28:22 b#015#0122020-06", "c"],
        ),
        (b"url=a#015#012Host: b#0122020-06-22 18:28:22 c\n", ["url=a#015#012Host: b#0122020-06-22 18:28:22 c"]),
    ],
)
def test_lines(content: bytes, lines: list[str | None]) -> None:
    """Line ends, encodings, empty lines and unusual characters are handled."""
    assert texts(content) == lines


def test_every_control_character() -> None:
    """A file with every possible separator is still split at line ends only."""
    line = bytes(range(1, 10)) + bytes(range(14, 32)) + b"x" * 1000
    assert texts(line + b"\nb\n") == [line.decode(), "b"]


def test_a_path(tmp_path: Path) -> None:
    """A file is opened by its path, and its name does not matter."""
    path = tmp_path / "log.zip"
    path.write_bytes(gzip.compress(b"a\nb\n"))
    assert [text for batch in LogFile(path).batches() for text in batch["text"]] == ["a", "b"]


@settings(max_examples=60)
@given(
    st.lists(
        st.text(st.characters(exclude_characters="\n\r", exclude_categories=("Cs", "Cc")), max_size=20), max_size=30
    ),
    st.integers(1, 40),
)
def test_batches(lines: list[str], batch_bytes: int) -> None:
    """However the file is split into batches, the lines and their numbers are the same."""
    content = "".join(f"{line}\n" for line in lines).encode()
    found, file = read(content, batch_bytes=batch_bytes)
    assert found == [(number, line.removeprefix("\ufeff") or None) for number, line in enumerate(lines, 1)]
    assert file.lines == len(lines)


@pytest.mark.parametrize("length", [LONGEST_LINE + 1, 3 * LONGEST_LINE, 50_000_000])
@pytest.mark.parametrize("end", [b"\nb\n", b"\n", b""])
def test_long_lines(length: int, end: bytes) -> None:
    """A line that is too long is one line, recorded with its beginning; the others keep their numbers."""
    found, file = read(b"a\n" + b"x" * length + end, batch_bytes=2 * LONGEST_LINE)
    assert found == [(1, "a"), (3, "b")][: 1 + len(end) // 3]
    assert file.too_long == [(2, "x" * 500)]
    assert file.lines == 2 + len(end) // 3


@pytest.mark.parametrize(
    ("content", "what"),
    [
        (b"\0" * 100_000, "binary"),
        (os.urandom(100_000), "binary"),
        (b"%PDF-1.7 ...", "a PDF document"),
        (b"7z\xbc\xaf'\x1c", "a 7-Zip file"),
        (b"\x04\x22\x4d\x18d@\xa7" + b"a b\n" * 99, "an lz4 file"),
        (b"\x1f\x9d\x90" + b"a b\n" * 99, "a file of compress"),
        (b"\xff\x06\0\0sNaPpY" + b"a b\n" * 99, "a snappy file"),
        (zipped(("[Content_Types].xml", b"")), "an Office document"),
        (zipped(("docProps/app.xml", b"")), "an Office document"),
        (zipped(("mimetype", b"")), "an Office document"),
        ("\0\1\2".encode("utf-16") * 1000, "binary"),
        (gzip.compress(b"\0\1\2" * 1000, mtime=0), "binary"),
        (b"PK\x05\x06" + b"\0" * 18, "an empty zip file"),
    ],
)
def test_no_text(content: bytes, what: str) -> None:
    """A file that is not text is rejected, with what it is and what is allowed."""
    with pytest.raises(UnsupportedFileType, match=rf"{what}; allowed: text .*gzip, bzip2, xz, zstd, zip or tar"):
        read(content)


def test_a_document_beside_a_log_does_not_keep_it_back() -> None:
    """The document's lines match no format; the log beside it is still read."""
    packed = zipped(("a.log", b"1 2 3"), ("b.xlsx", zipped(("[Content_Types].xml", b"<a/>"))))
    assert texts(packed) == ["1 2 3", "<a/>"]


def test_damage() -> None:
    """Lines before the damage are returned, the damaged line is not, and the damage is reported."""
    content = b"".join(b"%d %s\n" % (number, os.urandom(20).hex().encode()) for number in range(5000))
    packed = gzip.compress(content)
    found, file = read(packed[: len(packed) // 2])
    assert file.problem == "the gzip file is cut off"
    assert len(found) > 2000
    assert [text for _, text in found] == content.decode().split("\n")[: len(found)]


def test_limit() -> None:
    """A file may expand up to the limit."""
    packed = gzip.compress(b"a\n" * 1000)
    assert len(read(packed, max_expanded_bytes=2000)[0]) == 1000
    with pytest.raises(ExpandsTooMuch):
        read(packed, max_expanded_bytes=1999)


@pytest.mark.parametrize("size", [16, 1000, 300_000, 3 * LONGEST_LINE])
def test_holes(size: int) -> None:
    """Long runs of NULs, as copytruncate and power failures leave them, are no lines and make no file binary."""
    hole, more = b"\0" * size, b"c" * 200_000
    assert texts(hole + b"a\nb\n") == ["a", "b"]
    assert texts(b"a\n" + hole + b"b\r\n" + hole) == ["a", "b"]
    assert texts(b"a\n" + more + hole + b"\r\nb\n") == ["a", more.decode(), "b"]
    assert texts(b"a\nb" + hole + b"c\n") == ["a", "b", "c"]
    assert texts(hole + b"a\n" + hole + b"\n" + hole + b"b") == ["a", None, "b"]
    assert texts(gzip.compress(hole + b"a\n", mtime=0)) == ["a"]


@given(st.lists(st.sampled_from([b"a", b"\n", b"\r\n", b"\0" * 3, b"\0" * 16, b"\0" * 40]), max_size=12), st.data())
def test_holes_in_pieces(parts: list[bytes], data: st.DataObject) -> None:
    """However a file arrives, its holes are the same."""
    content = b"".join(parts)
    cuts = sorted(data.draw(st.lists(st.integers(0, len(content)), max_size=6)))
    pieces = [content[begin:end] for begin, end in zip([0, *cuts], [*cuts, len(content)], strict=True)]
    whole = b"".join(without_holes(iter([content])))
    assert b"".join(without_holes(iter(pieces))) == whole
    assert b"\0" * 16 not in whole or not content.strip(b"\0")
    assert whole.replace(b"\0", b"").replace(b"\n", b"") == content.replace(b"\0", b"").replace(b"\n", b"")


def test_the_first_batch_in_another_encoding() -> None:
    """Numbers and long lines stay; later batches are decoded likewise."""
    lines = [b"x" * (LONGEST_LINE + 1), "花子".encode("cp932"), "é".encode(), "太郎".encode("cp932")]
    file = LogFile(io.BytesIO(b"\n".join(lines)), batch_bytes=LONGEST_LINE + 10)
    batches = file.batches()
    first = next(batches)
    assert first["text"].to_list() != ["花子"]
    again = file.again("cp932")
    assert again is not None
    found = [*again.rows(), *(row for batch in batches for row in batch.rows())]
    assert found == [(2, "花子"), (3, "é"), (4, "太郎")]
    assert [number for number, _ in file.too_long] == [1]


def test_a_sparse_file_of_ten_gigabytes_is_refused_by_its_beginning(tmp_path: Path) -> None:
    """It is neither read to its end nor held in memory."""
    path = tmp_path / "hole.log"
    with path.open("wb") as file:
        file.truncate(10 * 1024**3)
    with path.open("rb") as file:
        with pytest.raises(UnsupportedFileType, match="binary"):
            next(LogFile(file).batches())
        assert file.tell() < LARGEST_LEADING_HOLE + BATCH


GROWTH = """
import io, resource, sys
from opencasb.discovery.logfile import LogFile
class Endless(io.RawIOBase):
    left = 400 * 1024 * 1024
    def readable(self): return True
    def readinto(self, buffer):
        count = min(len(buffer), self.left)
        buffer[:count] = b"x" * count
        self.left -= count
        return count
list(LogFile(io.BytesIO(b"a line\\n" * 1000)).batches())
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
file = LogFile(io.BufferedReader(Endless()))
assert list(file.batches()) == [] and len(file.too_long) == 1
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before)
"""


def test_memory_of_a_long_line() -> None:
    """A line of 400 MB takes no more memory than about three batches."""
    done = subprocess.run([sys.executable, "-c", GROWTH], capture_output=True, text=True, check=True)
    unit = 1024 if sys.platform == "linux" else 1
    assert int(done.stdout) * unit < 120 * 1024 * 1024
