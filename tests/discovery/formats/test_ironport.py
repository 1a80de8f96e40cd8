"""IronPort's access logs."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from opencasb.discovery.recognise import format_of, recognise
from tests.discovery.formats.parsed import RECEIVED, row, rows
from tests.discovery.formats.reading import read
from tests.discovery.formats.vendor_lines import WSA

LINE = (
    "1763640000.123 382 10.0.0.1 TCP_MISS/200 200 GET http://files.example.com/a?b ann DIRECT/203.0.113.9 text/html"
    ' DEFAULT_CASE_12-Web-NONE-NONE-NONE-NONE-DefaultGroup <IW_swup,2.0,-,"-",-> - "Agent (x)"'
)
FOUND = {
    "timestamp": RECEIVED + 123, "user": "ann", "source_ip": "10.0.0.1", "destination_host": "files.example.com",
    "url": "http://files.example.com/a?b", "destination_ip": "203.0.113.9", "action": "allow",
    "downloaded_bytes": 200, "total_bytes": 200, "transactions": 1,
}  # fmt: skip
PROXY, W3C = "CISCO_IRONPORT_PROXY", "CISCO_IRONPORT_WSA_II"


@pytest.mark.parametrize(
    "line",
    [
        LINE,
        f"<134>Nov 20 10:00:00 wsa accesslog: Info: {LINE}",
        f"<134>Nov 20 10:00:00 wsa {LINE}",
        f"Info: {LINE}",
        f"[2025-11-20 10:00:00] wsa01 {LINE}",
        LINE.replace("/200 ", "/-50 "),
        LINE.replace(" 382 ", "    382 "),
        LINE.replace(" DEFAULT", " CMF:44 DCF:200020 ERR:15 DEFAULT"),
        LINE.replace("<", "&lt;").replace(">", "&gt;"),
        LINE.replace(" ann ", ' "ann" '),
    ],
)
def test_a_request(line: str) -> None:
    """Padding, wrappers and codes before the tag make no difference."""
    assert row(PROXY, line) == FOUND


@pytest.mark.parametrize(
    "tag", ["NO_AUTHORIZATION", "NO_PASSWORD", "DENY_ADMIN", "ARCHIVESCAN_ALLCLEAR", "AMP_FILE_VERDICT"]
)
def test_tags_of_sign_in_and_scans(tag: str) -> None:
    line = LINE.replace("DEFAULT_CASE", tag)
    assert recognise([line]).source == PROXY
    assert row(PROXY, line) == FOUND


def test_the_user() -> None:
    assert row(PROXY, LINE.replace(" ann ", ' "CORP\\ann lee@REALM" '))["user"] == "CORP\\ann lee@REALM"
    assert "user" not in row(PROXY, LINE.replace(" ann ", " - "))


@pytest.mark.parametrize(("written", "user"), [("-", None), ('"CORP\\ann lee@REALM"', "CORP\\ann lee@REALM")])
@pytest.mark.parametrize("header", ["", "<13>Nov 20 10:00:00 wsa "])
def test_the_user_may_stand_before_the_client(written: str, user: str | None, header: str) -> None:
    """A custom selection of fields sent without names has the server's name after the URL."""
    line = (
        f"{header}1763640000.000 153 {written} 10.0.0.1 TCP_MISS/200 873 CONNECT tunnel://www.example.com:443/"
        ' www.example.com - - text/html BLOCK_WEBCAT_12-x-NONE "10.9.9.9" 52698 www.example.com 443 1 IW_srch "x" 2673'
    )
    found = row(PROXY, line)
    assert (found.get("user"), found["source_ip"], found["action"]) == (user, "10.0.0.1", "block")
    assert (found["destination_host"], found["downloaded_bytes"]) == ("www.example.com", 873)
    assert recognise([line]).source.startswith(PROXY)


def test_the_name_of_the_client() -> None:
    found = row(PROXY, LINE.replace(" 10.0.0.1 ", " 10.0.0.1 (pc-1.example) "))
    assert found == FOUND | {"source_device": "pc-1.example"}


def test_a_tunnel() -> None:
    """For a tunnel the host is known; a parent proxy does not give the server's address."""
    line = LINE.replace("GET http://files.example.com/a?b", "CONNECT tunnel://Files.example.com:443/")
    found = row(PROXY, line.replace("DIRECT/203.0.113.9", "DEFAULT_PARENT/203.0.113.9"))
    assert (found["destination_host"], "url" in found, "destination_ip" in found) == ("files.example.com", False, False)


@pytest.mark.parametrize(
    ("old", "new", "action"),
    [
        ("DEFAULT_CASE", "BLOCK_WEBCAT", "block"),
        ("DEFAULT_CASE", "ERR:1 DROP_X", "block"),
        ("TCP_MISS/200", "TCP_DENIED/403", "block"),
        ("DEFAULT_CASE", "PASSTHRU_WBRS", "allow"),
        ("TCP_MISS/200", "TCP_MISS/403", "allow"),
        ("a?b", "a?BLOCK_", "allow"),
    ],
)
def test_the_verdict(old: str, new: str, action: str) -> None:
    assert row(PROXY, LINE.replace(old, new))["action"] == action


@pytest.mark.parametrize(
    ("line", "fate"),
    [
        (LINE.replace("/200", "/407"), ("ignored", "authentication challenge")),
        (LINE.replace("TCP_MISS/200", "TCP_DENIED/401"), ("ignored", "authentication challenge")),
        (LINE.replace("TCP_MISS/200", "TCP_DENIED_SSL/401"), ("ignored", "authentication challenge")),
        ("Mon May 04 12:59:54 2020 Info: Begin Logfile", ("ignored", "not an access record")),
        ("nothing", ("rejected", "not a line of an IronPort access log")),
        (LINE.replace("10.0.0.1", "pc"), ("rejected", "no source address")),
    ],
)
def test_what_is_no_transaction(line: str, fate: tuple[str, str]) -> None:
    assert row(PROXY, line)[fate[0]] == fate[1]


def test_w3c() -> None:
    """Columns are named by the header; tag, result and hierarchy have the same meaning as by position."""
    line = WSA[3].replace("1763636401", "1763640000").replace("ann1", "ann")
    changes = {
        line: ("allow", None, "203.0.113.1"),
        line.replace("DEFAULT_CASE", "BLOCK_WEBCAT"): ("block", None, "203.0.113.1"),
        line.replace("TCP_MISS/200", "TCP_DENIED/403"): ("block", None, "203.0.113.1"),
        line.replace("TCP_MISS/200", "TCP_DENIED/407"): ("allow", "authentication challenge", "203.0.113.1"),
        line.replace("TCP_MISS/200", "TCP_DENIED/401"): ("allow", "authentication challenge", "203.0.113.1"),
        line.replace("TCP_MISS/200", "TCP_MISS/401"): ("allow", None, "203.0.113.1"),
        line.replace("DIRECT/", "DEFAULT_PARENT/"): ("allow", None, None),
    }
    found = rows(W3C, [*WSA[:3], *changes])[3:]
    assert [(f["action"], f.get("ignored"), f.get("destination_ip")) for f in found] == list(changes.values())
    assert (found[0]["timestamp"], found[0]["url"], found[0]["user"]) == (
        RECEIVED + 123,
        "http://files1.example.com/a",
        "ann",
    )
    tunnel = line.replace("GET http://files1.example.com/a", "CONNECT tunnel://a.example.com:443/")
    found = rows("CISCO_IRONPORT_WSA_III", [*WSA[:3], tunnel])[3:]
    assert (found[0]["destination_host"], "url" in found[0]) == ("a.example.com", False)


def test_w3c_without_a_header() -> None:
    """Without a header, lines are parsed by position if they fit."""
    assert row(W3C, LINE) == FOUND
    assert "no #Fields line" in row(W3C, "nothing")["rejected"]


ASKED = (
    "#Software: AsyncOS for Web 11.8.0",
    "#Fields: timestamp c-ip cs-method cs-url sc-http-status sc-result-code s-hierarchy s-hostname s-ip sc-bytes",
)


@pytest.mark.parametrize(
    ("asked", "address"),
    [
        ("DIRECT 203.0.113.9 203.0.113.9", "203.0.113.9"),
        ("DIRECT files.example.com 203.0.113.9", "203.0.113.9"),
        ("DEFAULT_PARENT parent.corp.example 10.9.9.9", None),
        ("NONE - -", None),
    ],
)
@pytest.mark.parametrize("request_", ["GET http://files.example.com/a?b", "CONNECT tunnel://files.example.com:443/"])
def test_the_server_that_was_asked_is_not_the_target(request_: str, asked: str, address: str | None) -> None:
    found = rows(W3C, [*ASKED, f"1763640000.123 10.0.0.1 {request_} 200 TCP_MISS {asked} 200"])[-1]
    assert (found["destination_host"], found.get("destination_ip")) == ("files.example.com", address)


@pytest.mark.parametrize("tag", ["w3c_logs: ", "W3C-Push: ", "W3C_logs: Info: "])
def test_w3c_as_the_appliance_pushes_it(tag: str) -> None:
    """The tag is the log's name, in any case, and a level may follow."""
    line = (
        "1763640000.123 10.0.0.1 GET http://files.example.com/a?b 200 TCP_MISS DIRECT files.example.com 203.0.113.9 9"
    )
    lines = [f"<134>Nov 20 10:00:00 wsa {tag}{text}" for text in (*ASKED, line)]
    assert recognise(lines).source == W3C
    for sent in (lines, [text.replace("<134>Nov 20 10:00:00", "2025-11-20T10:00:00+00:00") for text in lines]):
        assert [found.get("url") for found in read(format_of(W3C), *sent, batches=3)] == [
            None, None, "http://files.example.com/a?b",
        ]  # fmt: skip


@pytest.mark.parametrize("field", ["x-acltag", "x-resultcode-httpstatus"])
def test_w3c_is_recognised_by_the_fields_that_only_the_appliance_has(field: str) -> None:
    """The line that names the software may be lost; without the tag's meaning, blocks would count as allowed."""
    verdict = {"x-acltag": "BLOCK_WEBCAT_7-a-b", "x-resultcode-httpstatus": "TCP_DENIED/403"}[field]
    head = f"#Fields: timestamp c-ip cs-url sc-bytes {field}"
    line = f"1763640000.123 10.0.0.1 http://files.example.com/a 9 {verdict}"
    assert recognise([head, line]).source == W3C
    assert rows(W3C, [head, line])[-1]["action"] == "block"


def test_the_server_is_the_target_where_nothing_else_is_named() -> None:
    fields = ASKED[1].replace(" cs-url", "")
    found = rows(W3C, [ASKED[0], fields, "1763640000.123 10.0.0.1 GET 200 TCP_MISS DIRECT a.example.com 203.0.113.9 9"])
    assert found[-1]["destination_host"] == "a.example.com"


def test_the_status_by_its_own_name() -> None:
    line = "1763640000.123 10.0.0.1 GET http://files.example.com/a 407 TCP_DENIED NONE - - 200"
    assert rows(W3C, [*ASKED, line])[-1]["ignored"] == "authentication challenge"
    assert rows(W3C, [*ASKED, line.replace("407", "403")])[-1]["action"] == "block"


RECORD = st.fixed_dictionaries(
    {"time": st.integers(10**12, 2 * 10**12), "source": st.ip_addresses(v=4).map(str), "size": st.integers(0, 10**12),
     "user": st.from_regex(r"u[a-z\\@ ]{0,9}x", fullmatch=True), "blocked": st.booleans()}
)  # fmt: skip


@settings(max_examples=25, deadline=None)
@given(st.lists(RECORD, min_size=1, max_size=5))
def test_round_trip(records: list[dict[str, Any]]) -> None:
    """Records written as by an appliance are read back."""
    lines = [
        f"{r['time'] // 1000}.{r['time'] % 1000:03d} 3 {r['source']} TCP_MISS/200 {r['size']} GET http://a.example/"
        f" \"{r['user']}\" DIRECT/a.example - {'BLOCK_WEBCAT' if r['blocked'] else 'ALLOW_WBRS'}_1-A-B <-> -"
        for r in records
    ]  # fmt: skip
    found = [
        (f["timestamp"], f["source_ip"], f["downloaded_bytes"], f["user"], f["action"] == "block")
        for f in rows(PROXY, lines)
    ]
    assert found == [(r["time"], r["source"], r["size"], r["user"], r["blocked"]) for r in records]
