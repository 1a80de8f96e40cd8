"""PAN-OS records in LEEF."""

from __future__ import annotations

import pytest

from tests.discovery.formats.parsed import RECEIVED, row, rows

HEAD = "LEEF:1.0|Palo Alto Networks|PAN-OS Syslog Integration|10.1|allow|"
PAIRS = {
    "cat": "TRAFFIC", "ReceiveTime": "2025/11/20 13:00:00", "Type": "TRAFFIC", "Subtype": "end",
    "devTime": "Nov 20 2025 12:00:00 GMT", "src": "10.0.0.1", "dst": "203.0.113.9", "usrName": "",
    "SourceUser": "corp\\ann",
    "Application": "ssl", "SessionID": "77", "RepeatCount": "2", "srcPort": "50000", "dstPort": "443",
    "action": "allow",
    "totalBytes": "120", "dstBytes": "100", "srcBytes": "20", "TunnelType": "N/A",
}  # fmt: skip
WEB = {
    **PAIRS,
    "cat": "THREAT",
    "Type": "THREAT",
    "Subtype": "url",
    "Miscellaneous": '"files.example.com/a"',
    "RepeatCount": "1",
}


def line(pairs: dict[str, str] = PAIRS, /, separator: str = "|", **more: str) -> str:
    return HEAD + separator.join(f"{key}={value}" for key, value in {**pairs, **more}.items())


@pytest.mark.parametrize("written", [line(), line(separator="\t"), f"<14>Nov 20 12:00:00 fw {line()}", line() + "'"])
def test_a_session(written: str) -> None:
    """A session end has its bytes, with any delimiter."""
    assert row("PALO_ALTO_LEEF", written) == {
        "timestamp": RECEIVED, "user": "corp\\ann", "source_ip": "10.0.0.1", "destination_ip": "203.0.113.9",
        "action": "allow", "uploaded_bytes": 20, "downloaded_bytes": 100, "total_bytes": 120, "transactions": 2,
    }  # fmt: skip


def test_a_url_and_its_session_are_one() -> None:
    """The URL record gives the host, the session the bytes, and a block takes precedence."""
    url, session = rows("PALO_ALTO_LEEF_SYSLOG", [line(WEB, action="block-url"), line()])
    assert url["ignored"] == "counted with its session"
    assert (session["destination_host"], session["url"], session["total_bytes"], session["action"]) == (
        "files.example.com", "https://files.example.com/a", 120, "block",
    )  # fmt: skip
    alone = row("PALO_ALTO_LEEF", line(WEB, Application="web-browsing", dstPort="80"))
    assert (alone["url"], "total_bytes" in alone) == ("http://files.example.com/a", False)


STRATA = {
    "TimeReceived": "2025-11-20T12:00:02.000000Z", "cat": "traffic", "SubType": "end",
    "devTime": "2025-11-20T12:00:00.000000Z", "src": "10.0.0.1", "dst": "203.0.113.9", "usrName": "corp\\ann",
    "Application": "ssl", "SessionID": "77", "RepeatCount": "2", "srcPort": "50000", "dstPort": "443",
}  # fmt: skip
STRATA_SESSION = {**STRATA, "Bytes": "120", "srcBytes": "20", "dstBytes": "100"}
STRATA_WEB = {**STRATA, "cat": "threat", "SubType": "url", "RepeatCount": "1", "Action": "reset-both"}


def strata(pairs: dict[str, str], event: str, /, **more: str) -> str:
    head = f"<14>1 2025-11-20T12:00:02.990Z fwd x - y - LEEF:2.0|Palo Alto Networks|Next|10.1|{event}|\t|"
    return head + "\t".join(f"{key}={value}" for key, value in {**pairs, **more}.items())


def test_the_logging_service_writes_other_keys() -> None:
    """Its session record has the action only in the header."""
    session, url = strata(STRATA_SESSION, "allow"), strata(STRATA_WEB, "sports", URL="files.example.com/a")
    assert row("PALO_ALTO_LEEF", session) == row("PALO_ALTO_LEEF", line())
    assert row("PALO_ALTO_LEEF", strata(STRATA_SESSION, "drop-reset"))["action"] == "block"
    found = row("PALO_ALTO_LEEF_SYSLOG", url)
    assert (found["timestamp"], found["url"], found["action"]) == (RECEIVED, "https://files.example.com/a", "block")
    assert row("PALO_ALTO_LEEF", strata(STRATA_WEB, "deny", URL="a.example.com/", Action="alert"))["action"] == "allow"
    start = row("PALO_ALTO_LEEF", strata(STRATA_SESSION, "allow", SubType="start"))
    assert start["ignored"] == "no session end"


@pytest.mark.parametrize(
    "action", ["deny", "drop", "reset-both", "sinkhole", "block-continue", "reset both", "reset client", "drop ICMP"]
)
def test_blocked(action: str) -> None:
    assert row("PALO_ALTO_LEEF", line(action=action, Subtype="deny"))["action"] == "block"


def test_a_forwarded_client() -> None:
    """The fallback for the user may be the address of a client behind a proxy."""
    found = row("PALO_ALTO_LEEF", line(usrName="x-fwd-for: 10.9.9.9"))
    assert (found["source_ip"], found.get("user")) == ("10.9.9.9", None)


@pytest.mark.parametrize(
    ("written", "fate"),
    [
        (line(Subtype="start"), ("no session end", None)),
        (line(WEB, Subtype="virus"), ("not a traffic or URL record", None)),
        (line(Type="SYSTEM", Subtype="general"), ("not a traffic or URL record", None)),
        (line().replace("Palo Alto Networks", "Example"), (None, "not a LEEF line of this vendor")),
        (line(src="pc"), (None, "no source address")),
    ],
)
def test_what_is_no_transaction(written: str, fate: tuple[str | None, str | None]) -> None:
    """Starts, threats and system records are ignored; lines of other vendors are rejected."""
    found = row("PALO_ALTO_LEEF", written)
    assert (found.get("ignored"), found.get("rejected")) == fate
