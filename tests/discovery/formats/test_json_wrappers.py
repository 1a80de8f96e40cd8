"""Lines are extracted from JSON objects that collectors wrap around them."""

from __future__ import annotations

import json
from typing import Any

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from opencasb.discovery.formats.json_wrappers import LOG_LINE, unwrap_json, written_time
from opencasb.discovery.recognise import format_of, recognise
from tests.discovery.formats.parsed import row, rows
from tests.discovery.formats.reading import ms
from tests.discovery.formats.vendor_lines import LINES, MORE_LINES

FORTIGATE = (
    'date=2025-11-20 time=10:11:12 tz="+0000" devname="fw" devid="FG" logid="0000000013" type="traffic" '
    'subtype="forward" srcip=10.0.0.1 dstip=203.0.113.9 action="close" user="anna" sentbyte=10 rcvdbyte=20'
)
ASA = "%ASA-6-302014: Teardown TCP connection 1 for outside:203.0.113.9/443 to in:10.0.0.1/50001 duration 0:0:1 bytes 9"
CEF = "CEF:0|Acme|Gate|1|1|connection|3|src=10.0.0.1 dst=203.0.113.9 out=10 suser=anna"
TIME = "2025-11-20T10:11:12+00:00"
SECONDS = 1763633472


@pytest.mark.parametrize(
    "written",
    [
        {"@timestamp": "2025-11-20T10:11:12.000Z", "message": ASA, "log": {"source": {"address": "10.0.0.9:514"}}},
        {"@timestamp": "2025-11-20T10:11:12Z", "event": {"original": ASA}, "message": "Teardown 10.0.0.1"},
        {"version": "1.1", "host": "fw", "short_message": ASA[:40], "full_message": ASA, "timestamp": SECONDS + 0.3},
        {"preview": False, "result": {"_raw": ASA, "_time": "2025-11-20T10:11:12.000+00:00"}},
        {"_index": "logs", "_source": {"@timestamp": "2025-11-20T10:11:12Z", "event": {"original": ASA}}},
        {"time": str(SECONDS), "host": "fw", "event": ASA},
        {"date": float(SECONDS), "log": ASA},
        {"timestamp": SECONDS * 1000, "message": f"{ASA}\n"},
        {"TimeGenerated": "2025-11-20T10:11:12Z", "Computer": "fw", "SyslogMessage": ASA},
        {"@timestamp": "2025-11-20T10:11:12Z", "url": {"domain": "example.com"}, "event": {"original": ASA}},
        {"@timestamp": "2025-11-20T10:11:12Z", "url.domain": "example.com", "event.original": ASA},
        {"TimeGenerated": "2025-11-20T10:11:12Z", "Type": "Fw_CL", "RawData": ASA},
        {"@timestamp": "2025-11-20T10:11:12Z", "source.ip": "10.0.0.1", "log.original": ASA},
        {"original_string": ASA, "ip_src_addr": "10.0.0.1", "timestamp": SECONDS * 1000},
        {"timestamp": "2025-11-20T10:11:12.000+0000", "rule": {"id": "4100"}, "full_log": ASA, "location": "10.0.0.9"},
        {"timestamp": "2025-11-20T10:11:12Z", "insertId": "1", "jsonPayload": {"message": ASA}},
        {"date": "2025-11-20T10:11:12.000Z", "fields": {"job": "fw"}, "line": ASA, "timestamp": "1763633472000000000"},
        {"timestamp": "2025-11-20T10:11:12Z", "severity_text": "", "body": ASA, "resources_string": {}},
        {"EventReceivedTime": "2025-11-20 10:11:12", "time": SECONDS, "Message": ASA, "SourceModuleName": "in"},
        {"time": "2025-11-20T10:11:12Z", "msg": ASA, "syslogtag": "fw:"},
        {"__REALTIME_TIMESTAMP": f"{SECONDS}000000", "_HOSTNAME": "relay", "SYSLOG_IDENTIFIER": "fw", "MESSAGE": ASA},
        {"__REALTIME_TIMESTAMP": f"{SECONDS}000000", "_HOSTNAME": "relay", "MESSAGE": list(f"{ASA}\x1b".encode())},
        {"timestamp": f"{SECONDS}123456789", "labels": {"job": "fw"}, "line": ASA},
        {"topic": "fw", "partition": 0, "offset": 1, "ts": SECONDS * 1000, "broker": 0, "key": None, "payload": ASA},
        {"topic": "fw", "partition": 0, "offset": 1, "timestamp": SECONDS * 1000, "key": None, "value": ASA},
        {"log": json.dumps({"@timestamp": "2025-11-20T10:11:12Z", "message": ASA}) + "\n", "stream": "stdout"},
        {"PRIORITY": "info", "HOST_FROM": "10.0.0.9", "HOST": "fw", "DATE": "Nov 20 10:11:12", "MESSAGE": ASA},
        {
            "message": f"<134>1 2025-11-20T10:11:12Z fw - - - - {ASA}",
            "host": "fw",
            "@timestamp": "2025-11-20T10:11:13Z",
        },
    ],
)
def test_line_and_time(written: dict[str, Any]) -> None:
    """The line is parsed as if received by syslog; without a time it gets that of the object."""
    line = json.dumps(written)
    assert recognise([line]).source == "CISCO_ASA_SYSLOG"
    found = row("CISCO_ASA", line)
    assert found["timestamp"] // 1000 == ms(TIME) // 1000
    assert (found["source_ip"], found["destination_ip"], found["total_bytes"]) == ("10.0.0.1", "203.0.113.9", 9)


@pytest.mark.parametrize("time", ["inf", "-inf", "nan", "1e400", "9" * 400, "1e25", "-1"])
def test_numbers_that_are_no_time(time: str) -> None:
    assert written_time(time) == ""
    assert row("CISCO_ASA", json.dumps({"time": time, "message": ASA})).get("timestamp") is None


def test_pairs_end_where_the_line_does() -> None:
    """Nothing of the object becomes part of a value."""
    written = json.dumps({"message": CEF, "tags": ["forwarded"]})
    assert row("GENERIC_CEF", written)["user"] == "anna"
    fluentd = "2025-11-20T10:11:13+00:00\tsyslog.local4\t" + json.dumps({"host": "fw", "message": FORTIGATE})
    assert recognise([fluentd]).source == "FORTIGATE_SYSLOG"
    found = row("FORTIGATE", fluentd)
    assert (found["user"], found["uploaded_bytes"], found["timestamp"]) == ("anna", 10, ms(TIME))


def test_events_of_a_journal() -> None:
    """``journalctl -o json-sse`` writes a field name before each object, and an empty line after it."""
    line = json.dumps({"__REALTIME_TIMESTAMP": f"{ms(TIME)}042", "MESSAGE": FORTIGATE})
    (found,) = rows("FORTIGATE", [f"data: {line}", ""])
    assert (found["user"], found["timestamp"]) == ("anna", ms(TIME))


@pytest.mark.parametrize(
    ("source", "lines"), [pair for pair in (*LINES.items(), *MORE_LINES) if pair[0] != "CHECKPOINT_XML"]
)
def test_every_vendor(source: str, lines: list[str]) -> None:
    """The wrapper changes only the time of lines without one; an XML export is not a stream."""
    collected = [json.dumps({"@timestamp": "2025-11-20T12:00:00.000Z", "message": line}) for line in lines]
    assert recognise(collected).source in format_of(source).sources
    timeless = [[{**found, "timestamp": None} for found in rows(source, some)] for some in (lines, collected)]
    assert timeless[0] == timeless[1]


@pytest.mark.parametrize(
    "written",
    [
        '{"src_ip": "10.0.0.1", "url": "http://example.com/", "message": "GET http://example.com/?a=b"}',
        '{"event": {"host": "example.com", "url": "example.com/?a=b"}}',
        '{"message": "the page was blocked"}',
        '{"message": 7, "log": null, "event": []}',
        '{"message": [61, 300, 61]}',
        '{"message": [61, -1]}',
        '{"message": "a=b"',
        '{"message": "\\ud800=b"}',
        f'{{"message": {"[" * 100_000}',
        "no object {x=1}",
    ],
)
def test_other_objects_stay(written: str) -> None:
    """Native JSON records, messages for people and damaged objects stay unchanged."""
    assert unwrap_json(pl.Series([written])).to_list() == [written]


@given(
    st.recursive(
        st.none() | st.floats() | st.text(),
        lambda inner: st.dictionaries(
            st.sampled_from(["message", "event", "original", "time", "timestamp", "dst"]), inner
        ),
    )
)
def test_anything_is_read(value: Any) -> None:
    """No object raises an error."""
    written = json.dumps({"message": "a=b", "time": value, "event": value})
    (found,) = unwrap_json(pl.Series([written])).to_list()
    assert found == written or LOG_LINE.search(found)
