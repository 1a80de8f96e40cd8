"""Juniper SRX sessions and web filter."""

from __future__ import annotations

import re

import pytest

from opencasb.discovery.formats.juniper_srx import FORMATS
from opencasb.discovery.recognise import recognise
from tests.discovery.formats.appliance_lines import SRX, SRX_SD, SRX_WEB
from tests.discovery.formats.reading import fates, ms, one, read, used

STRUCTURED, PLAIN = FORMATS

APPTRACK = (
    "Nov 20 11:00:00 srx1 RT_FLOW: APPTRACK_SESSION_CLOSE: AppTrack session closed TCP FIN:"
    " 10.0.0.1/50001->203.0.113.1/443"
    " junos-https SSL GOOGLE 198.51.100.1/60001->203.0.113.1/443 nat1 None 6 out trust untrust 901 7(100) 9(1000) 12"
    " ann1 staff No"
)
DENY = (
    "Sep 29 23:49:20 srx1 RT_FLOW: RT_FLOW_SESSION_DENY: session denied 10.0.0.1/54924->203.0.113.9/53 junos-dns-udp"
    " 17(0) default-deny(global) trust untrust UNKNOWN UNKNOWN jo(staff) ge-0/0/0.0 UNKNOWN policy deny"
)


def test_the_end_of_a_session() -> None:
    assert one(PLAIN, SRX[0]) == {
        "line": 1,
        "ignored": None,
        "rejected": None,
        "timestamp": ms("2025-11-20T11:00:01Z"),
        "user": "ann1",
        "source_ip": "10.0.0.1",
        "source_device": None,
        "destination_host": None,
        "url": None,
        "destination_ip": "203.0.113.1",
        "action": "allow",
        "uploaded_bytes": 100,
        "downloaded_bytes": 1000,
        "total_bytes": 1100,
        "transactions": 1,
    }


def test_both_shapes_say_the_same() -> None:
    plain, structured = one(PLAIN, SRX[0]), one(STRUCTURED, SRX_SD[0])
    assert plain | {"timestamp": 0} == structured | {"timestamp": 0}
    assert one(PLAIN, SRX_SD[0]) == structured  # a collector's file has both


@pytest.mark.parametrize("tag", ["RT_FLOW:", "RT_FLOW", ""])
def test_messages_may_have_lost_their_name(tag: str) -> None:
    """The message is identified by its words, and so is the format of the file."""
    lines = [re.sub(r"RT_FLOW: RT_FLOW_SESSION_[A-Z]+: ", f"{tag} " if tag else "", line) for line in (SRX[0], DENY)]
    assert read(PLAIN, *lines) == read(PLAIN, SRX[0], DENY)
    created = lines[0].replace("session closed TCP FIN:", "session created")
    assert fates(PLAIN, [created]) == [("session start", None)]
    found = recognise(lines)
    assert found is not None
    assert found.source == "JUNIPER_SRX_SYSLOG"


@pytest.mark.parametrize("first", ['reason="TCP CLIENT RST" ', "", "xxxxx "])
def test_structured_data_may_have_lost_their_name(first: str) -> None:
    bare, count = re.subn(r"\[junos@\S+ ", f"[{first}", SRX_SD[0])
    assert count == 1
    assert one(STRUCTURED, bare) == one(STRUCTURED, SRX_SD[0])
    assert recognise([bare]).source == "JUNIPER_SRX_SD_SYSLOG"
    started = bare.replace("SESSION_CLOSE", "SESSION_CREATE")
    assert fates(STRUCTURED, [started]) == [("session start", None)]


@pytest.mark.parametrize("tag", ["RT_FLOW: ", "RT_FLOW[1234]: ", ""])
@pytest.mark.parametrize("suffix", ["", "_LS"])
def test_tags_and_logical_systems_change_nothing(tag: str, suffix: str) -> None:
    line = SRX[0].replace("RT_FLOW: RT_FLOW_SESSION_CLOSE", f"{tag}RT_FLOW_SESSION_CLOSE{suffix}")
    assert one(PLAIN, line) == one(PLAIN, SRX[0])


@pytest.mark.parametrize(
    "tail",
    [
        "5 7(100) 9(1000) 45 UNKNOWN UNKNOWN ann1(N/A) ge-0/0/1.0 No",
        "5 7(100) 9(1000) 45 ann1(staff) ge-0/0/1.0",
        "5 7(100) 9(1000) 45 ",
    ],
)
def test_releases_differ_in_their_columns(tail: str) -> None:
    row = one(PLAIN, SRX[0].partition("90")[0] + tail)
    assert (row["uploaded_bytes"], row["downloaded_bytes"]) == (100, 1000)
    assert row["user"] == ("ann1" if "ann1" in tail else None)


def test_a_denied_session() -> None:
    row = one(PLAIN, DENY)
    assert (row["action"], row["user"], row["destination_ip"]) == ("block", "jo", "203.0.113.9")
    assert (row["uploaded_bytes"], row["total_bytes"]) == (None, None)
    structured = SRX_SD[0].replace("SESSION_CLOSE", "SESSION_DENY").replace("bytes-from", "x")
    assert one(STRUCTURED, structured)["action"] == "block"


@pytest.mark.parametrize(("verdict", "action"), [("PERMITTED", "allow"), ("BLOCKED", "block"), ("REDIRECTED", "block")])
def test_the_web_filter(verdict: str, action: str) -> None:
    row = one(PLAIN, SRX_WEB[0].replace("URL_BLOCKED", f"URL_{verdict}"))
    assert (row["action"], row["user"], row["source_ip"]) == (action, "ann1", "10.0.0.1")
    assert (row["destination_host"], row["url"]) == ("play1.example.com", "https://play1.example.com/a/1")
    assert one(PLAIN, SRX_WEB[0].replace("(443)", "(8080)"))["url"] == "http://play1.example.com:8080/a/1"


def test_the_web_filter_of_another_release() -> None:
    line = SRX_WEB[0].replace("username ann1 roles", "USERNAME=ann1 ROLES")
    assert one(PLAIN, line) == one(PLAIN, SRX_WEB[0])


@pytest.mark.parametrize(("url", "path"), [("url", "obj"), ("object-name", "pathname")])
def test_the_structured_web_filter(url: str, path: str) -> None:
    """Junos up to 12 uses other names."""
    line = SRX_SD[0].replace("RT_FLOW - RT_FLOW_SESSION_CLOSE", "RT_UTM - WEBFILTER_URL_BLOCKED")
    row = one(STRUCTURED, line.replace("roles=", f'{url}="play.example.com" {path}="/a b" roles='))
    assert (row["action"], row["destination_host"], row["url"]) == (
        "block",
        "play.example.com",
        "https://play.example.com/a b",
    )


def test_a_visitor_cannot_forge_the_user() -> None:
    forged = SRX_WEB[0].replace("OBJ=/a/1", "OBJ=/x username boss roles y")
    assert one(PLAIN, forged)["user"] == "ann1"


@pytest.mark.parametrize("batches", [1, 2])
def test_the_web_filter_tells_the_host_of_the_session(batches: int) -> None:
    web, session = read(PLAIN, SRX_WEB[0], SRX[0], batches=batches)
    assert web["ignored"] == "counted with its session"
    assert (session["destination_host"], session["action"], session["total_bytes"]) == (
        "play1.example.com",
        "block",
        1100,
    )


@pytest.mark.parametrize("lines", [[APPTRACK, SRX[0]], [SRX[0], APPTRACK]])
@pytest.mark.parametrize("batches", [1, 2])
def test_an_application_record_of_a_logged_session_is_not_counted_again(lines: list[str], batches: int) -> None:
    rows = read(PLAIN, *lines, batches=batches)
    assert [row["total_bytes"] for row in rows if row["ignored"] is None] == [1100]


def test_an_application_record_alone_counts() -> None:
    (row,) = used(PLAIN, APPTRACK)
    assert (row["user"], row["total_bytes"], row["destination_ip"]) == ("ann1", 1100, "203.0.113.1")
    assert used(PLAIN, APPTRACK.replace("ann1 staff", "N/A N/A"))[0]["user"] is None
    session, alone = used(PLAIN, SRX[0], APPTRACK.replace("/50001", "/50009"))
    assert (session["user"], alone["user"]) == ("ann1", "ann1")


def test_what_is_no_transaction() -> None:
    lines = [
        SRX[0].replace("_CLOSE", "_CREATE"),
        "Nov 20 11:00:00 srx1 RT_IDP: IDP_ATTACK_LOG_EVENT: IDP: at 1303673404",
        SRX_SD[0].replace("RT_FLOW - RT_FLOW_SESSION_CLOSE", "RT_IDS - RT_SCREEN_IP"),
        "Nov 20 11:00:00 srx1 mgd[1]: UI_LOGIN_EVENT: User 'root' login",
        "<38>Nov 20 11:00:00 srx1 sshd[1]: Failed password for jo from 10.0.0.1 port 60002 ssh2",
        "<27>1 2025-11-20T11:00:00.984+10:00 srx1 kmd 917 - - IKE negotiation failed with error: Timed out",
        "<158>1 2025-11-20T11:00:00.102+10:00 srx1 kernel - - - FW: gr-0/0/0.1 A udp 10.0.0.1 10.0.0.2 49153 49153",
        "<30>1 2025-11-20T11:00:00Z srx1 mib2d 918 SNMP_TRAP_LINK_UP - ifIndex 519, ifName xe-0/0/7",
        "/usr/sbin/cron[1]: (root) CMD (date)",
        'RT_SCREEN_ICMP [attack-name="Address sweep!" source-address="10.0.0.1"]',
        "<11>Nov 20 11:00:00 srx1 RT_IDS IP spoofing! source: 10.0.0.1, destination: 203.0.113.1",
        "hello",
        "Nov 20 11:00:00 srx1 squid[1]: hello",
        SRX[0].replace("10.0.0.1/", "x"),
    ]
    assert fates(PLAIN, lines) == [
        ("session start", None),
        ("not a session or web-filter record", None),
        ("not a session or web-filter record", None),
        ("not a session or web-filter record", None),
        *[("not a session or web-filter record", None)] * 7,
        (None, "not a Junos record"),
        (None, "not a Junos record"),
        (None, None),  # the addresses after translation are ignored
    ]
