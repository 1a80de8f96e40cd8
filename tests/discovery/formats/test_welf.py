"""WebTrends Enhanced Log Format."""

from __future__ import annotations

import pytest

from opencasb.discovery.formats.welf import FORMATS
from tests.discovery.formats.appliance_lines import SONICWALL, STORMSHIELD, WELF
from tests.discovery.formats.reading import fates, ms, one

(KNOWN,) = FORMATS
LINE = WELF[0]


def test_a_record() -> None:
    row = one(KNOWN, LINE)
    assert (row["timestamp"], row["user"], row["source_ip"]) == (ms("2025-11-20T11:00:01Z"), "ann1", "10.0.0.1")
    assert (row["destination_host"], row["url"], row["destination_ip"]) == (
        "files1.example.com",
        "https://files1.example.com/a/1",
        "203.0.113.1",
    )
    assert (row["uploaded_bytes"], row["downloaded_bytes"], row["action"]) == (100, 1000, "allow")


@pytest.mark.parametrize(
    "more",
    [
        ' action=deny msg="x"',
        ' msg="session denied"',
        " type=drop",
        ' type="traffic denied"',
        ' msg="URL Blocked by policy"',
    ],
)
def test_words_that_block(more: str) -> None:
    assert one(KNOWN, LINE.replace(' msg="closed"', more))["action"] == "block"


def test_names_of_objects_are_no_hosts() -> None:
    row = one(KNOWN, LINE.replace("files1.example.com", "web-server"))
    assert (row["destination_host"], row["destination_ip"]) == (None, "203.0.113.1")
    assert one(KNOWN, LINE.replace("dst=203.0.113.1 ", ""))["destination_host"] == "files1.example.com"


def test_what_is_no_transaction() -> None:
    lines = ['id=firewall time="2025-11-20 11:00:01" fw=x pri=5 msg="up"', LINE.replace("200", "407"), "hello"]
    assert fates(KNOWN, lines) == [
        ("no traffic record", None),
        ("authentication challenge", None),
        (None, "not a WELF record"),
    ]


def test_a_visitor_cannot_forge_a_field() -> None:
    assert one(KNOWN, LINE.replace("user=ann1 ", "").replace("closed", "x user=boss src=6.6.6.6"))["user"] is None


def test_neighbours_are_not_taken_for_it() -> None:
    assert fates(KNOWN, [*SONICWALL, *STORMSHIELD]) == [(None, "not a WELF record")] * len([*SONICWALL, *STORMSHIELD])
    assert KNOWN.recognise([*SONICWALL, *STORMSHIELD])[0] == 0
