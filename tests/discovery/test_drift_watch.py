"""A change of a source's lines is reported once, without revealing hidden users."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from opencasb.app import Casb
from opencasb.discovery.drift_watch import TASK, looks_like, masked
from opencasb.model.stream import Stream
from tests.conftest import NOW
from tests.discovery.queue import enqueue, lease, source_of


def squid(first: int, count: int, user: str = "ana") -> bytes:
    """Return Squid lines."""
    return "".join(
        f"{NOW // 1000 - 60}.{n % 1000:03d} 5 10.0.0.1 TCP_MISS/200 {n} GET http://www.dropbox.com/{n} {user}"
        " HIER_DIRECT/162.125.1.1 -\n"
        for n in range(first, first + count)
    ).encode()


def take(casb: Casb, stream: Stream, content: bytes, times: int = 1) -> None:
    """Process a file through the queue; its last step may be repeated, as after a kill."""
    enqueue(casb, content, stream)
    upload = lease(casb)
    for _ in range(times):
        casb.processing.run(upload)
        folder = casb.intake.folder(upload)
        folder.mkdir(exist_ok=True)
        (folder / "blob").write_bytes(content)  # the file name of earlier versions


def tasks(casb: Casb, stream: Stream) -> list[dict[str, Any]]:
    """Return the change tasks in the governance log."""
    found, _ = casb.governance_log.page(stream.tenant_id)
    return [task for task in found if task["taskName"] == TASK]


def test_a_change_is_told_once_and_can_be_resolved(casb: Casb) -> None:
    """In a warning and the governance log, with lines from before and after; repeating the last step has no effect."""
    stream = source_of(casb)
    take(casb, stream, squid(0, 1500))
    assert casb.source_shapes.warnings(stream.tenant_id) == []
    take(casb, stream, squid(2000, 1500, user="-"), times=2)
    take(casb, stream, squid(4000, 1500, user="-"))
    (warning,) = casb.source_shapes.warnings(stream.tenant_id, stream.stream_id)
    assert (warning.kind, warning.raised, warning.resolved) == ("empty field", NOW, None)
    assert "user is empty, before 100% of lines had it" in warning.text
    assert all(" ana " in line for line in warning.before)
    assert all(" - HIER" in line for line in warning.after)
    (task,) = tasks(casb, stream)
    assert task["status"]["templateMessage"]["parameters"]["warningId"] == warning.warning_id
    assert casb.source_shapes.resolve(stream.tenant_id, warning.warning_id, "ana")
    assert not casb.source_shapes.resolve(stream.tenant_id, warning.warning_id, "bob")
    assert not casb.source_shapes.resolve(stream.tenant_id + 1, warning.warning_id, "bob")
    assert casb.source_shapes.warnings(stream.tenant_id) == []
    (resolved,) = casb.source_shapes.warnings(stream.tenant_id, resolved=True)
    assert (resolved.resolved, resolved.resolved_by) == (NOW, "ana")


def test_a_change_is_an_alert_of_discovery(casb: Casb) -> None:
    """It names the source and the warning's id, without lines; repeating the last step creates no other."""
    stream = source_of(casb)
    take(casb, stream, squid(0, 1500))
    take(casb, stream, squid(2000, 1500, user="-"), times=2)
    (warning,) = casb.source_shapes.warnings(stream.tenant_id)
    (row,) = casb.alerts.page(stream.tenant_id, order="timestamp", ascending=True)
    alert = msgspec.json.decode(row.document)
    text = "user is empty, before 100% of lines had it"
    assert alert.pop("contextId")
    assert alert == {
        "_id": warning.warning_id,
        "timestamp": NOW,
        "title": "Log lines of a data source have changed",
        "description": f"The log lines of the data source have changed: {text}.",
        "isMarkdown": False,
        "entities": [{"type": "discovery_stream", "id": stream.stream_id, "label": "edge"}],
        "severityValue": 1,
        "statusValue": 0,
        "resolutionStatusValue": 0,
        "stories": [4],
        "intent": [],
        "evidence": [
            {
                "title": {
                    "template": "DISCOVERY_SOURCE_CHANGED",
                    "parameters": {"kind": "empty field", "message": text, "warningId": warning.warning_id},
                }
            }
        ],
        "isPreview": False,
        "isSystemAlert": True,
        "threatScoreReasoning": [],
        "comment": "",
        "handledByUser": None,
        "resolveTime": None,
    }


def test_small_segments_are_looked_at_together(casb: Casb) -> None:
    """A source that delivers a few lines at a time is learned as well."""
    stream = source_of(casb)
    for turn in range(12):
        take(casb, stream, squid(turn * 1000, 100))
    for turn in range(12, 24):
        take(casb, stream, squid(turn * 1000, 100, user="-"))
    assert [each.kind for each in casb.source_shapes.warnings(stream.tenant_id)] == ["empty field"]


@pytest.mark.parametrize("hidden", ["anonymize_users", "anonymize_machines"])
def test_a_source_that_hides_users_shows_no_line(casb: Casb, hidden: str) -> None:
    """Neither its stored shape, nor warnings, nor samples of rejected lines contain names."""
    stream = source_of(casb, **{hidden: True})
    take(casb, stream, squid(0, 1500))
    take(casb, stream, squid(2000, 500) + b"nonsense of ana 10.0.0.1\n" * 400)
    take(casb, stream, squid(2000, 500) + b"nonsense of ana 10.0.0.1\n" * 400)
    (warning,) = casb.source_shapes.warnings(stream.tenant_id)
    assert warning.kind == "rejected lines"
    assert warning.after[0] == "xxxxxxxx xx xxx 00.0.0.0"
    with casb.database.read() as connection:
        for table in ("source_shapes", "source_warnings", "governance_tasks", "uploads"):
            rows = connection.exec_driver_sql(f"select * from {table}").all()
            assert rows, table
            assert "ana" not in str(rows).replace(" an ", "")


def test_a_line_is_masked_to_its_shape() -> None:
    """Letters of any script and digits are masked, separators stay."""
    assert masked("user=Анна_1, 10.0.0.7|Ω") == "xxxx=xxxx_0, 00.0.0.0|x"


def test_lines_are_recognised() -> None:
    """By the name of their source type, or none."""
    assert looks_like(squid(0, 5).decode().splitlines()) == "SQUID_NATIVE"
    assert looks_like(["nothing that is known"]) == ""
    assert looks_like([]) == ""
