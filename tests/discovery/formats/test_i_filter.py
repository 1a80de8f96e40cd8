"""Digital Arts i-FILTER."""

from __future__ import annotations

from urllib.parse import quote

import pytest

from opencasb.discovery.formats.i_filter import FORMATS
from opencasb.discovery.recognise import recognise
from tests.discovery.formats.appliance_lines import I_FILTER
from tests.discovery.formats.reading import fates, ms, one

(KNOWN,) = FORMATS
LINE = I_FILTER[0]


def test_an_access_record() -> None:
    row = one(KNOWN, LINE)
    assert (row["timestamp"], row["user"], row["source_ip"]) == (ms("2025-11-20T20:00:01+09:00"), "ann/1", "10.0.0.1")
    assert (row["url"], row["destination_ip"]) == ("https://files1.example.com/a/1", "203.0.113.1")
    assert (row["uploaded_bytes"], row["downloaded_bytes"], row["action"]) == (None, 1000, "allow")
    assert row["source_device"] == "pc 1"


def test_japanese_names_and_a_parent_proxy() -> None:
    row = one(KNOWN, LINE.replace("ann%2F1", quote("花子")).replace("203.0.113.1:443", "-"))
    assert (row["user"], row["destination_ip"], row["destination_host"]) == ("花子", None, "files1.example.com")


def test_names_of_japanese_windows() -> None:
    """What is not UTF-8 is Shift JIS, also in the block log."""
    name = quote("花子".encode("cp932"))
    row = one(KNOWN, LINE.replace("ann%2F1", name).replace("pc%201", name))
    assert (row["user"], row["source_device"]) == ("花子", "花子")
    refused = f"4711 10.0.0.1 {name} staff Games 20/Nov/2025:20:00:01 +0900 http://play.example.com/ block 43 3 99"
    assert one(KNOWN, refused)["user"] == "花子"


def test_verdicts_and_tunnels() -> None:
    assert one(KNOWN, LINE.replace(" pass ", " block "))["action"] == "block"
    row = one(KNOWN, LINE.replace("GET https://files1.example.com/a/1", "CONNECT files1.example.com:443"))
    assert (row["destination_host"], row["url"]) == ("files1.example.com", None)


@pytest.mark.parametrize("time", ["[20/Nov/2025:20:00:01 +0900]", "20/Nov/2025:20:00:01 +0900"])
@pytest.mark.parametrize("header", ["", "Nov 20 20:00:01 "])
def test_the_block_log(header: str, time: str) -> None:
    """Its time has no brackets."""
    line = f"{header}4711 10.0.0.1 ann staff Games {time} http://play.example.com/ block 43 3 99 28 0 -1 0 x"
    row = one(KNOWN, line)
    assert (row["action"], row["user"], row["total_bytes"]) == ("block", "ann", None)
    assert (row["timestamp"], row["url"]) == (ms("2025-11-20T20:00:01+09:00"), "http://play.example.com/")
    assert KNOWN.recognise([line])[0] == 1


@pytest.mark.parametrize("column", ["-", "1000/01/"])
@pytest.mark.parametrize("header", ["Nov 20 20:00:01 ", "<13>Nov 20 20:00:02 gw [proxyIfilter: Nov 20 20:00:01 "])
def test_records_without_a_parent_and_a_connecting_address(header: str, column: str) -> None:
    line = (
        f"{header}4711 {column} 203.0.113.1 10.0.0.1 pc%201 ann%2F1 [20/Nov/2025:20:00:01 +0900] 200 0 1000 pass - 1 2"
        ' staff "GET https://files1.example.com/a/1 HTTP/1.1" - Agent%2F4.0 text%2Fhtml 951A'
    )
    assert one(KNOWN, line) == one(KNOWN, LINE)
    assert recognise([line]).source.startswith("I_FILTER")


@pytest.mark.parametrize("agent", ['"http://ref.example.com/" "Agent%2F4.0"', "- Agent%2F4.0", '"-""Agent x"'])
def test_older_releases(agent: str) -> None:
    """Their 29 columns have the request before the status."""
    line = (
        "Nov 20 20:00:01 5207 104/01/ 10.9.9.1:8000 10.0.0.1 pc%201 ann%2F1 [20/Nov/2025:20:00:01 +0900]"
        f' "GET https://files1.example.com/a/1 HTTP/1.1" {agent} 200 0 1000 pass 25 19 108 staff text%2Fhtml 0 - - 951A'
    )
    assert one(KNOWN, line) == one(KNOWN, LINE) | {"destination_ip": None}
    assert one(KNOWN, line.replace(" pass ", " block "))["action"] == "block"
    assert KNOWN.recognise([line])[0] == 1


def test_headers_change_nothing() -> None:
    assert one(KNOWN, "<134>Nov 20 12:00:00 relay " + LINE) == one(KNOWN, LINE)
    assert KNOWN.recognise([LINE])[0] == 1


def test_what_is_no_transaction() -> None:
    lines = [LINE.replace("] 200 ", "] 407 "), "4711 1000/01/ - 203.0.113.1 10.9.9.9", "hello"]
    assert fates(KNOWN, lines) == [
        ("authentication challenge", None),
        (None, "too few fields"),
        (None, "not an i-FILTER record"),
    ]
