"""Previews of definitions on samples."""

from __future__ import annotations

import gzip
from pathlib import Path

import pytest

from opencasb.discovery.compression import LogError
from opencasb.discovery.custom.preview import MOST_LINES, first_lines, one_line, preview
from opencasb.discovery.formats.base import ParseContext
from tests.discovery.custom.definitions import small
from tests.discovery.formats.parsed import RECEIVED


def test_coverage_and_rejections() -> None:
    """Shares refer to transactions; rows are the first ones in line order."""
    lines = [f'{{"c":"10.0.0.{n}","u":"https://a.example/{n}"}}' for n in range(1, 4)]
    seen = preview(small(), [*lines, "no", "", "# x"], ParseContext(RECEIVED), rows=2)
    assert [row["line"] for row in seen.rows] == [1, 2]
    assert (seen.coverage["url"], seen.coverage["user"], seen.blocked) == (1, 0, 0)
    assert seen.fits == 0.75
    record = seen.record()
    assert record["lines"] == {"read": 6, "used": 3, "ignored": 2, "rejected": 1}
    assert record["rejected_samples"] == [{"line": 4, "reason": "no object of JSON", "text": "no"}]


def test_no_line_of_an_empty_sample_fits() -> None:
    """A sample without lines has no shares."""
    assert preview(small(), [], ParseContext(RECEIVED)).fits == 0


def test_what_is_no_character_does_not_raise() -> None:
    """Line ends and lone surrogates are replaced."""
    assert one_line("a\r\nb\ud800") == "a  b?"


def test_only_the_beginning_counts(tmp_path: Path) -> None:
    """Of a file or its content, compressed or not, without empty lines."""
    content = b"\n".join(b"line %d\n" % n for n in range(2 * MOST_LINES))
    (tmp_path / "a.gz").write_bytes(gzip.compress(content))
    lines = first_lines(tmp_path / "a.gz")
    assert lines == first_lines(content)
    assert (len(lines), lines[1]) == (MOST_LINES, "line 1")


def test_what_is_no_text_is_refused() -> None:
    """With the reason."""
    with pytest.raises(LogError, match="an image"):
        first_lines(b"\x89PNG\r\n")
