"""The filters page agrees with the code."""

from __future__ import annotations

import sys
from pathlib import Path

from opencasb.filters.parse import NEGATIVES, OPERATORS

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "filters.md").read_text(encoding="utf-8")


def test_the_tables_are_those_of_the_code() -> None:
    """The page is what ``make docs`` would write now."""
    sys.path.insert(0, str(ROOT / "scripts"))
    try:
        from generate_docs import with_filters  # type: ignore[import-not-found]
    finally:
        sys.path.pop(0)
    assert with_filters(PAGE) == PAGE


def test_every_operator_is_explained() -> None:
    """In the table of operators, before the tables of filters."""
    explained = PAGE.partition("## Values")[0]
    assert [name for name in (*OPERATORS, *NEGATIVES) if f"`{name}`" not in explained] == []
