"""Sophos XG and Cyberoam records."""

from __future__ import annotations

import pytest

from opencasb.discovery.formats.base import ParseContext
from opencasb.discovery.formats.sophos_xg import FORMATS
from tests.discovery.formats.appliance_lines import CYBEROAM, SOPHOS_XG
from tests.discovery.formats.parsed import RECEIVED
from tests.discovery.formats.reading import fates, ms, one, read

XG, OLD = FORMATS
SESSION, WEB = SOPHOS_XG[0], CYBEROAM[0]
SAME = SESSION.replace('"901"', '"901"').replace("con_event", "connevent").replace("con_id", "connid")


def test_the_end_of_a_connection() -> None:
    row = one(XG, SESSION)
    assert (row["timestamp"], row["user"], row["source_ip"]) == (ms("2025-11-20T11:00:01Z"), "ann1", "10.0.0.1")
    assert (row["uploaded_bytes"], row["downloaded_bytes"], row["action"]) == (100, 1000, "allow")
    assert (row["destination_ip"], row["destination_host"]) == ("203.0.113.1", None)
    assert one(XG, SAME) == row
    assert one(XG, SESSION.replace('con_event="Stop" ', ""))["total_bytes"] == 1100


def test_content_filtering() -> None:
    row = one(OLD, WEB)
    assert (row["url"], row["destination_host"]) == ("http://play1.example.com/a/1", "play1.example.com")
    assert (row["action"], row["total_bytes"], row["user"]) == ("block", 110, "ann1")
    assert one(OLD, WEB.replace("Denied", "Warned"))["action"] == "allow"
    assert one(OLD, WEB.replace(' url="http://play1.example.com/a/1"', ""))["destination_host"] == "play1.example.com"


@pytest.mark.parametrize(
    ("written", "user"),
    [("Not Found", None), ("Ann Lee", "Ann Lee"), ("Lee (Ann) ", "Lee (Ann)"), ("ann1", "ann1"), ("", None)],
)
def test_a_user_without_quotes(written: str, user: str | None) -> None:
    for known, line in ((XG, SESSION), (OLD, WEB)):
        assert one(known, line.replace('user_name="ann1"', f"user_name={written}"))["user"] == user
        last = line.replace(' user_name="ann1"', "") + f" user_name={written}"
        assert one(known, last)["user"] == user


def test_a_visitor_cannot_forge_a_user() -> None:
    line = WEB.replace("/a/1", "/a user_name=boss x=1")
    assert one(OLD, line)["user"] == "ann1"
    assert one(OLD, line.replace(' user_name="ann1"', ""))["user"] is None
    assert one(OLD, line.replace(' user_name="ann1"', "") + " user_name=Ann Lee")["user"] != "boss"


@pytest.mark.parametrize(
    ("zone", "when"),
    [
        ('timezone="IST"', "2025-11-20T11:00:01+05:30"),
        ('timezone="+0530"', "2025-11-20T11:00:01+05:30"),
        ('timezone="+11"', "2025-11-20T11:00:01+11:00"),
        ('timezone="NOWHERE"', "2025-11-20T11:00:01+01:00"),
    ],
)
def test_the_time(zone: str, when: str) -> None:
    berlin = ParseContext(RECEIVED, timezone="Europe/Berlin")
    line = WEB.replace('timezone="IST"', zone)
    assert one(OLD, line, berlin)["timestamp"] == ms(when)
    quoted = line.replace("2025-11-20", '"2025-11-20"').replace("11:00:01", '"11:00:01"')
    assert one(OLD, quoted, berlin)["timestamp"] == ms(when)


def test_the_time_and_user_of_the_log_viewer() -> None:
    """The time precedes the record type; no other time does. Its key of the user is a shorter one."""
    line = f"2025-11-20 11:00:01Web Filtermessageid=16002 {WEB[WEB.index('log_type') :]}"
    assert one(XG, line)["timestamp"] == ms("2025-11-20T11:00:01Z")
    assert one(XG, line)["user"] == "ann1"
    assert one(XG, line.replace("user_name=", "user="))["user"] == "ann1"


@pytest.mark.parametrize("change", [("Allowed", "Denied"), ("Allowed", "Drop"), ("log_subtype", 'status="Deny" x')])
def test_a_denied_connection_counts_from_its_start(change: tuple[str, str]) -> None:
    line = SESSION.replace(*change)
    assert one(XG, line)["action"] == "block"
    if "log_subtype" in line:
        assert one(XG, line.replace("Stop", "Start"))["action"] == "block"


def test_what_is_no_transaction() -> None:
    lines = [
        SESSION.replace("Stop", "Start"),
        SESSION.replace("Stop", "Interim"),
        SESSION.replace('"Firewall" ', '"Event" '),
        SESSION.replace('"Firewall" ', '"IDP" '),
        SESSION.replace("Allowed", "Do not decrypt"),
        WEB.replace(' url="http://play1.example.com/a/1"', "").replace(" domain=play1.example.com", ""),
        "hello",
    ]
    kind = ("not a firewall or content-filtering record", None)
    assert fates(XG, lines) == [
        ("session start", None),
        ("session start", None),
        kind,
        kind,
        kind,
        ("content filtering without a host", None),
        (None, "not a Sophos firewall record"),
    ]


@pytest.mark.parametrize("batches", [1, 2])
def test_the_records_of_a_connection_count_once(batches: int) -> None:
    web, session = read(XG, WEB, SESSION, batches=batches)
    assert web["ignored"] == "counted with its session"
    assert (session["destination_host"], session["action"], session["total_bytes"]) == (
        "play1.example.com",
        "block",
        1100,
    )


def test_values_with_blanks_and_empty_keys() -> None:
    line = SESSION.replace('"Unknown (0x0000)"', "Unknown (0x0000)").replace(' user_name="ann1"', " user_name=")
    assert one(XG, line)["user"] is None
    assert one(XG, line.replace("src_mac=", "src_mac=02:00:00:00:00:01"))["source_device"] == "02:00:00:00:00:01"


def test_a_visitor_cannot_forge_a_field() -> None:
    forged = WEB.replace("/a/1", "/a user_name=boss src_ip=6.6.6.6 log_subtype=Allowed ")
    row = one(OLD, forged)
    assert (row["user"], row["source_ip"], row["action"]) == ("ann1", "10.0.0.1", "block")


def test_each_family_knows_its_own() -> None:
    assert (XG.recognise(SOPHOS_XG)[0], XG.recognise(CYBEROAM)[0]) == (1, 0)
    assert (OLD.recognise(SOPHOS_XG)[0], OLD.recognise(CYBEROAM)[0]) == (0, 1)
