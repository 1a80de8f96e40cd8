"""Locating the columns of Zscaler's CSV feed, four of which depend on the release."""

from __future__ import annotations

import itertools

import polars as pl
import pytest

from opencasb.discovery.formats.zscaler_csv import csv_fields

BEFORE = ["t", "u", "HTTPS", "h/", "Allowed", "App"]
SIZES = ["10", "20"]
MIDDLE = ["c1", "c2", "c3", "c4", "c5", "0"]
AFTER = ["e", "d", "l", "p"]
CLIENT = ["10.0.0.1", "203.0.113.1", "GET", "200", "ua", "ref", "rt", "rl", "ct", "un", "owner", "device", "key"]


def line(status: list[str], times: list[str], severity: list[str], client: list[str]) -> str:
    cells = [*BEFORE, *status, "class", *SIZES, *times, *MIDDLE, *severity, *AFTER, *client]
    return ",".join(f'"{cell}"' for cell in cells)


def fields(*lines: str) -> list[dict[str, str | None]]:
    return csv_fields(pl.DataFrame({"text": lines})).drop("text").to_dicts()


@pytest.mark.parametrize("present", list(itertools.product([False, True], repeat=3)))
@pytest.mark.parametrize(
    ("client", "server"), [("10.0.0.1", "203.0.113.1"), ("fd00::1", "2001:db8::1"), ("10.0.0.1", "NA"), ("fd00::1", "")]
)
def test_sizes_and_addresses_are_found_in_every_release(
    present: tuple[bool, bool, bool], client: str, server: str
) -> None:
    status, times, severity = present
    written = line(["ok"] * status, ["1", "2"] * times, ["none"] * severity, [client, server, *CLIENT[2:]])
    assert fields(written) == [
        {
            "time": "t",
            "user": "u",
            "protocol": "HTTPS",
            "url": "h/",
            "action": "Allowed",
            "sent": "10",
            "received": "20",
            "source": client,
            "server": server,
            "method": "GET",
            "status": "200",
            "owner": "owner",
            "device": "device",
        }
    ]


def test_lines_of_several_releases_and_broken_ones_stand_side_by_side() -> None:
    rows = fields(line([], [], [], CLIENT), line(["ok"], [], ["x"], CLIENT), '"a","b"', 'a,"b,""c"",d"', "")
    assert [row["source"] for row in rows].count("10.0.0.1") == 2
    assert sorted(str(row["user"]) for row in rows) == ["None", "b", 'b,"c",d', "u", "u"]
