"""Sessions of FortiGate and Palo Alto Networks in CEF."""

from __future__ import annotations

from typing import Any

import pytest

from tests.discovery.formats.parsed import rows

WEB = "utm:webfilter ftgd_allow passthrough|4|{more}externalId={id} act=passthrough dhost=files.example.com request=/a"
END = "traffic:forward close|3|{more}externalId={id} act=close out=10 in=20"


def line(what: str, id: object = 7, client: str = "10.0.0.1", signature: str = "00013") -> str:  # noqa: A002 -- its name
    """Return a record."""
    ends = f"src={client} dst=203.0.113.9 "
    return f"CEF:0|Fortinet|Fortigate|v7.2.8|{signature}|{what.format(more=ends, id=id)}"


def used(*lines: str) -> list[dict[str, Any]]:
    """Return the transactions."""
    return [row for row in rows("GENERIC_CEF", lines) if "ignored" not in row and "rejected" not in row]


def test_a_session_has_the_bytes_of_its_end_and_the_url_of_its_request() -> None:
    """One transaction, as in the native format."""
    (row,) = used(line(WEB), line(END))
    assert (row["line"], row["destination_host"], row["url"]) == (
        2, "files.example.com", "http://files.example.com/a",
    )  # fmt: skip
    assert (row["uploaded_bytes"], row["downloaded_bytes"], row["total_bytes"]) == (10, 20, 30)


@pytest.mark.parametrize("other", [line(END, id=8), line(END, client="10.0.0.2"), line(END, id=0), line(END, id="")])
def test_records_of_other_sessions_are_not_joined(other: str) -> None:
    assert [row.get("destination_host") for row in used(line(WEB), other)] == ["files.example.com", None]


def test_a_long_session_goes_on_after_its_interim_records() -> None:
    found = used(line(WEB), line(END, signature="00020"), line(END))
    assert [row["destination_host"] for row in found] == ["files.example.com"] * 2


def test_records_without_a_session_are_as_they_were() -> None:
    plain = "CEF:0|Ex|Gw|1|100|web|3|src=10.0.0.1 externalId=7 dhost=a.example act=allow"
    assert len(used(plain, line(END), plain)) == 3


PAN = "CEF:0|Palo Alto Networks|PAN-OS|10.1.3|"
PAN_ENDS = "src=10.0.0.1 dst=203.0.113.9 spt={port} dpt=443 cn1Label=SessionID cn1={id}"
PAN_WEB = PAN + "url|THREAT|1|{ends} act={act} request=files.example.com/a"
PAN_END = PAN + "end|TRAFFIC|1|{ends} act=allow in=10 out=20"


def palo_alto(record: str, id: object = 7, port: int = 50001, act: str = "alert") -> str:  # noqa: A002 -- its name
    """Return a record of PAN-OS."""
    return record.format(ends=PAN_ENDS.format(port=port, id=id), act=act)


def test_a_session_of_palo_alto_networks() -> None:
    (row,) = used(palo_alto(PAN_WEB), palo_alto(PAN_END))
    assert (row["line"], row["url"], row["action"]) == (2, "https://files.example.com/a", "allow")
    assert (row["uploaded_bytes"], row["downloaded_bytes"]) == (10, 20)
    (row,) = used(palo_alto(PAN_WEB, act="block-url"), palo_alto(PAN_END))
    assert row["action"] == "block"


def test_a_session_of_palo_altos_logging_service() -> None:
    """It writes the type first, and the label last."""
    web, end = (
        palo_alto(record)
        .replace("|PAN-OS|10.1.3|", "|LF|2.0|")
        .replace("url|THREAT", "THREAT|url")
        .replace("end|TRAFFIC", "TRAFFIC|end")
        .replace("cn1Label=SessionID cn1=7", "cn1=7 cn1Label=SessionID")
        for record in (PAN_WEB, PAN_END)
    )
    (row,) = used(web, end)
    assert (row["line"], row["destination_host"]) == (2, "files.example.com")


@pytest.mark.parametrize(
    "other",
    [
        palo_alto(PAN_END, id=8),
        palo_alto(PAN_END, port=50002),
        palo_alto(PAN_END, id=0),
        palo_alto(PAN_END).replace("SessionID", "Site"),
    ],
)
def test_other_sessions_of_palo_alto_networks(other: str) -> None:
    assert [row.get("destination_host") for row in used(palo_alto(PAN_WEB), other)] == ["files.example.com", None]
