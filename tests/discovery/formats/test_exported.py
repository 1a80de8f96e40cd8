"""Raw lines are extracted from CSV rows exported by searches."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Sequence
from typing import Any

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from opencasb.discovery.formats.base import ParseContext
from opencasb.discovery.formats.exported import export_of
from opencasb.discovery.parsing import parse_log
from tests.discovery.formats.reading import ms

SQUID = (
    '1763640000.642    161 10.0.0.1 TCP_MISS/200 1037 GET http://example.com/?a="b,c" ann HIER_DIRECT/203.0.113.9'
    ' text/html "http://ref.example/" "Agent/1.0 (x, y)"'
)
ASA = "%ASA-6-302014: Teardown TCP connection 1 for outside:203.0.113.9/443 to in:10.0.0.1/50001 duration 0:0:1 bytes 9"
RECEIVED = ms("2026-01-01T00:00:00+00:00")


def export(*rows: Sequence[str], delimiter: str = ",") -> bytes:
    """Return rows as CSV."""
    text = io.StringIO()
    csv.writer(text, delimiter=delimiter).writerows(rows)
    return text.getvalue().encode()


def parsed(log: bytes, source: str | None = None) -> tuple[str, list[dict[str, Any]]]:
    """Return the detected source type of a log, and its transactions."""
    found = parse_log(io.BytesIO(log), source, ParseContext(RECEIVED, "UTC"))
    rows = [row for frame in found.frames() for row in frame.to_dicts()]
    assert (found.counts.used, found.counts.rejected.total()) == (len(rows), 0)
    assert found.counts.ignored == {"header row": 1}
    return found.source, rows


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_raw_events(delimiter: str) -> None:
    """Commas and quotes in a line are kept; additional columns and fields make no difference."""
    head = ("_raw", "_time", "host", "sourcetype", "dest_ip", "url")
    row = (SQUID, "2025-11-20T12:00:05.000+0000", "px", "squid", "203.0.113.7", "http://other.example/")
    source, (one, two) = parsed(export(head, row, row, delimiter=delimiter))
    assert (source, one["line"], two["line"]) == ("SQUID_NATIVE_SYSLOG", 2, 3)
    assert one["timestamp"] == ms("2025-11-20T12:00:00+00:00") + 642
    assert (one["source_ip"], one["user"], one["destination_ip"]) == ("10.0.0.1", "ann", "203.0.113.9")
    assert one["url"] == 'http://example.com/?a="b,c"'


@pytest.mark.parametrize(
    ("head", "row"),
    [
        (("TimeGenerated [UTC]", "Computer", "SyslogMessage"), ("2025-11-20T12:00:00.000Z", "fw", ASA)),
        (("TimeGenerated", "RawData", "Type"), ("2025-11-20 12:00:00 UTC", ASA, "Fw_CL")),
        (("@timestamp", "message"), ("2025-11-20T13:00:00+01:00", ASA)),
        (("_time", "_raw"), ("2025-11-20T12:00:00.000+0000", f"{ASA}\n")),
        (("timestamp", "source", "message"), ("2025-11-20T12:00:00.000Z", "fw", ASA)),
        (("Computer", "TimeGenerated [UTC]", "SyslogMessage"), ("fw", "11/20/2025, 12:00:00.000 PM", ASA)),
        (("_time", "_raw"), ("1763640000.000", ASA)),
        (("host", "@timestamp", "message"), ("fw", "Nov 20, 2025 @ 12:00:00.000", ASA)),
        (("@timestamp", "@message"), ("2025-11-20 12:00:00.000", ASA)),
        (("_messagetime", "_raw"), ("1763640000000", ASA)),
    ],
)
@pytest.mark.parametrize("named", [None, "CISCO_ASA"])
def test_time_of_the_row(head: tuple[str, ...], row: tuple[str, ...], named: str | None) -> None:
    """A line without a time gets that of its row."""
    log = export(head, row).replace(b'9\n"', b'9"')
    source, (found,) = parsed(log, named)
    assert source == (named or "CISCO_ASA_SYSLOG")
    assert (found["timestamp"], found["total_bytes"]) == (ms("2025-11-20T12:00:00+00:00"), 9)


@pytest.mark.parametrize("end", ["", ",", "\r"])
@pytest.mark.parametrize("mark", ['""', '\\"'])
def test_lines_in_quotes(mark: str, end: str) -> None:
    """Each line may be quoted as a whole, with its own quotes doubled or escaped by a backslash."""
    lines = "".join(f'"{line}"{end}\n' for line in [SQUID.replace('"', mark)] * 2)
    found = parse_log(io.BytesIO(lines.encode()), None, ParseContext(RECEIVED, "UTC"))
    one, two = [row for frame in found.frames() for row in frame.to_dicts()]
    assert (found.source, one["user"], two["line"], one["url"]) == ("SQUID_NATIVE", "ann", 2, two["url"])
    assert one["url"] == 'http://example.com/?a="b,c"'


@pytest.mark.parametrize(
    "rows",
    [
        [("time", "Source IP", "Destination IP", "message"), ("2025-11-20", "10.0.0.1", "203.0.113.9", "a=b")],
        [("time", "message"), ("2025-11-20", "a page for people")],
        [("_raw",)],
        [("a", "b"), ("1", "2")],
        [],
    ],
)
def test_other_logs_stay(rows: list[tuple[str, ...]]) -> None:
    """Records that name a target themselves, sentences, and tables without such a column are not exports."""
    texts = export(*rows).decode().splitlines()
    assert (
        export_of(pl.DataFrame({"line": range(len(texts)), "text": texts}, schema_overrides={"text": pl.String}))
        is None
    )


@given(st.lists(st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=60), min_size=2, max_size=5))
def test_anything_is_read(texts: list[str]) -> None:
    """No line is lost, and none raises an error."""
    batch = pl.DataFrame({"line": range(len(texts) + 2), "text": ["_time,_raw", "1,a=b", *texts]})
    found = export_of(batch)
    assert found is not None
    taken = found.lines(batch)
    heads = 1 + texts.count("_time,_raw")
    assert (taken.height, taken["text"][0], found.headers) == (batch.height - heads, "a=b", heads)
    assert taken["text"].null_count() == 0


TABLE = {
    "TimeGenerated [UTC]": "11/20/2025, 12:00:00.000 PM", "DeviceVendor": "Acme", "DeviceProduct": "Gate",
    "DeviceVersion": "2.1", "DeviceEventClassID": "web", "Activity": "Request | proxied", "LogSeverity": "3",
    "DeviceAction": "Allowed", "DestinationPort": "443", "DestinationIP": "203.0.113.9", "SourceIP": "10.0.0.1",
    "SourceUserName": "CORP\\anna", "ReceivedBytes": "550", "SentBytes": "307", "DestinationDnsDomain": "",
    "RequestURL": "https://files.example.com/a?b\\=1&c=2", "DestinationHostName": "files.example.com",
    "AdditionalExtensions": "reason=Allowed;cat=Web mail;outcome=200", "Type": "CommonSecurityLog",
}  # fmt: skip
"""A row of Azure's CEF table, as exported by the portal."""


def test_rows_of_the_table_of_cef() -> None:
    """The line is reassembled from its parts, in CSV and in JSON, and parsed by its vendor's rules."""
    source, (found,) = parsed(export(tuple(TABLE), tuple(TABLE.values())))
    assert source == "GENERIC_CEF_SYSLOG"
    assert found["timestamp"] == ms("2025-11-20T12:00:00+00:00")
    assert (found["user"], found["source_ip"], found["destination_ip"]) == ("CORP\\anna", "10.0.0.1", "203.0.113.9")
    assert (found["url"], found["destination_host"]) == ("https://files.example.com/a?b=1&c=2", "files.example.com")
    assert (found["uploaded_bytes"], found["downloaded_bytes"], found["action"]) == (307, 550, "allow")
    row = {**TABLE, "DestinationHostName": "files", "DestinationDnsDomain": "example.com", "SentBytes": 307}
    for content in (json.dumps([row]), json.dumps(row)):
        log = parse_log(io.BytesIO(content.encode()), None, ParseContext(RECEIVED))
        assert [dict(each, line=2) for frame in log.frames() for each in frame.to_dicts()] == [found]
    zscaler = {**TABLE, "DeviceVendor": "Zscaler", "DeviceProduct": "NSSWeblog", "DeviceAction": "Blocked"}
    source, (found,) = parsed(export(tuple(zscaler), tuple(zscaler.values())))
    assert (source, found["action"], found["uploaded_bytes"]) == ("ZSCALER_CEF_SYSLOG", "block", 307)
    fortinet = {
        **TABLE, "DeviceVendor": "Fortinet", "DeviceProduct": "Fortigate", "DeviceEventClassID": "0000000013",
        "Activity": "traffic:forward close", "DeviceAction": "close", "RequestURL": "",
        "AdditionalExtensions": "FortinetFortiGatelogid=13;cat=traffic:forward;FortinetFortiGatesubtype=forward",
    }  # fmt: skip
    source, (found,) = parsed(export(tuple(fortinet), tuple(fortinet.values())))
    assert (source, found["action"], found["total_bytes"]) == ("GENERIC_CEF_SYSLOG", "allow", 857)
