"""The columns of a parsed frame."""

from __future__ import annotations

from opencasb.model import transaction
from opencasb.model.transaction import COLUMNS, IGNORED, INTEGER_COLUMNS, LINE, REJECTED, TEXT_COLUMNS


def test_every_column_stands_once_in_the_frame() -> None:
    """Besides the line and its outcome there are only strings and integers, and each name has one column."""
    assert sorted(COLUMNS) == sorted((LINE, IGNORED, REJECTED, *TEXT_COLUMNS, *INTEGER_COLUMNS))
    names = {value for value in vars(transaction).values() if isinstance(value, str) and value in COLUMNS}
    assert names == set(COLUMNS)
    assert len(set(COLUMNS)) == len(COLUMNS)
