"""FortiGate's own keys in CEF."""

from __future__ import annotations

from typing import Any

import pytest

from tests.discovery.formats.parsed import RECEIVED, row, rows

PREFIXES = pytest.mark.parametrize("prefix", ["FTNTFGT", "FortinetFortiGate", "ad."])
END = (
    "CEF:0|Fortinet|FortiGate-100F|7.2.8,build1639 (GA)|0000000013|forward traffic close|3|{}src=10.0.0.1"
    " dst=203.0.113.9 dpt=443 externalId=7 act=close out=1000 in=2000"
)
LOCAL = "start=Nov 20 2025 14:00:00 "


def read(keys: str, **context: Any) -> dict[str, Any]:
    """Return the row of a session-end record that begins with these keys."""
    return row("GENERIC_CEF", END.format(keys), **context)


@PREFIXES
@pytest.mark.parametrize("time", ["1763640000", "1763640000000000000"])
@pytest.mark.parametrize("local", ["", LOCAL])
def test_the_epoch_wins_over_a_local_time(prefix: str, time: str, local: str) -> None:
    assert read(f"{local}{prefix}eventtime={time} ", timezone="Asia/Tokyo")["timestamp"] == RECEIVED


@pytest.mark.parametrize("key", ["FTNTFGTtz", "FortinetFortiGatetz", "ad.tz", "tz"])
@pytest.mark.parametrize("zone", ["+0200", '"+0200"', "+02:00"])
def test_a_local_time_has_the_zone_of_its_record(key: str, zone: str) -> None:
    assert read(f"{LOCAL}{key}={zone} ", timezone="Asia/Tokyo")["timestamp"] == RECEIVED


def test_a_local_time_without_a_zone_is_that_of_the_data_source() -> None:
    assert read(LOCAL, timezone="Europe/Kyiv")["timestamp"] == RECEIVED
    assert read(LOCAL.replace(":00 ", ":00 CET ") + "tz=+0900 ")["timestamp"] == RECEIVED + 3_600_000


@PREFIXES
def test_who_did_not_sign_in_is_the_user_all_the_same(prefix: str) -> None:
    """An unauthenticated user counts unless a user is known, and is preferred to the server's user."""
    guest = f'{prefix}unauthuser="ann lee" '
    assert read(guest)["user"] == "ann lee"
    assert read(guest + "duser=root ")["user"] == "ann lee"
    assert read(guest + "suser=joe ")["user"] == "joe"
    assert read("duser=joe ")["user"] == "joe"


@PREFIXES
def test_deltas_win_over_running_totals(prefix: str) -> None:
    found = read(f"{prefix}sentdelta=10 {prefix}rcvddelta=0 ")
    assert (found["uploaded_bytes"], found["downloaded_bytes"], found["total_bytes"]) == (10, 0, 10)


@PREFIXES
@pytest.mark.parametrize(("verdict", "action"), [("block", "block"), ("Blocked", "block"), ("allow", "allow")])
def test_what_a_profile_did_to_a_session(prefix: str, verdict: str, action: str) -> None:
    assert read(f"{prefix}utmaction={verdict} ")["action"] == action


@PREFIXES
def test_the_hardware_address_stands_in_for_the_name(prefix: str) -> None:
    address = f"{prefix}srcmac=00:53:a5:10:44:b8 "
    assert read(address)["source_device"] == "00:53:a5:10:44:b8"
    assert read(f"{address}{prefix}mastersrcmac=00:53:00:00:00:01 ")["source_device"] == "00:53:00:00:00:01"
    assert read(f"{address}shost=pc1 ")["source_device"] == "pc1"


def test_only_fortigate_says_so() -> None:
    """Lines of other vendors in the same log, and records of other dialects, are unaffected."""
    other = "CEF:0|Ex|Gw|1|100|web|3|src=10.0.0.1 dst=203.0.113.9 out=1 in=2 ad.sentdelta=9 suser=joe rt=1763640000000"
    lines = [other, END.format("ad.sentdelta=10 ad.unauthuser=ann "), END.format("FTNTFGTsentdelta=20 ")]
    found = rows("GENERIC_CEF", lines)
    assert [one["uploaded_bytes"] for one in found] == [1, 10, 20]
    assert [one.get("user") for one in found] == ["joe", "ann", None]
