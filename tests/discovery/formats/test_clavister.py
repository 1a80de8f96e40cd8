"""Clavister's events."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from opencasb.discovery.formats.clavister import FORMATS
from tests.discovery.formats.parsed import RECEIVED, row, rows

CONN = "[conn [conn connsrcip=10.0.0.1 conndestip=203.0.113.9 connipproto=TCP connsrcport=5000 conndestport=443"
CLOSE = (
    'id=600002 event=conn_close action=close [message=Closed reason="" ][rules rule=Out ]'
    f"{CONN} origsent=59.0   termsent=4.52 K ]]"
)
FORGED = '"files.example.com/a?x connsrcip=6.6.6.6"'
ASK = (
    f"id=200125 event=request_url action=allow [message=HTTPALG: Requesting URL {FORGED}. url={FORGED}"
    f" domain=example.com ][alg algmod=http ]{CONN} origsent=3 termsent=4 ]]"
)
ENDED = (
    "id=7200003 event=application_end [message=Application ended. origsent=314 termsent=143 ]"
    f"{CONN} origsent=695   termsent=1.5 K ]]"
)
DROP = (
    "id=6000051 event=ruleset_drop_packet action=drop [message=Dropped ][rules rule=Default ][ippacket srcip=10.0.0.1"
    " destip=203.0.113.9 ][tcp srcport=5000 destport=443 ]"
)
FLAT = (
    "[2025-11-20 12:00:00] EFW: CONN: prio=1 id=00600005 rev=1 event=conn_close_natsat action=close rule=Out conn=close"
    " connipproto=TCP connrecvif=lan connsrcip=10.0.0.1 connsrcport=5000 conndestif=wan conndestip=203.0.113.9"
    " conndestport=443 connnewsrcip=198.51.100.1 connnewsrcport=6000 connnewdestip=203.0.113.9 connnewdestport=443"
    " origsent=59 termsent=4628"
)
"""An event as older releases write it, without groups."""

SOURCE = "CLAVISTER_SYSLOG"
UNUSED = ("ignored", "not a connection or request event")
LOGIN = "id=3700102 event=user_login [message=In ][userauth username=ann srcip=10.0.0.1 ]"


@pytest.mark.parametrize(
    "line",
    [
        f"<134>Nov 20 12:00:00 fw {CLOSE}",
        f"<134>[2025-11-20 12:00:00] {CLOSE}",
        f"[2025-11-20 12:00:00] {CLOSE}",
        f"<134>Nov 20 12:00:00 fw {CLOSE.replace('conn_close', 'conn_close_natsat')}",
        FLAT,
        f"<134>{FLAT}",
        f"<134>Nov 20 12:00:00 fw {FLAT}",
        f"2025-11-20 12:00:00\tLocal0.Info\t198.51.100.1\t{FLAT}",
    ],
)
def test_an_end(line: str) -> None:
    """An end event has its bytes; suffixes are powers of 1024."""
    found = row(SOURCE, line)
    assert found.pop("timestamp") == RECEIVED
    assert found == {
        "source_ip": "10.0.0.1", "destination_ip": "203.0.113.9", "action": "allow", "uploaded_bytes": 59,
        "downloaded_bytes": 4628, "total_bytes": 4687, "transactions": 1,
    }  # fmt: skip


def test_a_request() -> None:
    """A request alone has its host and no sizes; a visitor cannot forge an address."""
    found = row(SOURCE, ASK)
    assert (found["source_ip"], found["destination_host"], "total_bytes" in found) == (
        "10.0.0.1",
        "files.example.com",
        False,
    )
    bare = ASK.replace(f"url={FORGED}", "url=files.example.com/a?b=c")
    assert (row(SOURCE, bare)["url"], row(SOURCE, bare)["source_ip"]) == (
        "https://files.example.com/a?b=c",
        "10.0.0.1",
    )
    assert found["url"].startswith("https://files.example.com/a?x")


@pytest.mark.parametrize(
    ("written", "user"), [("ann", "ann"), ('"ann"', "ann"), ('"CORP\\ann lee"', "CORP\\ann lee"), ('""', None)]
)
def test_the_user(written: str, user: str | None) -> None:
    for key in ("username", "connsrcuser"):
        assert row(SOURCE, ASK.replace(" url=", f" {key}={written} url=")).get("user") == user


def test_a_visitor_hides_no_drop() -> None:
    """Nor can a name that contains a key of the connection hide the destination."""
    found = row(SOURCE, DROP.replace("Dropped", "Dropped connsrcip=6.6.6.6"))
    assert (found["destination_ip"], found["action"]) == ("203.0.113.9", "block")


def test_a_visitor_forges_nothing_in_an_event_without_groups() -> None:
    line = FLAT.replace("conn_close_natsat action=close", "request_url action=allow")
    found = row(SOURCE, line.replace(" conn=close", f" url={FORGED}"))
    assert (found["source_ip"], found["destination_host"]) == ("10.0.0.1", "files.example.com")


@pytest.mark.parametrize("line", [CLOSE, FLAT, DROP])
def test_recognition(line: str) -> None:
    assert FORMATS[0].recognise([line])[0] == 1


def test_a_line_without_a_time_has_none() -> None:
    assert "timestamp" not in row(SOURCE, CLOSE)


@pytest.mark.parametrize("cut", [1, 2, 3])
def test_what_belongs_to_one_connection_counts_once(cut: int) -> None:
    """The end has the host of the request; an application's end before or after it is ignored, in any batches."""
    lines = [ASK, ENDED, CLOSE, ENDED]
    found = rows(SOURCE, lines)
    used = [one for one in found if "ignored" not in one]
    assert [(one["destination_host"], one["total_bytes"]) for one in used] == [("files.example.com", 4687)]
    assert [one.get("ignored") for one in found].count(None) == 1
    assert [one["line"] for one in rows(SOURCE, lines[:cut])] == list(range(1, cut + 1))


def test_an_application_alone_counts() -> None:
    found = row(SOURCE, ENDED)
    assert (found["uploaded_bytes"], found["downloaded_bytes"]) == (695, 1536)


@pytest.mark.parametrize(
    "line", [DROP, DROP.replace("ruleset_drop_packet", "other"), ASK.replace("action=allow", "action=block")]
)
def test_blocked(line: str) -> None:
    found = row(SOURCE, line)
    assert (found["action"], found["source_ip"], "total_bytes" in found) == ("block", "10.0.0.1", False)


@pytest.mark.parametrize(
    ("line", "fate"),
    [
        (CLOSE.replace("conn_close", "conn_open").replace("action=close ", ""), UNUSED),
        (LOGIN, UNUSED),
        ("id=1 event=arp_drop action=drop [message=x ]", UNUSED),
        ("nothing", ("rejected", "not a Clavister event")),
        (DROP.replace("id=6000051 ", "id="), ("rejected", "not a Clavister event")),
    ],
)  # fmt: skip
def test_what_is_no_transaction(line: str, fate: tuple[str, str]) -> None:
    assert row(SOURCE, line)[fate[0]] == fate[1]


RECORD = st.fixed_dictionaries(
    {"source": st.ip_addresses(v=4).map(str), "sent": st.integers(0, 10**12), "port": st.integers(1, 65535)}
)


@settings(max_examples=25, deadline=None)
@given(st.lists(RECORD, min_size=1, max_size=5))
def test_round_trip(records: list[dict[str, Any]]) -> None:
    """Connections written as by a firewall are read back."""
    ends = [CLOSE.replace("10.0.0.1", r["source"]).replace("port=5000", f"port={r['port']}") for r in records]
    lines = [end.replace("origsent=59.0", f"origsent={r['sent']}") for end, r in zip(ends, records, strict=True)]
    assert [(f["source_ip"], f["uploaded_bytes"]) for f in rows(SOURCE, lines)] == [
        (r["source"], r["sent"]) for r in records
    ]
