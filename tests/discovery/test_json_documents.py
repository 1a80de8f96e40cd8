"""Records are extracted from JSON documents, one per line."""

from __future__ import annotations

import gzip
import io
import json
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from opencasb.discovery.formats.base import ParseContext
from opencasb.discovery.json_documents import LARGEST_RECORD, as_lines
from opencasb.discovery.parsing import parse_log
from tests.discovery.formats.reading import ms

SQUID = '1763640000.642    161 10.0.0.{} TCP_MISS/200 1037 GET http://example.com/?a="b ann HIER_DIRECT/203.0.113.9 x/y'
LINES = [SQUID.format(number) for number in range(1, 6)]
TIME = "2025-11-20T12:00:01.000Z"
EVENTS = [{"id": "7", "timestamp": 1763640001000, "message": line} for line in LINES]
HITS = [{"_index": "web", "_source": {"@timestamp": TIME, "message": line}} for line in LINES]
ANSWERS: list[Any] = [
    LINES,
    [{"_raw": line} for line in LINES],
    {"messageType": "DATA_MESSAGE", "owner": "1", "subscriptionFilters": ["all"], "logEvents": EVENTS},
    {"events": [{"logStreamName": "px", **event} for event in EVENTS], "nextToken": "x"},
    {"took": 3, "hits": {"total": {"value": 5}, "hits": HITS}},
    {"preview": False, "results": [{"_raw": line, "_time": TIME} for line in LINES], "highlighted": {}},
    {"streams": [{"stream": {"job": "px"}, "values": [["1763640001000000000", line] for line in LINES]}]},
    {"results": [[{"field": "@timestamp", "value": TIME}, {"field": "@message", "value": line}] for line in LINES]},
    {"records": [{"time": TIME, "resourceId": "px", "properties": {"msg": line}} for line in LINES]},
    [{"insertId": "1", "timestamp": TIME, "textPayload": line} for line in LINES],
    [{"TenantId": "1", "TimeGenerated": TIME, "HostName": "px", "SyslogMessage": line} for line in LINES],
]


def texts(content: bytes, piece: int = 1 << 20) -> list[str]:
    """Return the lines of a file that is read in pieces."""
    pieces: Iterator[bytes] = (content[at : at + piece] for at in range(0, len(content), piece))
    return b"".join(as_lines(pieces)).decode("utf-8", "surrogateescape").splitlines()


@pytest.mark.parametrize("indent", [None, 2, "\t"])
@pytest.mark.parametrize("answer", ANSWERS)
def test_answers_of_consoles(answer: Any, indent: int | str | None) -> None:
    """Each record is a line, whatever the formatting; several responses may follow each other."""
    one = json.dumps(answer, indent=indent).encode()
    for content, count in ((one, 5), (one + b"\n" + one, 10), (one + one, 10), (gzip.compress(one), 5)):
        log = parse_log(io.BytesIO(content), None, ParseContext(ms("2026-01-01T00:00:00+00:00")))
        rows = [row for frame in log.frames() for row in frame.to_dicts()]
        assert (log.counts.read, log.counts.used, log.counts.rejected.total()) == (count, count, 0)
        assert [row["source_ip"] for row in rows[:5]] == [f"10.0.0.{number}" for number in range(1, 6)]
        assert {(row["user"], row["timestamp"]) for row in rows} == {("ann", ms("2025-11-20T12:00:00+00:00") + 642)}


def test_objects_of_several_lines() -> None:
    """An object written over several lines is one record; several on one line are several records."""
    records = [{"a": 1, "b": ["x\ny"]}, {"c": {"d": None}}]
    for content in ("\n".join(json.dumps(record, indent=2) for record in records), json.dumps(records)):
        assert [json.loads(text) for text in texts(content.encode())] == records
    assert texts(b'[\n{"a":1},\n{"b":2}\n]\n') == texts(b'[{"a":1},\n{"b":2}]\n') == ['{"a":1}', '{"b":2}']
    assert texts(b'[{"a":1}]') == ['{"a":1}']
    assert texts(b'[\n  "one",\n  "two\\nthree"\n]\n') == ["one", "two three"]


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"[\n",
        b"{}\n",
        b'{"a":1}\n{"b":[{"c":2}]}\n',
        b'{"url":"x","events":[{"a":1},{"b":2}]}\n',
        b'[14/Oct/2018:23:59:42 -0300] "joe" 10.1.1.1 200\n',
        b'[action:"Accept"; origin:"x"]\n[action:"Accept"]\n',
        b'{"a":1}\trest\n',
        b'{"a": no\n{"b": json\n',
        b"\xef\xbb\xbf[\xff",
    ],
)
def test_what_is_no_document(content: bytes) -> None:
    """A log with an object per line, and text that only begins like JSON, is returned unchanged."""
    assert b"".join(as_lines(iter([content]))) == content


def test_what_stands_behind() -> None:
    """What follows a document, such as the next file in an archive, is read as lines again."""
    content = b'[{"a":1},{"b":2}]\n10.0.0.1 plain\n{"c":3}\n'
    assert texts(content) == ['{"a":1}', '{"b":2}', "10.0.0.1 plain", '{"c":3}']
    assert texts(b'[{"a":1},{"b":\xe9\n') == ['{"a":1}', '{"b":\udce9']


@pytest.mark.parametrize("name", ["results", "logEvents"])
def test_a_large_answer(name: str) -> None:
    """The array in a response larger than any record is read element by element."""
    records = [{"message": "x" * 1000, "number": number} for number in range(LARGEST_RECORD // 400)]
    found = texts(json.dumps({"kind": ["a"], name: records, "next": [{"a": 1}]}).encode(), 100_000)
    assert [json.loads(text) for text in found] == records


def test_hostile_documents() -> None:
    """Depth, endless strings and endless numbers give lines, never an exception."""
    assert texts(b"[" * 100_000) == []
    for content in (b'{"a":' * 100_000, b'{"a":' + b"1" * 10_000 + b"}", b'{"a":"' + b"x" * 3_000_000):
        assert b"".join(as_lines(iter([content]))) == content


@given(st.binary(max_size=80), st.integers(1, 20))
@example(b'[{"a":"\\ud800"},{}]', 3)
@example(b'{"hits":{"hits":[{"_source":{}}]}}', 1)
def test_any_bytes_are_read_without_an_exception(content: bytes, piece: int) -> None:
    texts(content, piece)
    texts(b'[{"a": 1},' + content, piece)
