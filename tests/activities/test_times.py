"""Times as sources write them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from opencasb.activities.times import read_time
from opencasb.model.iso_time import LATEST

MOMENT = 1_581_272_766_123
"""2020-02-09T18:26:06.123Z."""


@pytest.mark.parametrize(
    "given",
    [
        "2020-02-09T18:26:06.123Z",
        "2020-02-09 18:26:06.123",
        "2020-02-09T18:26:06.1239999Z",
        "2020-02-09 18:26:06.123999999",
        "2020-02-09t18:26:06,123z",
        "2020-02-09T20:26:06.123+02:00",
        "2020-02-09T10:26:06.123-0800",
        " 2020-02-09T18:26:06.123 UTC ",
        "20200209182606.123",
        MOMENT,
        str(MOMENT),
        1_581_272_766.123,
        "1581272766.123",
        MOMENT * 1000 + 999,
        MOMENT * 1_000_000 + 999_999,
        float(MOMENT),
    ],
)
def test_every_form_is_read_and_cut_off(given: str | float) -> None:
    """Fractions below ms are truncated, not rounded; the unit of numbers follows from their size (connectors §3.1)."""
    assert read_time(given) == MOMENT


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ("2020-02-09", 1_581_206_400_000),
        ("2020-02-09T18:26Z", 1_581_272_760_000),
        (1_581_272_766, 1_581_272_766_000),
        (0, 0),
        ("1970-01-01T00:00:00Z", 0),
        ("9999-12-31T23:59:59.999Z", LATEST),
        (10**11 - 1, (10**11 - 1) * 1000),
        (10**11, 10**11),
    ],
)
def test_dates_and_the_earliest_and_latest_times_are_read(given: str | float, expected: int) -> None:
    assert read_time(given) == expected


@pytest.mark.parametrize(
    "given",
    [
        "",
        "yesterday",
        "2020-02-30T00:00:00Z",
        "2020-02-09T25:00:00Z",
        "2020-02-09T18:26:06+99:00",
        "20201399000000",
        "1969-12-31T23:59:59Z",
        "9999-12-31T23:59:59-01:00",
        -1,
        10**20,
        float("nan"),
        float("inf"),
        "\uff11\uff15",
    ],
)
def test_what_is_no_time_is_none(given: str | float) -> None:
    assert read_time(given) is None


@given(st.text(max_size=40) | st.integers() | st.floats())
def test_anything_is_a_time_or_none(value: str | float) -> None:
    found = read_time(value)
    assert found is None or 0 <= found <= LATEST


@given(st.datetimes())
def test_iso_text_is_the_time_it_says(moment: object) -> None:
    """Every time from 1970 on, as Python writes it, is read."""
    assert (read_time(f"{moment}Z") is None) == (str(moment) < "1970")
