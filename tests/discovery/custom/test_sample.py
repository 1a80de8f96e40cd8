"""The first lines of a log."""

from __future__ import annotations

import gzip
from pathlib import Path

import pytest

from opencasb.discovery.compression import LogError
from opencasb.discovery.custom.sample import MOST_LINES, first_lines


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
