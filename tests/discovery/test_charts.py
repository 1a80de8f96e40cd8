"""The geometry of charts."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from opencasb.discovery.charts import bars, calendar, ceiling, column_chart


@pytest.mark.parametrize(
    ("value", "top"),
    [(0, 1), (1, 1), (2, 2), (7, 8), (9, 10), (10, 10), (11, 20), (52, 60), (601, 800), (5_300, 6_000)],
)
def test_the_top_of_an_axis_is_a_round_number(value: int, top: int) -> None:
    """One digit followed by zeros."""
    assert ceiling(value) == top


@given(st.integers(0, 2**63))
def test_the_top_of_an_axis_is_near(value: int) -> None:
    """Never below the value and less than twice as high."""
    assert value <= ceiling(value) <= max(1, 2 * value)


def test_columns_stand_on_the_base_line() -> None:
    """Each day has a slot of equal width; the height is the value's share of the axis."""
    chart = column_chart(["2025-11-19", "2025-11-20"], [30, 60], str)
    first, second = chart.columns
    assert (first.y, first.height, first.title) == (60, 60, "2025-11-19: 30")
    assert (second.y, second.height) == (0, 120)
    assert [(mark.at, mark.text) for mark in chart.levels] == [(0, "60"), (60, "30")]
    assert [(mark.at, mark.text) for mark in chart.days] == [(25, "11-19"), (75, "11-20")]


@given(st.lists(st.integers(0, 2**62), max_size=450))
def test_columns_stay_inside_and_apart(values: list[int]) -> None:
    """Whatever the values: between 0 and 100 percent, below the top, without overlap, with few day labels."""
    days = [f"2025-{1 + number // 28:02}-{1 + number % 28:02}" for number in range(len(values))]
    chart = column_chart(days, values, str)
    edge = 0.0
    for column in chart.columns:
        assert edge <= column.x
        edge = column.x + column.width
        assert 0 <= column.y <= chart.height
        assert abs(column.y + column.height - chart.height) < 0.01
    assert edge <= 100.01
    assert len(chart.days) <= 6


def test_an_odd_axis_has_one_level() -> None:
    """There are no half lines."""
    assert [mark.text for mark in column_chart(["2025-11-20"], [1], str).levels] == ["1"]


def test_lying_bars_are_shares_of_the_longest() -> None:
    """They are drawn even if all are zero."""
    assert [bar.width for bar in bars(["a", "b", "c"], [8, 2, 0], str)] == [100, 25, 0]
    assert [bar.width for bar in bars(["a"], [0], str)] == [0]
    assert bars([], [], str) == ()


def test_the_calendar_has_no_gaps() -> None:
    """Days without traffic are included, unless a distant day would stretch the period beyond about a year."""
    assert calendar(["2025-10-31", "2025-11-02"]) == ["2025-10-31", "2025-11-01", "2025-11-02"]
    assert calendar(["1970-01-01", "2025-11-20"]) == ["1970-01-01", "2025-11-20"]
    assert calendar([]) == []
