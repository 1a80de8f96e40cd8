"""The lines of all vendors are distinguished, and damage only affects its own line."""

from __future__ import annotations

import io
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from opencasb.discovery.formats.base import ParseContext
from opencasb.discovery.parsing import parse_log
from opencasb.discovery.recognise import candidates, format_of, formats, recognise
from tests.discovery.formats.parsed import RECEIVED, rows
from tests.discovery.formats.vendor_lines import ALL, LINES

LOGS = Path(__file__).parents[4] / "shared" / "samples" / "logs"
SAMPLES = sorted(path for path in LOGS.glob("*/*.log")) if LOGS.is_dir() else []
HEADER = "<134>Nov 20 12:00:00 host "


@pytest.mark.parametrize(("source", "lines"), ALL)
def test_recognised(source: str, lines: list[str]) -> None:
    """Lines are detected, also after a syslog header and if they are few."""
    family = format_of(source).sources
    assert recognise(lines).source == source
    assert recognise([HEADER + line for line in lines]).source in family
    assert recognise(lines[:3]).source in family


@pytest.mark.parametrize("tag", ["AccessLog: ", "192.0.2.1: ", "Info: "])
@pytest.mark.parametrize("source", ["MCAFEE_SWG", "CISCO_SCAN_SAFE", "BARRACUDA_NEXT_GEN_FW_WEBLOG"])
def test_recognised_behind_a_tag(source: str, tag: str) -> None:
    """A tag that resembles the beginning of a message does not hide what follows it."""
    lines = [f"<134>Nov 20 12:00:00 {'' if tag[0] == '1' else 'host '}{tag}{line}" for line in LINES[source]]
    assert recognise(lines).source in format_of(source).sources
    assert not [row for row in rows(source, lines) if "rejected" in row]


@pytest.mark.parametrize(("source", "lines"), ALL)
def test_all_lines_are_read(source: str, lines: list[str]) -> None:
    """No line is rejected, at least one is a transaction, and a syslog header only changes the time."""
    found = rows(source, lines)
    assert not [row for row in found if "rejected" in row]
    assert [row for row in found if "ignored" not in row]
    wrapped = rows(source, [HEADER + line for line in lines])
    assert [row | {"timestamp": 0} for row in found] == [row | {"timestamp": 0} for row in wrapped]


@pytest.mark.parametrize(("source", "lines"), LINES.items())
def test_another_format_says_what_it_is(source: str, lines: list[str]) -> None:
    """A log with a wrong source type is parsed in its actual format, or gets a verdict that names it."""
    named = "FORTIGATE" if source != "FORTIGATE" else "SQUID_NATIVE"
    log = parse_log(io.BytesIO("\n".join(lines).encode()), named, ParseContext(RECEIVED))
    list(log.frames())
    assert f"this looks like {source}" in (log.mismatch() or log.remark or "")


@pytest.mark.parametrize(("source", "lines"), ALL)
@settings(max_examples=8, deadline=None, phases=[Phase.generate])  # shrinking helps little and takes minutes
@given(data=st.data())
def test_damage_stays_in_its_line(source: str, lines: list[str], data: st.DataObject) -> None:
    """Whatever happens to some bytes of a line, the other lines are unaffected."""
    records = [row["line"] for row in whole(source, tuple(lines)) if "ignored" not in row]
    which = data.draw(st.sampled_from(records[1:] or records)) - 1  # the first may be below a header row
    raw = bytearray(lines[which].encode())
    for _ in range(data.draw(st.integers(1, 2))):
        raw[data.draw(st.integers(0, len(raw) - 1))] = data.draw(st.integers(0, 255).filter(lambda byte: byte != 10))
    damaged = raw.decode("utf-8", "replace").replace("\r", " ")
    found = rows(source, [*lines[:which], damaged, *lines[which + 1 :]])
    assert without(found, which + 1) == without(whole(source, tuple(lines)), which + 1)


@cache
def whole(source: str, lines: tuple[str, ...]) -> list[dict[str, Any]]:
    """Return the rows of undamaged lines."""
    return rows(source, lines)


def without(found: list[dict[str, Any]], line: int) -> list[dict[str, Any]]:
    """Return the rows of the other lines."""
    return [row for row in found if row["line"] != line]


@pytest.mark.skipif(not SAMPLES, reason="the shared samples are not on this machine")
def test_no_sample_is_taken_for_another() -> None:
    """For every sample of a parsed source type the right format is detected, even from its first 20 lines."""
    known = {source for known in formats() for source in known.sources}
    wrong = []
    for path in SAMPLES:
        lines = path.read_text(encoding="utf-8", errors="replace").splitlines()
        for sample in (lines, lines[:20]):
            best = next(iter(candidates(sample)), None)
            right = path.parent.name in (best.format.sources if best else ())
            if path.parent.name in known and not right and path.name not in ODD:
                wrong.append((path.name, best and (best.source, best.reason)))
    assert wrong == []


ODD = {
    "sekoia_common_a.log",
}
"""Samples that match no signature: one line each, in a layout made up by an administrator."""
