"""The two formats of feed responses."""

from __future__ import annotations

import io
from collections.abc import Callable
from datetime import UTC, datetime

import polars as pl
import pytest

from opencasb.api.feed.answers import NDJSON, PARQUET, media_type
from tests.activities.example import wire
from tests.api.feed.conftest import House
from tests.conftest import NOW


@pytest.mark.parametrize(
    ("accept", "expected"),
    [
        ("", NDJSON),
        ("*/*", NDJSON),
        ("application/json", NDJSON),
        (PARQUET, PARQUET),
        ("Application/vnd.Apache.Parquet;q=0.5, */*;q=0.1", PARQUET),
        (f"{NDJSON};q=0.9, {PARQUET};q=0.8", NDJSON),
        (f"{NDJSON}, {PARQUET}", PARQUET),
        (f"{PARQUET};q=0", NDJSON),
        (f"{PARQUET};q=much", NDJSON),
        (",;,=;q", NDJSON),
    ],
)
def test_the_form_is_chosen_by_the_accept_header(accept: str, expected: str) -> None:
    """Parquet if it is named and preferred; otherwise JSON lines."""
    assert media_type(accept) == expected


def test_parquet_has_four_columns(small: Callable[..., House]) -> None:
    """Change number, id, time and the whole record; the cursor is in the header."""
    house = small()
    house.add(1, 2)
    answer = house.get("activities", Accept=PARQUET)
    assert answer.headers["content-type"] == PARQUET
    table = pl.read_parquet(io.BytesIO(answer.content))
    assert table.schema == {
        "sequence": pl.Int64,
        "id": pl.String,
        "timestamp": pl.Datetime("ms", "UTC"),
        "record": pl.String,
    }
    ids = [wire(number)["_id"] for number in (1, 2)]
    times = [datetime.fromtimestamp(NOW / 1000 - number, UTC) for number in (1, 2)]
    assert table.select("sequence", "id", "timestamp").rows() == [(1, ids[0], times[0]), (2, ids[1], times[1])]
    assert table["record"].str.json_path_match("$._id").to_list() == ids
    rest = house.get(f"activities?cursor={answer.headers['next-cursor']}", Accept=PARQUET)
    assert pl.read_parquet(io.BytesIO(rest.content)).schema == table.schema
    assert rest.headers["next-cursor"]


def test_lines_have_their_media_type(small: Callable[..., House]) -> None:
    """An empty response has it, too."""
    assert small().get().headers["content-type"] == NDJSON
