"""Every format, on real samples with values derived manually."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from opencasb.discovery.formats.base import ParseContext
from opencasb.discovery.parsing import parse_log
from opencasb.discovery.recognise import source_names

LOGS = Path(__file__).parents[4] / "shared" / "samples" / "logs"

NOT_CHECKED = {"file", "line", "assume", "ignored"}


def expectations() -> list[Any]:  # pytest parameters
    """Return a case for each verified line of each source type with a parser."""
    cases = []
    for source in source_names():
        path = LOGS / source / "expected.jsonl"
        for text in path.read_text(encoding="utf-8").splitlines() if path.is_file() else []:
            expected = json.loads(text)
            cases.append(pytest.param(source, expected, id=f"{source}-{expected['file']}-{expected['line']}"))
    return cases or [pytest.param("", {}, marks=pytest.mark.skip(reason="the shared samples are not on this machine"))]


@cache
def parsed(path: Path, source: str, year: int, timezone: str) -> dict[int, dict[str, Any]]:
    """Return the rows of a sample by their line numbers."""
    received = int(datetime(year, 12, 31, tzinfo=UTC).timestamp() * 1000)
    log = parse_log(path, source, ParseContext(received, timezone))
    return {row["line"]: row for frame in log.frames() for row in frame.to_dicts()}


@pytest.mark.parametrize(("source", "expected"), expectations())
def test_sample(source: str, expected: dict[str, Any]) -> None:
    """A verified line has the expected values, or is not a transaction if so expected."""
    assume = expected.get("assume", {})
    found = parsed(LOGS / source / expected["file"], source, assume.get("year", 2025), assume.get("tz", "UTC"))
    row = found[expected["line"]]
    if expected.get("ignored"):
        assert row["ignored"] is not None
        return
    assert (row["ignored"], row["rejected"]) == (None, None)
    if row["timestamp"] is not None:
        row = {**row, "timestamp": datetime.fromtimestamp(row["timestamp"] // 1000, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")}
    wanted = {name: value for name, value in expected.items() if name not in NOT_CHECKED}
    assert {name: row[name] for name in wanted} == wanted
