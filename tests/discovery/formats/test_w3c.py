"""Blue Coat and other W3C logs."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import polars as pl
import pytest

from opencasb.discovery.formats import w3c
from opencasb.discovery.formats.base import ParseContext
from opencasb.discovery.parsing import LineParser
from opencasb.discovery.recognise import format_of, recognise
from tests.discovery.formats.parsed import RECEIVED, row, rows

FIELDS = (
    "#Fields: date time time-taken c-ip sc-status s-action sc-bytes cs-bytes cs-method cs-uri-scheme cs-host"
    " cs-uri-path cs-uri-query cs-username s-hierarchy s-supplier-name cs(User-Agent) sc-filter-result"
)
HEAD = ["#Software: SGOS 6.7.5", "#Version: 1.0", FIELDS]
LINE = (
    "2025-11-20 12:00:00 57 10.0.0.1 200 TCP_NC_MISS 1037 617 GET http www.example.com /a ?b joe DIRECT 203.0.113.9"
    ' "Agent/1.0 (x y)" OBSERVED'
)
FOUND = {
    "timestamp": RECEIVED, "user": "joe", "source_ip": "10.0.0.1", "destination_host": "www.example.com",
    "url": "http://www.example.com/a?b", "destination_ip": "203.0.113.9", "action": "allow", "uploaded_bytes": 617,
    "downloaded_bytes": 1037, "total_bytes": 1654, "transactions": 1,
}  # fmt: skip
MAIN = (
    '2025-11-20 12:00:00 57 10.0.0.1 joe - - OBSERVED "Web Mail" - 200 TCP_NC_MISS GET text/html;%20charset=utf-8 https'
    ' www.example.com 443 /a ?b html "Agent/1.0" 10.9.9.9 1037 617 -'
)
PAIRS = (
    'bluecoat[0]: SPLV5.1 c-ip=10.0.0.1 cs-bytes=617 cs-categories="Web Mail" cs-host=www.example.com cs-method=GET'
    " cs-username=joe s-action=TCP_NC_MISS s-ip=10.9.9.9 s-supplier-ip=203.0.113.9 sc-bytes=1037"
    ' sc-filter-result=OBSERVED sc-status=200 c-url="http://www.example.com/a?b"'
)  # fmt: skip
PIPES = (
    "Bluecoat|src=10.0.0.1|srcport=50000|dst=203.0.113.9|dstport=80|username=joe|devicetime=[20/11/2025:12:00:00 GMT]"
    "|s-action=TCP_NC_MISS|sc-status=200|cs-method=GET|time-taken=57|sc-bytes=1037|cs-bytes=617|cs-uri-scheme=http"
    "|cs-host=www.example.com|cs-uri-path=/a|cs-uri-query=?b|cs-auth-group=-|rs(Content-Type)=text/html"
    "|cs(User-Agent)=Agent/1.0 (x y)|sc-filter-result=OBSERVED|filter-category=Web|cs-uri=http://www.example.com/a?b"
)

TIMED, AT = "date time c-ip", "2025-11-20 12:00:00 10.0.0.1"


def below(line: str, head: list[str] = HEAD, source: str = "BLUECOAT") -> dict[str, Any]:
    """Return the row of a line below directives."""
    found = rows(source, [*head, line])[-1]
    found.pop("line")
    return found


def generic(fields: str, line: str) -> dict[str, Any]:
    """Return the row of a line in a generic W3C log."""
    return below(line, [f"#Fields: {fields}"], "GENERIC_W3C")


@pytest.mark.parametrize("batches", [1, 2])
def test_a_fields_line_that_names_nothing_ends_the_one_before(batches: int) -> None:
    """Receivers insert it between a sender with a header and one without."""
    for source, line, rejected in (
        ("BLUECOAT", MAIN, None),
        ("GENERIC_W3C", MAIN, "no #Fields line before this line"),
    ):
        parser = LineParser(format_of(source), ParseContext(RECEIVED))
        head, rest = [FIELDS, LINE], ["#Fields:", line]
        frames = [parser.feed(each) for each in ([head + rest] if batches == 1 else [head, rest])]
        assert pl.concat(frames).sort("line")["rejected"].to_list() == [None, None, None, rejected]


def test_bluecoat() -> None:
    """A line below a #Fields line yields all its fields."""
    assert below(LINE) == FOUND


def test_directives_are_comments() -> None:
    """Directives are not transactions."""
    assert [found["ignored"] for found in rows("BLUECOAT", HEAD)] == ["comment"] * 3


def test_default_order() -> None:
    """Without a #Fields line, as over syslog, the order is that of SGOS's main log."""
    expected = {**FOUND, "url": "https://www.example.com/a?b"}
    expected.pop("destination_ip")  # s-ip is the proxy's own address
    assert row("BLUECOAT_SYSLOG", MAIN) == expected
    assert row("BLUECOAT_SYSLOG", f"<134>Nov 20 12:00:00 proxy {MAIN}") == expected
    longer = [
        f'{MAIN} "Some App" "Upload"',
        f'{MAIN} "none" "none" 443 Some%20Land 2',
        f"{MAIN.replace(' 200 ', '  200 ')} x",
    ]
    for line in longer:
        assert row("BLUECOAT_SYSLOG", f"<134>Nov 20 12:00:00 proxysg {line}") == expected
    mixed = [longer[0], f"<134>Nov 20 12:00:00 proxysg {'word ' * 27}", *longer, MAIN]
    assert [found.get("ignored") for found in rows("BLUECOAT_SYSLOG", mixed)] == [
        None,
        "appliance message",
        *[None] * 4,
    ]


@pytest.mark.parametrize(
    ("old", "new", "change"),
    [
        ("OBSERVED", "PROXIED", {}),
        ("OBSERVED", "DENIED", {"action": "block"}),
        ("TCP_NC_MISS", "TCP_DENIED", {"action": "block"}),
        ("200 TCP_NC_MISS", "401 TCP_AUTH_DENIED", {"action": "block"}),
        (" joe ", ' "CORP\\joe doe" ', {"user": "CORP\\joe doe"}),
        (" joe ", " joe%20doe ", {"user": "joe doe"}),
        (" joe ", " - ", {"user": None}),
        ("/a ?b", "/a -", {"url": "http://www.example.com/a"}),
        ("/a ?b", "- -", {"url": None}),
        ("GET http", "CONNECT tcp", {"url": None}),
        ("GET http", "unknown ssl", {"url": None}),
        ("DIRECT 203.0.113.9", "DIRECT www.example.com", {"destination_ip": None}),
        ("DIRECT 203.0.113.9", "PARENT 203.0.113.9", {"destination_ip": None}),
        ("www.example.com", "203.0.113.7", {"destination_host": None, "url": "http://203.0.113.7/a?b"}),
        ('"Agent/1.0 (x y)"', '"Agent ""quoted"" x"', {}),
        ('"Agent/1.0 (x y)"', "-", {}),
    ],
)
def test_bluecoat_variants(old: str, new: str, change: dict[str, Any]) -> None:
    """Verdicts, users, tunnels and origin servers are parsed as the appliance writes them."""
    expected = {name: value for name, value in {**FOUND, **change}.items() if value is not None}
    assert below(LINE.replace(old, new, 1)) == expected


def test_exception_blocks() -> None:
    """A policy exception page is a block."""
    assert row("BLUECOAT", MAIN.replace("joe - - OBSERVED", "joe - policy_denied OBSERVED"))["action"] == "block"


@pytest.mark.parametrize(
    ("line", "rule"),
    [
        (LINE.replace("200 TCP_NC_MISS", "407 TCP_AUTH_DENIED"), "authentication challenge"),
        (LINE.replace("10.0.0.1", "-"), "appliance message"),
        ("<134>1 2025-11-20T12:00:00Z host ProxySG - - - Health changed", "appliance message"),
    ],
)
def test_bluecoat_ignored(line: str, rule: str) -> None:
    """Challenges and the appliance's own messages are not transactions."""
    assert below(line)["ignored"] == rule


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("nonsense", "not as many fields as the #Fields line names"),
        ("<134>1 2025-11-20T12:00:00Z host sshd 1 - - opened", "not as many fields as the #Fields line names"),
        (LINE.replace("2025-11-20", "yesterday"), "unreadable time"),
        (LINE.replace("10.0.0.1", "pc-1"), "no source address"),
        (LINE.replace("www.example.com", "-").replace("DIRECT", "NONE"), "no destination"),
    ],
)
def test_bluecoat_rejected(line: str, reason: str) -> None:
    """An unparsable line is rejected with the reason."""
    assert below(line)["rejected"] == reason


@pytest.mark.parametrize(
    ("hierarchy", "server"),
    [("DIRECT", "203.0.113.9"), ("-", "203.0.113.9"), ("DEFAULT_PARENT", None), ("NONE", None)],
)
def test_the_supplier_may_be_a_parent_proxy(hierarchy: str, server: str | None) -> None:
    """Only a supplier that was asked directly, or of which nothing else is said, is the server."""
    head = FIELDS.replace("s-supplier-name", "s-supplier-ip")
    found = rows("BLUECOAT", [*HEAD[:2], head, LINE.replace("DIRECT", hierarchy)])[-1]
    assert found.get("destination_ip") == server


def test_key_value_form() -> None:
    """The key=value form has its time only in the syslog header."""
    expected = {**FOUND, "url": "http://www.example.com/a?b"}
    assert row("BLUECOAT_SYSLOG", f"<134> 2025-11-20T12:00:00Z host {PAIRS}") == expected
    expected.pop("timestamp")
    assert row("BLUECOAT_SYSLOG", PAIRS) == expected
    assert row("BLUECOAT_SYSLOG", PAIRS.replace("c-ip=", "x-ip="))["ignored"] == "appliance message"


@pytest.mark.parametrize("header", ["", "<134>Nov 20 12:00:09 host ", "2025-11-20 12:00:09\tLocal4.Info\t192.0.2.1\t"])
def test_pairs_between_pipes(header: str) -> None:
    """The template for QRadar has some names of its own, and values with blanks."""
    assert recognise([header + PIPES]).source in ("BLUECOAT", "BLUECOAT_SYSLOG")
    assert row("BLUECOAT_SYSLOG", header + PIPES) == FOUND
    assert row("BLUECOAT_SYSLOG", header + PIPES.replace("=OBSERVED", "=DENIED"))["action"] == "block"
    assert "timestamp" not in row("BLUECOAT", PIPES.replace("[20/11", "[20/Nov"))


@pytest.mark.parametrize("header", ["", "<134> 2025-11-20T12:00:09Z host ", "<134>Nov 20 12:00:09 host "])
@pytest.mark.parametrize("at", ["date=2025-11-20 time=12:00:00", 'date="2025-11-20" time="12:00:00"'])
def test_pairs_may_tell_their_time(header: str, at: str) -> None:
    """It is in UTC, whatever the appliance's zone."""
    found = row("BLUECOAT_SYSLOG", f"{header}{PAIRS} {at}", timezone="Europe/Berlin")
    assert found["timestamp"] == RECEIVED
    unread = row("BLUECOAT_SYSLOG", f"<134>2025-11-20T12:00:00Z host {PAIRS} date=- time=12:00")
    assert unread["timestamp"] == RECEIVED


@pytest.mark.parametrize("header", ["", "<134>Nov 20 10:00:00 fetcher wss: "])
@pytest.mark.parametrize("separators", [(",", ":"), (", ", ": ")])
def test_objects_of_the_cloud(header: str, separators: tuple[str, str]) -> None:
    """Scripts that fetch the cloud's records keep the field names."""
    record = {
        "x-bluecoat-request-tenant-id": "77", "date": "2025-11-20", "time": "11:58:02", "c-ip": "10.0.0.1",
        "cs-userdn": "CORP\\ann", "sc-filter-result": "DENIED", "cs(User-Agent)": '"b" c-ip=10.9.9.9', "sc-status": 403,
        "cs-method": "GET", "cs-uri-scheme": "https", "cs-host": "files.example.com", "cs-uri-port": "443",
        "cs-uri-path": "/a b", "cs-uri-query": "?c=d", "sc-bytes": 1100, "cs-bytes": "400", "r-ip": "203.0.113.9",
        "x-client-device-name": "LAP-0007", "cs-auth-groups": ["x", "y"],
    }  # fmt: skip
    line = header + json.dumps(record, separators=separators)
    assert recognise([line]).format is format_of("BLUECOAT")
    assert row("BLUECOAT", line) == {
        "timestamp": RECEIVED - 118_000, "user": "CORP\\ann", "source_ip": "10.0.0.1", "source_device": "LAP-0007",
        "destination_host": "files.example.com", "url": "https://files.example.com/a b?c=d",
        "destination_ip": "203.0.113.9", "action": "block", "uploaded_bytes": 400, "downloaded_bytes": 1100,
        "total_bytes": 1500, "transactions": 1,
    }  # fmt: skip


def test_header_changes() -> None:
    """A #Fields line applies to the lines below it, up to the next one, across batches and over syslog."""
    other = "#Fields: date time c-ip cs-host"
    short = "2025-11-20 12:00:00 10.0.0.2 other.example"
    parser = LineParser(format_of("BLUECOAT"), ParseContext(RECEIVED))
    batches = [
        [*HEAD, LINE, other, short],
        [short, f"<134>Nov 20 12:00:00 proxy {FIELDS}"],
        [LINE, short],
        [other, short, FIELDS, LINE],
    ]
    found = pl.concat([parser.feed(batch) for batch in batches]).sort("line")
    used = found.filter(pl.col("ignored").is_null())
    long, brief = "www.example.com", "other.example"
    assert used["destination_host"].to_list() == [long, brief, brief, long, None, brief, long]
    assert used["rejected"].null_count() == 6


def test_generic_needs_fields() -> None:
    """A generic log without a #Fields line, or with one that lacks required fields, is rejected with the reason."""
    assert row("GENERIC_W3C", LINE)["rejected"] == "no #Fields line before this line"
    assert generic("date time cs-host", "2025-11-20 12:00:00 a.example")["rejected"].endswith(
        "no client address (c-ip)"
    )
    assert generic("date time c-ip", "2025-11-20 12:00:00 10.0.0.1")["rejected"].endswith(
        "no host, URL or server address"
    )
    assert generic("c-ip cs-host", "10.0.0.1 a.example")["rejected"] == "no time"


@pytest.mark.parametrize(
    ("fields", "values", "url"),
    [
        ("timestamp c-ip cs-uri-scheme cs-uri-host cs-uri-port cs-uri-pathquery", "http www.example.com 80 /a?b",
         "http://www.example.com/a?b"),
        ("x-timestamp-unix-utc c-ip cs-uri-stem", "https://www.example.com/a", "https://www.example.com/a"),
        ("timestamp c-ip c-uri", "https://www.example.com/a", "https://www.example.com/a"),
        ("timestamp c-ip r-dns r-ip", "www.example.com -", None),
    ],
)  # fmt: skip
def test_other_fields_of_bluecoat(fields: str, values: str, url: str | None) -> None:
    """They can be chosen from a long list."""
    head = ["#Software: SGOS 6.7.5", f"#Fields: {fields} sc-filter-result"]
    found = rows("BLUECOAT", [*head, f"1763640000 10.0.0.1 {values} OBSERVED"])[-1]
    assert (found["timestamp"], found["destination_host"], found.get("url")) == (RECEIVED, "www.example.com", url)


@pytest.mark.parametrize(
    ("fields", "line", "expected"),
    [
        ("datetime c-ip cs-uri", "2025-11-20T12:00:00 10.0.0.1 https://a.example/x", {"url": "https://a.example/x"}),
        ("timestamp c-ip cs-url", "1763640000.5 10.0.0.1 http://a.example/x", {"timestamp": RECEIVED + 500}),
        ("localtime c-ip cs-host", '"[20/Nov/2025:14:00:00 +0200]" 10.0.0.1 a.example', {"timestamp": RECEIVED}),
        ("localtime c-ip cs-host", "[20/Nov/2025:14:00:00 +0200] 10.0.0.1 a.example", {"timestamp": RECEIVED}),
        ("c-ip localtime cs-host", '10.0.0.1 "[20/Nov/2025:14:00:00 +0200]" a.example', {"timestamp": RECEIVED}),
        ("gmttime c-ip cs-host", "[20/11/2025:12:00:00 GMT] 10.0.0.1 a.example", {"timestamp": RECEIVED}),
        (f"{TIMED} cs(User-Agent) cs-host", f"{AT} 'Agent/1.0 (x y)' a.example", {"destination_host": "a.example"}),
        (f"{TIMED} r-host r-ip", f"{AT} a.example 203.0.113.9", {"destination_ip": "203.0.113.9"}),
        (f"{TIMED} cs-host s-ip", f"{AT} a.example 203.0.113.9", {"destination_ip": "203.0.113.9"}),
        (f"{TIMED} cs-host s-ip s-action", f"{AT} a.example 203.0.113.9 x", {"destination_ip": None}),
        (f"{TIMED} cs-host s-ip", f"{AT} 198.51.100.7 10.9.9.9", {"destination_ip": "198.51.100.7"}),
        (f"{TIMED} cs-uri s-ip", f"{AT} https://[2001:db8::7]:8443/a 10.9.9.9", {"destination_ip": "2001:db8::7"}),
        (f"{TIMED} cs-host s-ip r-ip", f"{AT} a.example 203.0.113.9 -", {"destination_ip": None}),
        (f"{TIMED} cs-host bytes", f"{AT} a.example 99", {"total_bytes": 99}),
        (f"{TIMED} cs-host action", f"{AT} a.example Blocked", {"action": "block"}),
        (f"{TIMED} cs-host sc-filter-result", f"{AT} a.example denied", {"action": "block"}),
        (f"{TIMED} cs-host action", f"{AT} a.example allowed", {"action": "allow"}),
        ("DATE TIME C-IP CS(Host)", "2025-11-20 12:00:00 2001:DB8::1 A.example:80", {"source_ip": "2001:db8::1"}),
        (f"{TIMED} cs-userdn cs-username cs-host", f"{AT} CN=joe - a.example", {"user": "CN=joe"}),
        ("date\ttime\tc-ip\tcs-username\tcs-host", "2025-11-20\t12:00:00\t10.0.0.1\tj d\ta.example", {"user": "j d"}),
        (f"{TIMED} cs-uri-scheme cs-host cs-uri-port cs-uri-stem cs-uri-query",
         f"{AT} https a.example 8443 /x ?y", {"url": "https://a.example:8443/x?y"}),
        (f"{TIMED} cs-uri-scheme cs-host cs-uri-stem cs-uri-query", f"{AT} http a.example /x y=1",
         {"url": "http://a.example/x?y=1"}),
        (f"{TIMED} cs-host cs-uri-stem cs-uri-query", f"{AT} a.example https://a.example/x ?y=1",
         {"url": "https://a.example/x?y=1"}),
        (f"{TIMED} cs-uri-stem cs-uri-query", f"{AT} https://a.example/x -", {"url": "https://a.example/x"}),
        (f"{TIMED} cs-uri-scheme cs-host cs-uri cs-uri-query x-policy-action", f"{AT} https a.example /x y=1 block",
         {"url": "https://a.example/x?y=1", "action": "block"}),
        (f"{TIMED} cs-host sc-status", f"{AT} a.example 407", {"ignored": "authentication challenge"}),
    ],
)  # fmt: skip
def test_generic_fields(fields: str, line: str, expected: dict[str, Any]) -> None:
    """Fields have the same meaning under all their names, in any order and case."""
    found = generic(fields, line)
    assert {name: found.get(name) for name in expected} == expected
    assert found.get("destination_host", "a.example") == "a.example"
    assert "rejected" not in found


def test_another_beginning_through_syslog() -> None:
    """After another #Fields line, lines may begin with a different field."""
    wrapper = "<134>1 2025-11-20T12:00:01Z proxy w3c 77 - - "
    texts = [
        "#Fields: datetime\tc-ip\tcs-host",
        "2025-11-20 12:00:00\t10.0.0.1\twww.example.com",
        "#Fields: cs-username\tdatetime\tc-ip\tcs-host",
        "joe\t2025-11-20 12:00:00\t10.0.0.1\twww.example.com",
        "#Fields: date\ttime\tc-ip\tcs-host",
        "2025-11-20\t12:00:00\t10.0.0.1\twww.example.com",
    ]
    found = rows("GENERIC_W3C", [wrapper + text for text in texts])[1::2]
    wanted = {"timestamp": RECEIVED, "source_ip": "10.0.0.1", "destination_host": "www.example.com"}
    assert [{name: each.get(name) for name in wanted} for each in found] == [wanted] * 3
    assert found[1]["user"] == "joe"


@pytest.mark.parametrize(
    "wrapper", ["<134>Nov 20 12:00:01 proxy ", "2025-11-20 12:00:01\tLocal4.Info\t192.0.2.1\t"], ids=["syslog", "kiwi"]
)
@pytest.mark.parametrize(
    ("fields", "line"),
    [
        (f"{TIMED} cs-host", f"{AT} a.example"),
        ("c-ip date time cs-host", "10.0.0.1 2025-11-20 12:00:00 a.example"),
        ("c-ip\tdate\ttime\tcs-host", "10.0.0.1\t2025-11-20\t12:00:00\ta.example"),
        ("timestamp c-ip cs-host", "1763640000.000 10.0.0.1 a.example"),
    ],
)
def test_wrapped_in_any_order(wrapper: str, fields: str, line: str) -> None:
    """Neither a date nor Kiwi's prefix is taken for the first field if the fields begin otherwise."""
    lines = [wrapper + text for text in (f"#Fields: {fields}", line, line)]
    assert recognise(lines).source == "GENERIC_W3C_SYSLOG"
    assert [(found["timestamp"], found["source_ip"]) for found in rows("GENERIC_W3C", lines)[1:]] == [
        (RECEIVED, "10.0.0.1")
    ] * 2


def test_times_are_utc() -> None:
    """Date and time are UTC whatever the source's zone; only localtime is local."""
    fields, line = "date time c-ip cs-host", "2025-11-20 12:00:00 10.0.0.1 a.example"
    assert rows("GENERIC_W3C", [f"#Fields: {fields}", line], timezone="Asia/Tokyo")[1]["timestamp"] == RECEIVED
    (found,) = rows(
        "GENERIC_W3C",
        ["#Fields: localtime c-ip cs-host", '"2025-11-20 21:00:00" 10.0.0.1 a.example'],
        timezone="Asia/Tokyo",
    )[1:]
    assert datetime.fromtimestamp(found["timestamp"] / 1000, UTC).hour == 12


@pytest.mark.parametrize(
    ("fields", "times"),
    [
        ("date-utc time-utc", "2025-11-20 12:00:00"),
        ("date-local time-local", "2025-11-20 21:00:00"),
        ("Date-Local Time-Local", "2025-11-20 21:00:00.000"),
        ("date-local time-local date-utc time-utc", "2025-11-20 09:00:00 2025-11-20 12:00:00"),
    ],
)
def test_fields_that_name_the_zone(fields: str, times: str) -> None:
    """IIS's Advanced Logging has them."""
    lines = [f"#Fields: {fields} c-ip cs-host", f"{times} 10.0.0.1 a.example"]
    for header in ("", "<134>Nov 20 12:00:01 iis1 W3SVC1: "):
        found = rows("GENERIC_W3C", [lines[0], header + lines[1]], timezone="Asia/Tokyo")[1]
        assert (found.get("rejected"), found["timestamp"]) == (None, RECEIVED)
    assert recognise(lines).source == "GENERIC_W3C"


def test_many_layouts(monkeypatch: pytest.MonkeyPatch) -> None:
    """A hostile number of #Fields lines, or of fields, is rejected without being processed."""
    monkeypatch.setattr(w3c, "MOST_LAYOUTS", 3)
    lines = [
        text
        for number in range(6)
        for text in (f"#Fields: date time c-ip cs-host x{number}", "2025-11-20 12:00:00 10.0.0.1 a.example -")
    ]
    found = [line for line in rows("GENERIC_W3C", lines) if "ignored" not in line]
    assert [line.get("rejected", "").startswith("more than 3 different") for line in found] == [False] * 3 + [True] * 3
    assert "more than 256 fields" in generic("date time c-ip cs-host " + "x " * 300, "1 2 3 4")["rejected"]


@pytest.mark.parametrize("more", [" -", ' "x y" 7', " none low 3 -"])
def test_more_fields_than_are_named(more: str) -> None:
    """Fields appended to a format are ignored if the named ones are in the right positions."""
    assert below(LINE + more) == FOUND
    shifted = LINE.replace("Agent/1.0", 'Agent" "1.0').replace("10.0.0.1 200", "10.0.0.1 - 200") + more
    assert below(shifted)["rejected"] == "not as many fields as the #Fields line names"
    assert generic("date time c-ip cs-host", f"{AT} a.example{more}")["rejected"]


def test_bytes_of_the_server_side() -> None:
    """If no client bytes are logged, those exchanged between proxy and server count."""
    head = [HEAD[0], FIELDS.replace("sc-bytes cs-bytes", "rs-bytes sr-bytes")]
    assert below(LINE, head) == FOUND
    both = below(f"{LINE} 9 8", [HEAD[0], f"{FIELDS} rs-bytes sr-bytes"])
    assert (both["uploaded_bytes"], both["downloaded_bytes"]) == (617, 1037)
