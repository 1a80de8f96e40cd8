"""Fields by their usual names."""

from __future__ import annotations

from collections.abc import Callable
from itertools import product

import polars as pl
import pytest

from opencasb.discovery.formats.aliases import ALIASES, header_of, read_columns, read_objects, read_pairs


def frame(*lines: str) -> pl.DataFrame:
    """Return lines as seen by a parser."""
    return pl.DataFrame({"line": range(len(lines)), "text": list(lines)})


@pytest.mark.parametrize(
    "line",
    [
        'src=10.0.0.1 User="jo x" act=Blocked',
        "src=10.0.0.1\tUser=jo x\tact=Blocked",
        "src=10.0.0.1|User=jo x|act=Blocked",
        'src="10.0.0.1",User="jo x",act="Blocked"',
        'src=10.0.0.1, User="jo x", act=Blocked',
        'src=10.0.0.1; User="jo x"; act=Blocked;',
    ],
)
def test_pairs_in_any_style(line: str) -> None:
    row = read_pairs(frame(line, line)).to_dicts()[1]
    assert (row["source"], row["user"], row["action"]) == ("10.0.0.1", "jo x", "Blocked")
    assert row["url"] is None


def test_styles_beside_each_other() -> None:
    rows = read_pairs(frame("src=1 x=2", "src=3\tx=4", "no pairs")).sort("line")
    assert rows["source"].to_list() == ["1", "3", None]


@pytest.mark.parametrize(("pair", "read"), [("{}={}", read_pairs), ('"{}":"{}",', read_objects)])
def test_a_visitor_cannot_slow_it_down_by_spellings(pair: str, read: Callable[[pl.DataFrame], pl.DataFrame]) -> None:
    """Thousands of spellings of a key cost no more than a few, and the usual one is read."""
    ways = ["".join(letters) for letters in product(*zip("username", "USERNAME", strict=True))]
    many = [pair.format(way, "boss") for way in ways]
    usual = " ".join(pair.format(*each) for each in (("src", "10.0.0.1"), ("username", "ann")))
    rows = read(frame(*[usual] * 3, f"{usual} {' '.join(many)}", usual))
    assert rows["user"].to_list() == ["ann"] * 5


def test_the_first_name_with_a_value_wins() -> None:
    rows = read_pairs(frame("duser=b suser=a src=1", "suser=- duser=b src=1", "suser=N/A src=2"))
    assert rows["user"].to_list() == ["a", None, None]


def test_objects() -> None:
    line = r'{"Src": "10.0.0.1", "nested": {"URL":"https:\/\/a.example.com\/\u00e9"}, "bytes_out": 5, "user": null}'
    (row,) = read_objects(frame(line)).to_dicts()
    assert (row["source"], row["url"], row["sent"], row["user"]) == ("10.0.0.1", "https://a.example.com/é", "5", None)


@pytest.mark.parametrize(
    ("written", "server"),
    [
        ('["10.0.0.1", "10.0.0.2"]', "10.0.0.1"),
        ('[ "10.0.0.1" ]', "10.0.0.1"),
        ("[]", None),
        ('[{"a": "10.0.0.1"}]', None),
    ],
)
def test_of_a_list_the_first_counts(written: str, server: str | None) -> None:
    (row,) = read_objects(frame(f'{{"dst": {written}, "src": "10.0.0.9"}}')).to_dicts()
    assert (row["server"], row["source"]) == (server, "10.0.0.9")


def test_a_key_inside_a_value_is_no_key() -> None:
    (row,) = read_objects(frame(r'{"agent": "\"src\": \"6.6.6.6\"", "src": "10.0.0.1"}')).to_dicts()
    assert row["source"] == "10.0.0.1"
    (row,) = read_pairs(frame('agent="x src=6.6.6.6 " src=10.0.0.1')).to_dicts()
    assert row["source"] == "10.0.0.1"


def test_columns_under_a_header_row() -> None:
    columns = header_of("Date,Time,User Name,Source IP,Host,Bytes Sent")
    assert columns is not None
    assert columns.places == {"date": 0, "clock": 1, "user": 2, "source": 3, "authority": 4, "sent": 5}
    (row,) = read_columns(frame('2025-11-20,11:00:00,"a, b",10.0.0.1,a.example.com,-'), columns).to_dicts()
    assert (row["user"], row["source"], row["sent"], row["url"]) == ("a, b", "10.0.0.1", None, None)


@pytest.mark.parametrize("line", ["hello", "user,host", "10.0.0.1,a.example.com,7", ""])
def test_other_lines_are_no_header_row(line: str) -> None:
    assert header_of(line) is None


def test_every_name_means_one_thing() -> None:
    names = [name for known in ALIASES.values() for name in known]
    assert len(names) == len(set(names))
    assert all(name == name.lower() for name in names)
