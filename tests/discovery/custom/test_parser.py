"""Parsing by definitions."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from hypothesis import assume, given, settings

from opencasb.discovery.custom.document import from_values, read_document
from opencasb.discovery.custom.parser import compiled
from opencasb.discovery.formats.base import ParseContext
from opencasb.discovery.parsing import LineParser
from tests.discovery.custom.definitions import small
from tests.discovery.formats.parsed import RECEIVED
from tests.discovery.formats.reading import ms, read
from tests.discovery.formats.round_trip import RECORDS
from tests.discovery.inference.logs import LOGS
from tests.discovery.inference.traffic import traffic

FIELDS = {
    "source_ip": "src",
    "user": "who",
    "destination_ip": "dst",
    "uploaded_bytes": "up",
    "downloaded_bytes": "down",
}
ORDER = ("source_ip", "user", "destination_ip", "uploaded_bytes", "downloaded_bytes")
NONE = {"0.0.0.0", "::"}  # noqa: S104 -- no binding
KEYS = ("src", "who", "dst", "up", "down")


def rows(definition: dict[str, Any], *lines: str, zone: str = "UTC", batches: int = 1) -> list[dict[str, Any]]:
    """Return the parsed rows of lines, without nulls."""
    known = compiled(from_values({"name": "t", **definition}))
    found = read(known, *lines, context=ParseContext(RECEIVED, zone), batches=batches)
    return [{name: value for name, value in row.items() if value is not None} for row in found]


def _json(*values: str) -> str:
    return json.dumps(dict(zip(KEYS, values, strict=True)))


def _cef(*values: str) -> str:
    pairs = [f"{key}={value.replace('=', chr(92) + '=')}" for key, value in zip(KEYS, values, strict=True)]
    return "CEF:0|V|P|1|s|n|3|" + " ".join(pairs)


def _leef(*values: str) -> str:
    return "LEEF:1.0|V|P|1|e|" + "\t".join(f"{key}={value}" for key, value in zip(KEYS, values, strict=True))


def _pairs(mark: str, assign: str) -> Any:
    return lambda *values: mark.join(f"{key}{assign}{value}" for key, value in zip(KEYS, values, strict=True))


KINDS: dict[str, tuple[dict[str, Any], Any, str]] = {
    "commas": ({"kind": "delimiter", "columns": list(KEYS)}, lambda *values: ",".join(values), ""),
    "quotes": (
        {"kind": "delimiter", "delimiter": "; ", "columns": list(KEYS)},
        lambda *values: "; ".join(f'"{value}"' for value in values),
        "",
    ),
    "header row": ({"kind": "delimiter", "delimiter": "\t"}, lambda *values: "\t".join(values), "\t".join(KEYS)),
    "pairs": ({"kind": "pairs"}, _pairs(" ", "="), ""),
    "pairs between pipes": ({"kind": "pairs", "delimiter": "|"}, _pairs("|", "="), ""),
    "pairs with colons": ({"kind": "pairs", "delimiter": ", ", "assign": ": "}, _pairs(", ", ": "), ""),
    "open pairs": ({"kind": "pairs", "open_values": True}, _pairs(" ", "="), ""),
    "json": ({"kind": "json"}, _json, ""),
    "cef": ({"kind": "cef"}, _cef, ""),
    "leef": ({"kind": "leef"}, _leef, ""),
    "w3c": ({"kind": "w3c"}, lambda *values: " ".join(values), "#Fields: " + " ".join(KEYS)),
    "w3c without #Fields": ({"kind": "w3c", "columns": list(KEYS)}, lambda *values: " ".join(values), ""),
    "regex": (
        {"kind": "regex", "patterns": ["^no$", " ".join(rf"(?P<{key}>\S+)" for key in KEYS)]},
        lambda *values: " ".join(values),
        "",
    ),
}


@pytest.mark.parametrize("kind", KINDS)
@settings(max_examples=15, deadline=None)
@given(records=RECORDS)
def test_what_was_written_is_read(kind: str, records: list[dict[str, Any]]) -> None:
    """Every kind reads back what was written, in any number of batches."""
    definition, write, head = KINDS[kind]
    assume(not any({each["source_ip"], each["destination_ip"]} & NONE for each in records))
    lines = [write(*(str(each[name]) for name in ORDER)) for each in records]
    found = rows({**definition, "fields": FIELDS, "syslog": False}, *([head] if head else []), *lines, batches=2)
    used = [{name: row[name] for name in records[0]} for row in found if "ignored" not in row]
    assert used == records


@pytest.mark.parametrize("name", ["fortigate", "cef", "leef", "w3c", "json", "websense-report", "squid"])
def test_batches_change_nothing(name: str) -> None:
    """Lines that arrive in pieces are parsed like those that arrive together."""
    definitions: dict[str, dict[str, Any]] = {
        "fortigate": {"kind": "pairs", "fields": {"source_ip": "srcip", "destination_ip": "dstip"}},
        "cef": {"kind": "cef", "fields": {"source_ip": "src", "url": "request"}},
        "leef": {"kind": "leef", "fields": {"source_ip": "src", "url": "url"}},
        "w3c": {"kind": "w3c", "fields": {"source_ip": "c-ip", "url": "cs-uri"}},
        "json": {"kind": "json", "fields": {"source_ip": "client.ip", "url": "http.url"}},
        "websense-report": {"kind": "delimiter", "fields": {"source_ip": "Source IP", "url": "Full URL"}},
        "squid": {
            "kind": "delimiter", "delimiter": " ", "repeated": True, "columns": list("abcdefghij"),
            "fields": {"source_ip": "c", "url": "g"},
        },
    }  # fmt: skip
    definition, lines = definitions[name], LOGS[name].lines(traffic(40))
    whole = rows(definition, *lines)
    assert rows(definition, *lines, batches=7) == whole
    assert sum("rejected" not in row and "ignored" not in row for row in whole) == 40


def test_times() -> None:
    """Formats with percent signs or Java letters, Unix time, zones, and times in two fields."""
    base = {"kind": "pairs", "delimiter": "|", "fields": {"source_ip": "s", "destination_ip": "d"}}

    def time(written: str, zone: str = "UTC", **more: Any) -> int | None:
        (row,) = rows({**base, "time": {"fields": ["t"], **more}}, f"s=10.0.0.1|d=1.1.1.1|{written}", zone=zone)
        return row.get("timestamp")

    noon = ms("2025-02-05T12:00:00Z")
    assert time("t=1738756800", format="unix") == noon
    assert time("t=1738756800000", format="unix") == noon
    assert time("t=05/02/2025 13:00:00", format="dd/MM/yyyy HH:mm:ss", zone="Europe/Berlin") == noon
    assert time("t=05/02/2025 13:00:00", "Europe/Berlin") == noon
    assert time("t=02/05/2025 12:00:00", day_first=False) == noon
    assert time("t=5.2.2025 12:00:00 PM", format="d.M.yyyy HH:mm:ss a") == noon
    assert time("t=20250205T130000+0100", format="%Y%m%dT%H%M%S%z") == noon
    assert time("x=1") is None
    split = {**base, "time": {"fields": ["day", "clock"], "format": "%Y%m%d %H%M%S"}}
    (row,) = rows(split, "s=10.0.0.1|d=1.1.1.1|day=20250205|clock=120000")
    assert row["timestamp"] == noon
    (row,) = rows({**base, "time": {"fields": ["t"], "format": "unix"}}, "s=10.0.0.1|d=1.1.1.1|t=noon")
    assert row["rejected"] == "unreadable time"


def test_a_message_may_stand_before_the_first_pair() -> None:
    """It is not part of the following key, unless keys themselves contain blanks."""
    definition = {"kind": "pairs", "delimiter": ",", "fields": {"source_ip": "ip", "user": "who", "url": "url"}}
    (row,) = rows(definition, "[ACCESS|INFO] Access log who=ann,url=http://a.example.com/,ip=10.0.0.1")
    assert row["user"] == "ann"
    spaced = {"kind": "pairs", "delimiter": "|", "fields": {"source_ip": "src ip", "destination_ip": "dst ip"}}
    (row,) = rows(spaced, "src ip=10.0.0.1|dst ip=203.0.113.9")
    assert row["source_ip"] == "10.0.0.1"


def test_the_time_of_a_syslog_header_counts_where_no_field_has_one() -> None:
    definition = {"kind": "pairs", "fields": {"source_ip": "s", "destination_ip": "d"}}
    (row,) = rows(definition, "<134>Nov 20 10:20:30 fw1 s=10.0.0.1 d=1.1.1.1")
    assert row["timestamp"] == ms("2025-11-20T10:20:30Z")


def test_values() -> None:
    """Templates, parts, alternatives, replacements, scaled and suffixed sizes, host names in place of addresses."""
    definition = {
        "kind": "json",
        "fields": {
            "source_ip": ["none", {"field": "peer", "pattern": "^(.+):"}],
            "user": {"field": "who", "values": {"guest": "-"}},
            "url": "{scheme}://{host}{path}",
            "uploaded_bytes": {"field": "up", "scale": 1024},
            "downloaded_bytes": "down",
            "method": "verb",
        },
    }
    line = {"peer": "10.0.0.1:80", "who": "guest", "scheme": "https", "host": "a.example", "path": "/x", "up": 2}
    (row,) = rows(definition, json.dumps({**line, "down": "1.5 KB"}))
    assert (row["source_ip"], row["url"], row["destination_host"]) == ("10.0.0.1", "https://a.example/x", "a.example")
    assert (row["uploaded_bytes"], row["downloaded_bytes"], row["total_bytes"]) == (2048, 1536, 3584)
    assert "user" not in row
    (row,) = rows(definition, json.dumps({**line, "path": None, "verb": "CONNECT"}))
    assert (row["destination_host"], row.get("url")) == ("a.example", None)
    (named,) = rows(
        {"kind": "json", "fields": {"source_ip": "s", "destination_ip": "d"}}, '{"s":"10.0.0.1","d":"b.example"}'
    )
    assert named["destination_host"] == "b.example"
    (whole,) = rows(
        {"kind": "pairs", "fields": {"source_ip": "s", "url": {"field": "*", "pattern": r"GET (\S+)"}}},
        "s=10.0.0.1 request: GET https://c.example/",
    )
    assert whole["url"] == "https://c.example/"


def test_actions_and_rules_of_ignoring() -> None:
    """The first matching text determines the action; rules examine a field or the line."""
    definition = {
        "kind": "pairs",
        "fields": {"source_ip": "s", "destination_ip": "d", "action": "a"},
        "actions": {"deny-but-fine": "allow", "deny*": "block"},
        "ignore": [
            {"field": "t", "drop": "^start$", "reason": "start of a session"},
            {"keep": "s="},
            {"drop": "heartbeat"},
        ],
    }
    found = rows(
        definition,
        "s=10.0.0.1 d=1.1.1.1 a=DENY-all",
        "s=10.0.0.1 d=1.1.1.1 a=deny-but-fine",
        "s=10.0.0.1 d=1.1.1.1 t=start",
        "x=1",
        "s=1 heartbeat",
        "# a comment s=",
    )
    assert [row.get("action") for row in found[:2]] == ["block", "allow"]
    assert [row.get("ignored") for row in found[2:]] == [
        "start of a session", "does not match s=", "matches heartbeat", "comment",
    ]  # fmt: skip


def test_lines_without_client_or_target() -> None:
    """They are rejected, or ignored if the definition says so."""
    assert (
        rows({"kind": "json", "fields": {"source_ip": "c", "url": "u"}}, '{"c":"10.0.0.1"}')[0]["rejected"]
        == "no destination"
    )
    lax = {"kind": "json", "fields": {"source_ip": "c", "url": "u"}, "incomplete": "ignore"}
    assert rows(lax, '{"c":"10.0.0.1"}', "no")[0]["ignored"] == "no traffic record"
    assert rows(lax, '{"c":"10.0.0.1"}', "no")[1]["rejected"] == "no object of JSON"


def test_header_rows_are_followed() -> None:
    """From a second header row on, its column positions apply; without a header row, lines are rejected."""
    definition = {"kind": "delimiter", "fields": {"source_ip": "src ip", "destination_ip": "dst"}}
    lines = ["10.0.0.1,1.1.1.1", "src ip,dst", "10.0.0.1,1.1.1.1", "dst,x,src ip", '1.1.1.2,"a,b",10.0.0.2']
    found = rows(definition, *lines)
    assert [row.get("rejected") for row in found] == ["no header row before this line", None, None, None, None]
    assert [row.get("source_ip") for row in found] == [None, None, "10.0.0.1", None, "10.0.0.2"]


def test_a_hostile_expression_takes_linear_time() -> None:
    """Expressions that cause catastrophic backtracking in other engines finish quickly."""
    definition = {
        "kind": "regex",
        "patterns": [r"^(?P<c>(a|aa)+)+(?P<u>b)$"],
        "fields": {"source_ip": "c", "url": "u"},
    }
    (row,) = rows(definition, "a" * 16_000)
    assert row["rejected"] == "no pattern matches"


def test_a_custom_parser_is_a_format_like_ours() -> None:
    """The pipeline gets a value of the same type; it detects nothing by itself."""
    known = compiled(small())
    assert known.sources == ("CUSTOM:small",)
    assert known.recognise(["{}"])[0] == 0
    parser = LineParser(known, ParseContext(RECEIVED))
    frame = parser.feed(['{"c":"10.0.0.1","u":"https://a.example/"}', "", "x"])
    assert frame.filter(pl.col("rejected").is_null()).height == parser.counts.used == 1
    assert parser.counts.ignored["empty line"] == 1


def test_the_documentation_s_example_works() -> None:
    """The example on the page loads and parses."""
    page = (Path(__file__).parents[3] / "docs" / "custom-parsers.md").read_text(encoding="utf-8")
    definition = read_document(page.partition("```yaml\n")[2].partition("```")[0])
    (row,) = read(compiled(definition), "20/11/2025;13:00:00;10.0.0.1;ann;GET https://a.example/x;1;2;deny-all")
    assert (row["timestamp"], row["url"], row["action"]) == (RECEIVED, "https://a.example/x", "block")


def test_names_count_as_they_are_written() -> None:
    """Names are case-sensitive, and unused fields are dropped."""
    definition = read_document("name: d\nkind: pairs\nfields: {source_ip: Src, destination_ip: dst}")
    (row,) = read(compiled(definition), "src=10.0.0.9 Src=10.0.0.1 dst=1.1.1.1 other=x")
    assert row["source_ip"] == "10.0.0.1"
