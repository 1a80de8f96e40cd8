"""Squid's two log formats."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from opencasb.discovery.recognise import recognise
from tests.discovery.formats.parsed import RECEIVED, row, rows

LINE = (
    "1763640000.642    161 10.0.0.1 TCP_MISS/200 1037 GET http://example.com/a?b joe HIER_DIRECT/203.0.113.9 text/html"
)
FOUND = {
    "timestamp": RECEIVED + 642, "user": "joe", "source_ip": "10.0.0.1", "destination_host": "example.com",
    "url": "http://example.com/a?b", "destination_ip": "203.0.113.9", "action": "allow", "downloaded_bytes": 1037,
    "total_bytes": 1037, "transactions": 1,
}  # fmt: skip
COMMON = (
    '10.0.0.1 - joe [20/Nov/2025:13:00:00 +0100] "GET http://example.com/a?b HTTP/1.1" 200 1037 TCP_MISS:HIER_DIRECT'
)


def without(found: dict[str, Any], *names: str, **more: Any) -> dict[str, Any]:
    """Return a row without some values and with others."""
    return {name: value for name, value in {**found, **more}.items() if name not in names}


def test_native() -> None:
    """A native line yields all its fields, which do not include the upload size."""
    assert row("SQUID_NATIVE", LINE) == FOUND


@pytest.mark.parametrize(
    "change",
    [
        lambda line: line.replace("   161", " 16"),
        lambda line: line.replace(" ", "  "),
        lambda line: line.replace(" ", "\t"),
        lambda line: line.replace("text/html", "-"),
        lambda line: line + ' "http://ref.example/" "Agent/1.0 (x <y)"',
        lambda line: f"<134>Nov 20 12:00:00 proxy squid[7]: {line}",
        lambda line: f"<134>1 2025-11-20T12:00:00Z proxy squid 7 - - {line}",
        lambda line: f"Nov 20 12:00:00 relay Nov 20 12:00:00 proxy (squid-1): {line}",
        lambda line: f"squid-1  | {line}",
        lambda line: line.replace("   161 ", " "),
        lambda line: f"2025/11/20 12:00:01 {line}",
    ],
)
def test_native_variants(change: Callable[[str], str]) -> None:
    """Padding, additional fields, syslog headers and other prefixes make no difference."""
    assert row("SQUID_NATIVE_SYSLOG", change(LINE)) == FOUND
    assert recognise([change(LINE)]).format == recognise([LINE]).format


@pytest.mark.parametrize(
    "time",
    [
        "20/Nov/2025:13:00:00 +0100",
        "[20/Nov/2025:12:00:00 +0000]",
        "20/Nov/2025:12:00:00 +0000.642",
        "2025-11-20 12:00:00",
        "2025-11-20 12:00:00.642",
        "2025-11-20T13:00:00+0100",
        "2025-11-20T12:00:00Z",
        "20/11/2025 12:00:00",
        "2025/11/20 12:00:00",
        "2025/11/20 12:00:00|",
        "2025/11/20-12:00:00",
        "20.11.2025 12:00:00",
        "20-11-2025 12:00:00",
    ],
)
@pytest.mark.parametrize("header", ["", "<30>Nov 20 12:00:01 proxy (squid-1)[7]: "])
def test_native_with_a_readable_time(time: str, header: str) -> None:
    """A configured date instead of the epoch; the rest is the same."""
    line = f"{header}{LINE.replace('1763640000.642', time)}"
    assert row("SQUID_NATIVE_SYSLOG", line) == without(FOUND, timestamp=RECEIVED)
    assert recognise([line]).source.startswith("SQUID_NATIVE")


@pytest.mark.parametrize("header", ["", "<134>Nov 20 12:00:00 proxy squid[7]: "])
@pytest.mark.parametrize(
    ("route", "user", "change"),
    [
        ("HIER_DIRECT/203.0.113.9 80", "joe", {}),
        ("HIER_NONE/- -", "-", {"destination_ip": None, "user": None}),
    ],
)
def test_native_with_more_sizes(header: str, route: str, user: str, change: dict[str, Any]) -> None:
    """With the client's port, the bytes sent by the client without headers, and the HTTP version."""
    start = f"{header}1763640000.642    161 10.0.0.1 4321 TCP_MISS/200 1037 205 364 196 -"
    line = f'{start} GET http://example.com/a?b 1.1 {user} {route} text/html - "-"'
    expected = {**FOUND, "uploaded_bytes": 205, "total_bytes": 1242, **change}
    assert row("SQUID_NATIVE", line) == {name: value for name, value in expected.items() if value is not None}
    assert recognise([line]).source.startswith("SQUID_NATIVE")


def test_native_without_a_time_of_its_own() -> None:
    """The time of the syslog header suffices."""
    line = f"<134>Nov 20 12:00:00 proxy squid[7]: {LINE.removeprefix('1763640000.642').strip()}"
    assert row("SQUID_NATIVE_SYSLOG", line) == without(FOUND, timestamp=RECEIVED)
    assert recognise([line]).source == "SQUID_NATIVE_SYSLOG"


@pytest.mark.parametrize("elapsed", ["161 ", "   161 ", ""])
def test_native_without_any_time(elapsed: str) -> None:
    """Nothing is invented; a time in an unknown form is no missing one."""
    line = elapsed + LINE.partition(" 161 ")[2]
    assert row("SQUID_NATIVE", line) == without(FOUND, "timestamp")
    assert recognise([line]).source == "SQUID_NATIVE"
    for time in ("20.20.2025 12:00:00", "12:00:00", "today"):
        assert row("SQUID_NATIVE", f"{time} {line}")["rejected"] == "not a line of Squid's native log"


def test_native_user_in_quotes() -> None:
    """Quoted names may contain blanks."""
    found = [row("SQUID_NATIVE", LINE.replace(" joe ", f' "{name}" ')) for name in ("joe", "joe doe")]
    assert found == [FOUND, without(FOUND, user="joe doe")]


KEYED = (
    "1763640000.642 logformat=splunk_recommended_squid duration=161 src_ip=10.0.0.1 src_port=4000 dest_ip=203.0.113.9"
    ' dest_port=80 user_ident="-" user="joe" local_time=[20/Nov/2025:12:00:00 +0000] http_method=GET'
    ' request_method_to_server=GET url="http://example.com/a?b" http_referrer="-" http_user_agent="A src_ip=10.9.9.9"'
    ' status=200 vendor_action=TCP_MISS dest_status=HIER_DIRECT http_content_type="-" bytes=1300 bytes_in=263'
    ' bytes_out=1037 sni="-"'
)


@pytest.mark.parametrize("header", ["", "<0> host ", "<134>Nov 20 12:00:00 proxy squid[7]: "])
@pytest.mark.parametrize(
    ("old", "new", "change"),
    [
        ("", "", {}),
        ("HIER_DIRECT", "FIRSTUP_PARENT", {"destination_ip": None}),
        ("TCP_MISS", "TCP_DENIED", {}),
        ("200 vendor_action=TCP_MISS", "403 vendor_action=TCP_DENIED", {"action": "block"}),
        ('http_method=GET request_method_to_server=GET url="http://example.com/a?b"',
         'http_method=CONNECT url="203.0.113.9:443"', {"destination_host": None, "url": None}),
        ('user="joe"', 'user="-"', {"user": None}),
    ],
)  # fmt: skip
def test_pairs_for_splunk(header: str, old: str, new: str, change: dict[str, Any]) -> None:
    line = header + KEYED.replace(old, new)
    expected = {**FOUND, "uploaded_bytes": 263, "total_bytes": 1300, **change}
    assert row("SQUID_NATIVE", line) == {name: value for name, value in expected.items() if value is not None}
    assert recognise([line]).source.startswith("SQUID_NATIVE")
    assert rows("SQUID_NATIVE", [LINE, line])[0] == {"line": 1, **FOUND}


def opnsense(**change: Any) -> str:
    """Return a record as OPNsense's proxy writes it."""
    told = {
        "method": "GET",
        "url": "http://example.com/a?b",
        "user": "joe",
        "status": 200,
        "result": "TCP_MISS",
    } | change
    return json.dumps(
        {
            "@timestamp": told.get("time", "2025-11-20T13:00:00+0100"),
            "event": {"id": "-", "dataset": "squid.access", "duration": "161"},
            "http": {
                "version": "1.1",
                "request": {"method": told["method"], "referrer": "-"},
                "response": {"bytes": 1037, "body": {"status_code": told["status"]}},
            },
            "host": {"hostname": told.get("name", "10.0.0.1")},
            "service": {"name": "proxy", "type": "squid"},
            "source": {"ip": "10.0.0.1"},
            "url": {"original": told["url"]},
            "user": {"name": told["user"]},
            "user_agent": {"original": "Agent a=b"},
            "labels": {"request_status": told["result"], "hierarchy_status": "HIER_DIRECT"},
            "message": f"{told['method']} {told['url']} HTTP/1.1",
        }
    )


@pytest.mark.parametrize("header", ["", " ", "<166>Nov 20 12:00:00 fw.example.org (squid-1)[7]:  "])
@pytest.mark.parametrize(
    ("told", "change"),
    [
        ({}, {}),
        ({"name": "pc1.example.org", "user": "joe doe"}, {"source_device": "pc1.example.org", "user": "joe doe"}),
        ({"method": "CONNECT", "url": "example.com:443", "user": "-"}, {"url": None, "user": None}),
        ({"url": 'http://example.com/?a="b\\c'}, {"url": 'http://example.com/?a="b\\c'}),
        ({"status": 403, "result": "TCP_DENIED"}, {"action": "block"}),
        ({"status": 407}, {"ignored": "authentication challenge"}),
        ({"url": "error:invalid-request"}, {"ignored": "no request"}),
    ],
)
def test_objects_of_opnsense(header: str, told: dict[str, Any], change: dict[str, Any]) -> None:
    """It has no server. The request beside the record is not taken for the line."""
    line = header + opnsense(**told)
    found = row("SQUID_NATIVE", line)
    assert recognise([line]).source.startswith("SQUID_NATIVE")
    if "ignored" in change:
        assert found["ignored"] == change["ignored"]
    else:
        expected = without(FOUND, "destination_ip", timestamp=RECEIVED, **change)
        assert found == {name: value for name, value in expected.items() if value is not None}
    assert rows("SQUID_NATIVE", [LINE, line])[0] == {"line": 1, **FOUND}
    assert row("SQUID_NATIVE", header + opnsense(time="today"))["rejected"]


@pytest.mark.parametrize("header", ["", "Nov 20 12:00:00 fw squid[7]: "])
@pytest.mark.parametrize(
    ("address", "device"),
    [("00:11:22:33:44:5e ", "00:11:22:33:44:5e"), ("00:00:00:00:00:00 ", None), ("", None)],
)
def test_common_with_a_hardware_address(header: str, address: str, device: str | None) -> None:
    """OPNsense's extended log has the client's hardware address before the user."""
    line = header + COMMON.replace(" joe ", f" {address}joe ")
    found = row("SQUID", line)
    assert (found["source_ip"], found["user"], found.get("source_device")) == ("10.0.0.1", "joe", device)
    assert recognise([line]).source.startswith("SQUID")
    assert row("SQUID", COMMON.replace(" joe ", " - joe "))["user"] == "joe"


def test_pairs_for_splunk_name_the_host_of_a_tunnel() -> None:
    line = KEYED.replace("=GET", "=CONNECT").replace("http://example.com/a?b", "203.0.113.9:443")
    found = row("SQUID_NATIVE", line.replace('sni="-"', 'sni="example.com"'))
    assert (found["destination_host"], found["destination_ip"]) == ("example.com", "203.0.113.9")
    assert row("SQUID_NATIVE", KEYED.replace("status=200", "status=407"))["ignored"] == "authentication challenge"


def test_native_tunnel() -> None:
    """For a CONNECT only the host is known."""
    line = LINE.replace("GET http://example.com/a?b", "CONNECT Example.com.:443")
    assert row("SQUID_NATIVE", line) == without(FOUND, "url")
    line = LINE.replace("GET http://example.com/a?b", "CONNECT [2001:db8::1]:443").replace("203.0.113.9", "-")
    assert row("SQUID_NATIVE", line) == without(FOUND, "url", "destination_host", destination_ip="2001:db8::1")


@pytest.mark.parametrize(
    ("peer", "address"),
    [
        ("HIER_DIRECT/203.0.113.9", "203.0.113.9"),
        ("DIRECT/203.0.113.9", "203.0.113.9"),
        ("ORIGINAL_DST/2001:db8::1", "2001:db8::1"),
        ("TIMEOUT_HIER_DIRECT/203.0.113.9", "203.0.113.9"),
        ("HIER_DIRECT/example.com", None),
        ("FIRSTUP_PARENT/203.0.113.9", None),
        ("HIER_NONE/-", None),
    ],
)
def test_native_peer(peer: str, address: str | None) -> None:
    """Only an origin server's address is the destination's, never a parent proxy's."""
    assert row("SQUID_NATIVE", LINE.replace("HIER_DIRECT/203.0.113.9", peer)).get("destination_ip") == address


TUNNEL = "1763640000.642    161 10.0.0.1 TCP_TUNNEL/200 1037 CONNECT 203.0.113.9:443 {} HIER_DIRECT/203.0.113.9 -{}"


@pytest.mark.parametrize(
    ("before", "behind", "user", "host"),
    [
        ("splice", "", None, None),
        ("server-first", "", None, None),
        ("peek joe", "", "joe", None),
        ("files.example.com joe", "", "joe", "files.example.com"),
        ("- joe", "", "joe", None),
        ("splice files.example.com -", "", None, "files.example.com"),
        ("files.example.com splice joe", "", "joe", "files.example.com"),
        ("joe", " splice files.example.com", "joe", "files.example.com"),
        ("joe", ' "files.example.com" splice', "joe", "files.example.com"),
        ("joe", " bump_mode=splice sni=files.example.com", "joe", "files.example.com"),
        ("joe.doe", "", "joe.doe", None),
        ("joe", ' "http://ref.example/" "Agent files.example.com"', "joe", None),
    ],
)
def test_words_about_tls(before: str, behind: str, user: str | None, host: str | None) -> None:
    """The bump mode of a tunnel is not a user, and the requested server name is its host."""
    found = row("SQUID_NATIVE", TUNNEL.format(before, behind))
    assert (found.get("user"), found.get("destination_host")) == (user, host)
    assert (found["destination_ip"], found["downloaded_bytes"], found.get("url")) == ("203.0.113.9", 1037, None)
    assert recognise([TUNNEL.format(before, behind)]).source == "SQUID_NATIVE"


@pytest.mark.parametrize("words", ["sni=files.example.com", "splice,files.example.com"])
def test_words_about_tls_in_place_of_the_mime_type(words: str) -> None:
    """Tunnels have none."""
    line = TUNNEL.format("joe", "").removesuffix("-") + words
    assert row("SQUID_NATIVE", line).get("destination_host") == "files.example.com"


def test_words_about_tls_behind_urls() -> None:
    """They are not part of the URL; a URL with blanks keeps them."""
    for words in ("bump joe", "example.com joe", "- - joe", "bump example.com joe"):
        assert row("SQUID_NATIVE", LINE.replace("joe", words)) == FOUND
    assert row("SQUID_NATIVE", LINE.replace("?b joe", " b.html joe"))["url"] == "http://example.com/a b.html"


def test_native_user_is_unescaped() -> None:
    """Squid writes blanks and backslashes in user names as %-escapes."""
    assert row("SQUID_NATIVE", LINE.replace(" joe ", " corp%5cjoe%20doe "))["user"] == "corp\\joe doe"
    assert row("SQUID_NATIVE", LINE.replace(" joe ", " j%C3%B6e "))["user"] == "jöe"
    assert row("SQUID_NATIVE", LINE.replace(" joe ", " j%F6e "))["user"] == "jöe"
    assert "user" not in row("SQUID_NATIVE", LINE.replace(" joe ", " - "))


def test_native_url_with_blanks() -> None:
    """A URL logged with its blanks is still one field."""
    found = row("SQUID_NATIVE", LINE.replace("/a?b", "/a b/c d"))
    assert found == without(FOUND, url="http://example.com/a b/c d")


@pytest.mark.parametrize(
    ("code", "rest", "rule"),
    [
        ("TCP_DENIED/407", "", "authentication challenge"),
        ("TCP_DENIED/400", "GET nonsense", "invalid request"),
        ("NONE/000", "", "no request"),
        ("NONE_NONE/000", "", "no request"),
        ("NONE/400", "GET error:invalid-request", "no request"),
        ("UDP_MISS/000", "ICP_QUERY http://example.com/", "no request"),
    ],
)
def test_native_ignored(code: str, rest: str, rule: str) -> None:
    """Challenges and invalid requests are not transactions."""
    line = LINE.replace("TCP_MISS/200", code).replace(
        "GET http://example.com/a?b", rest or "GET http://example.com/a?b"
    )
    assert row("SQUID_NATIVE", line)["ignored"] == rule


@pytest.mark.parametrize(
    ("code", "action"),
    [
        ("TCP_DENIED/403", "block"),
        ("TCP_DENIED_REPLY/403", "block"),
        ("TCP_MISS/403", "allow"),
        ("TCP_MISS_ABORTED/000", "allow"),
    ],
)
def test_native_action(code: str, action: str) -> None:
    """A denial by the proxy is a block; a server's own refusal is not."""
    assert row("SQUID_NATIVE", LINE.replace("TCP_MISS/200", code))["action"] == action


@pytest.mark.parametrize(
    "line", ["x", "1763640000.642 161 10.0.0.1", "17636400.642 " + LINE[15:], " ".join("x" * 12), COMMON]
)
def test_native_rejected(line: str) -> None:
    """A line in another format is rejected."""
    assert row("SQUID_NATIVE", line)["rejected"] == "not a line of Squid's native log"


@pytest.mark.parametrize("header", ["", "<134>Nov 20 12:00:00 proxy squid[7]: "])
@pytest.mark.parametrize(
    ("client", "device"),
    [
        ("00:00:5e:00:53:01 10.0.0.1", "00:00:5e:00:53:01"),
        ("- 10.0.0.1", None),
        ("10.0.0.1 192.0.2.7", None),
        ("10.0.0.1 192.0.2.7,%20192.0.2.8", None),
        ("10.0.0.1 -", None),
        ("10.0.0.1,%20192.0.2.8", None),
        ("10.0.0.1, 192.0.2.8", None),
    ],
)
def test_native_with_more_about_the_client(header: str, client: str, device: str | None) -> None:
    """Its hardware address, and what it says that it forwards for, beside its address or in the place of it."""
    line = header + LINE.replace("10.0.0.1", client)
    assert row("SQUID_NATIVE", line) == (FOUND if device is None else {**FOUND, "source_device": device})
    assert recognise([line]).source.startswith("SQUID_NATIVE")


def test_native_behind_a_hardware_address() -> None:
    line = f"00:00:5e:00:53:01 {LINE}"
    assert row("SQUID_NATIVE", line) == {**FOUND, "source_device": "00:00:5e:00:53:01"}


@pytest.mark.parametrize("client", ["10.0.0.1,%20192.0.2.8", "10.0.0.1, 192.0.2.8", "10.0.0.1,192.0.2.8,192.0.2.9"])
def test_common_with_forwarded_addresses(client: str) -> None:
    """The first one is the client's."""
    assert row("SQUID", COMMON.replace("10.0.0.1", client)) == row("SQUID", COMMON)


@pytest.mark.parametrize(("source", "line"), [("SQUID_NATIVE", LINE), ("SQUID", COMMON)])
def test_a_client_may_have_a_name(source: str, line: str) -> None:
    """With ``log_fqdn``, the proxy writes the name that it has looked up, and the address where it found none."""
    for name in ("pc-1.example.org", "pc-1"):
        named = line.replace("10.0.0.1", name)
        assert row(source, named) == without(row(source, line), "source_ip", source_device=name)
        assert recognise([named]).format == recognise([line]).format
    assert row(source, line.replace("10.0.0.1", "-"))["rejected"] == "no source address"


def test_e2guardian() -> None:
    """It uses Squid's layout, with the client in the user's place, and without peer, method and status."""
    line = "1763640000.642      0 10.0.0.1 TCP_MISS/0 1037 - https://example.com 10.0.0.1 DEFAULT_PARENT/ -"
    expected = without(FOUND, "user", "destination_ip", url="https://example.com")
    assert row("SQUID_NATIVE", line) == row("SQUID_NATIVE_SYSLOG", f"<134>Nov 20 12:00:00 proxy {line}") == expected
    assert row("SQUID_NATIVE", line.replace("MISS/0", "DENIED/403"))["action"] == "block"
    assert recognise([line]).source == "SQUID_NATIVE"


def test_a_quoted_user_is_recognised() -> None:
    for written in ('"EXAMPLE\\joe doe@Realm" -', '- "EXAMPLE\\joe doe@Realm"'):
        line = COMMON.replace("- joe", written)
        assert recognise([line]).source == "SQUID"
        assert row("SQUID", f"Nov 20 12:00:00 x y.z: {line}")["user"] == "EXAMPLE\\joe doe@Realm"


def test_common() -> None:
    """A common-format line includes its time zone."""
    assert row("SQUID", COMMON) == without(FOUND, "destination_ip", timestamp=RECEIVED)


@pytest.mark.parametrize(
    ("line", "change"),
    [
        (COMMON.replace(" TCP_MISS:HIER_DIRECT", ""), {}),
        (COMMON.replace("1037 ", '1037 "http://ref/" "Agent (x)" '), {}),
        (COMMON.replace("[20/Nov/2025:13:00:00 +0100]", "[20/11/2025 12:00:00]"), {}),
        (COMMON.replace("HTTP/1.1", "HTTP/2.0"), {}),
        (COMMON.replace(" HTTP/1.1", ""), {}),
        (COMMON.replace("a?b", "a b"), {"url": "http://example.com/a b"}),
        (COMMON.replace("1037", "-"), {"downloaded_bytes": None, "total_bytes": None}),
        (COMMON.replace("- joe", "ident joe%20doe"), {"user": "joe doe"}),
        (COMMON.replace("GET http://example.com/a?b", "CONNECT example.com:443"), {"url": None}),
        (COMMON.replace("200", "403").replace("TCP_MISS", "TCP_DENIED"), {"action": "block"}),
        (COMMON.replace("200", "403").replace("TCP_MISS:HIER_DIRECT", "- TCP_DENIED/HIER_NONE 1"), {"action": "block"}),
        (COMMON.replace("200", "403").replace("TCP_MISS:HIER_DIRECT", "TCP_DENIED"), {"action": "block"}),
        (COMMON.replace("200", "403"), {}),
        (COMMON.replace("- joe", '"EXAMPLE\\joe@Realm" -'), {"user": "EXAMPLE\\joe@Realm"}),
        (f"{COMMON} 155 BLOCK_WEBCAT_11-Policy-NONE <x>", {"action": "block"}),
        (f"{COMMON} 155 DROP_ADMIN_7-Policy-NONE <x>", {"action": "block"}),
        (f"{COMMON} 155 DEFAULT_CASE_11-Policy-NONE <x>", {}),
        (COMMON.replace("1037 ", '1037 "http://ref/" "x TCP_MISS:NONE 1 BLOCK_WEBCAT_11-x" '), {}),
        (f"<134>Nov 20 12:00:00 proxy squid[7]: {COMMON}", {}),
        (f"<134>Nov 20 12:00:00 {COMMON}", {}),
        (f"<134>{COMMON}", {}),
        (f"2025-11-20T12:00:01.123456789Z {COMMON}", {}),
        (f"proxy.corp.example:3128 {COMMON}", {}),
        ("proxy " + COMMON.replace("10.0.0.1", "2001:db8::1"), {"source_ip": "2001:db8::1"}),
        (f" {COMMON}", {}),
    ],
)
def test_common_variants(line: str, change: dict[str, Any]) -> None:
    """Customised layouts, headers and denials are parsed."""
    expected = without(FOUND, "destination_ip", timestamp=RECEIVED, **change)
    assert row("SQUID", line) == {name: value for name, value in expected.items() if value is not None}


@pytest.mark.parametrize(
    ("line", "outcome"),
    [
        (COMMON.replace(" 200 ", " 407 "), "authentication challenge"),
        (COMMON.replace("http://example.com/a?b", "error:transaction-end"), "no request"),
    ],
)
def test_common_ignored(line: str, outcome: str) -> None:
    """Challenges and missing requests are not transactions."""
    assert row("SQUID", line)["ignored"] == outcome


def test_requests_that_never_came_are_recognised() -> None:
    """A load balancer's health checks may be most of the lines."""
    line = COMMON.replace("GET http://example.com/a?b HTTP/1.1", "- error:transaction-end-before-headers NONE/0.0")
    assert recognise([line.replace(" 200 1037 ", " 0 0 ")]).source == "SQUID"


@pytest.mark.parametrize("line", ["x", LINE, '10.0.0.1 - - "GET / HTTP/1.1" 200 1', "", '""""""', "10.0.0.1 - - [x] y"])
def test_common_rejected(line: str) -> None:
    """A line in another format is rejected."""
    outcome = [found.get("rejected") for found in rows("SQUID", [line])]
    assert outcome == (["not a line of Squid's common log"] if line else [])


def test_ambiguous_date() -> None:
    """The data source decides which of two small numbers is the day."""
    line = COMMON.replace("20/Nov/2025:13:00:00 +0100", "05/02/2025 11:30:29")
    may, february = (row("SQUID", line, day_first=first)["timestamp"] for first in (False, True))
    assert (datetime.fromtimestamp(may / 1000, UTC).month, datetime.fromtimestamp(february / 1000, UTC).month) == (5, 2)


WORD = st.text("abcdefghijklmnopqrstuvwxyz0123456789-_~!$*,;:@", min_size=1, max_size=12)
RECORD = st.fixed_dictionaries(
    {
        "time": st.integers(10**12, 2 * 10**12),
        "elapsed": st.integers(-1, 10**7),
        "source": st.ip_addresses(v=4).map(str),
        "size": st.integers(0, 10**12),
        "host": st.from_regex(r"[a-z]{1,9}\.example", fullmatch=True),
        "path": WORD,
        "user": WORD.filter(lambda text: text != "-"),
        "server": st.ip_addresses().map(str),
        "blocked": st.booleans(),
    }
)


@settings(max_examples=40)
@given(st.lists(RECORD, min_size=1, max_size=5))
def test_round_trip(records: list[dict[str, Any]]) -> None:
    """Records written as by Squid are read back."""
    lines = [
        f"{r['time'] // 1000}.{r['time'] % 1000:03d} {r['elapsed']:6d} {r['source']}"
        f" {'TCP_DENIED/403' if r['blocked'] else 'TCP_MISS/200'} {r['size']} GET http://{r['host']}/{r['path']}"
        f" {r['user']} HIER_DIRECT/{r['server']} text/html"
        for r in records
    ]
    found = rows("SQUID_NATIVE", lines)
    assert [
        (f["timestamp"], f["source_ip"], f["downloaded_bytes"], f["destination_host"], f["action"] == "block")
        for f in found
    ] == [(r["time"], r["source"], r["size"], r["host"], r["blocked"]) for r in records]
    assert [f["url"] for f in found] == [f"http://{r['host']}/{r['path']}" for r in records]
    nobody = {"none", "na", "unknown", "anonymous", "null"}
    assert [f.get("user") for f in found] == [None if r["user"] in nobody else r["user"] for r in records]
