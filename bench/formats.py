"""Parsing speed of each vendor family, compared with a bare Polars script of the same parse, run back to back.

Both read the file in batches of the same size and produce typed columns; the product also validates, counts what it
leaves out, and handles variants.
"""

from __future__ import annotations

import statistics
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from bench.bare import batches
from bench.families import FAMILIES, Family

LINES: Final = 500_000
QUICK: Final = 50_000
GOAL: Final = 0.4
"""Minimum speed of each family, as a fraction of the bare script's."""

PAIRS: Final = ("cef", "leef", "fortinet", "sonicwall", "stormshield", "wandera", "sophos xg", "check point")
WRITTEN: Final = 1_763_640_000_000
"""Time of writing, for logs without a year: 2025-11-20."""

COMPARED: Final = 2_000
"""Lines for which both must give the same result."""

SAME: Final = {
    "ip": "source_ip", "user": "user", "host": "destination_host", "server": "destination_ip", "up": "uploaded_bytes",
    "down": "downloaded_bytes", "total": "total_bytes",
}  # fmt: skip
"""Column of the bare script → column of the product."""

PAIRS_GOAL: Final = 200_000
"""Minimum lines per second of CEF, LEEF and ``key=value``."""


@dataclass(frozen=True, slots=True)
class Row:
    """The results of one family: seconds and CPU seconds of both parsers, for so many lines and bytes."""

    name: str
    lines: int
    size: int
    ours: float
    bare: float
    ours_cpu: float
    bare_cpu: float

    @property
    def ratio(self) -> float:
        """The product's speed as a fraction of the bare script's."""
        return self.bare / self.ours


def parse(family: Family, path: Path) -> int:
    """Parse a file with the product; returns the number of transactions."""
    from opencasb.discovery.formats.base import ParseContext
    from opencasb.discovery.parsing import parse_log

    parsed = parse_log(path, family.source, ParseContext(received_at=int(time.time() * 1000), want_url=False))
    for _ in parsed.frames():
        pass
    assert not parsed.counts.rejected, (family.source, parsed.counts.samples)
    return parsed.counts.used


def parse_bare(family: Family, path: Path) -> int:
    """Parse a file with the bare script."""
    return sum(family.bare(lines).height for lines in batches(str(path)))


def agree(family: Family) -> None:
    """Assert that the bare script and the product agree on the lines, so that both do the same work."""
    import polars as pl

    from opencasb.discovery.formats.base import ParseContext
    from opencasb.discovery.parsing import LineParser
    from opencasb.discovery.recognise import format_of

    lines = [line for text in family.lines(COMPARED) for line in text.splitlines() if line]
    parser = LineParser(format_of(family.source), ParseContext(received_at=WRITTEN, want_url=False))
    rows = pl.concat([parser.feed(lines), parser.finish()]).sort("line")
    rows = rows.filter(pl.col("ignored").is_null() & pl.col("rejected").is_null())
    bare = family.bare(pl.DataFrame({"line": lines})).tail(COMPARED)
    judged = [(pl.col("timestamp") // 1000).alias("time"), (pl.col("action") == "block").alias("blocked")]
    ours = rows.select(
        *judged, *(pl.col(theirs).alias(name) for name, theirs in SAME.items()), ignored=pl.lit(value=False)
    )
    differing = [name for name in bare.columns if not ours[name].equals(bare[name])]
    lacking = [name for name in SAME if name not in bare.columns and ours[name].null_count() < ours.height]
    assert not differing + lacking, f"{family.source}: {differing} differ, {lacking} are not read"


def run(work: Path, lines: int, runs: int, only: tuple[str, ...] = ()) -> str:
    """Measure every family and return a Markdown table, slowest first."""
    rows = [_measured(name, FAMILIES[name], work, lines, runs) for name in only or FAMILIES]
    rows.sort(key=lambda row: row.ratio)
    slow = [row.name for row in rows if row.ratio < GOAL]
    slow_pairs = [row.name for row in rows if row.name in PAIRS and row.lines / row.ours < PAIRS_GOAL]
    text = [
        "| family | lines/s | MB/s | bare lines/s | of bare Polars | µs of a core, each line | bare |",
        "|---|---:|---:|---:|---:|---:|---:|",
    ]
    text += [
        f"| {row.name} | {row.lines / row.ours:,.0f} | {row.size / row.ours / 1e6:.0f} | {row.lines / row.bare:,.0f}"
        f" | {row.ratio:.2f} | {row.ours_cpu / row.lines * 1e6:.1f} | {row.bare_cpu / row.lines * 1e6:.1f} |"
        for row in rows
    ]
    goals = [
        f"Below {GOAL} of the bare script: {', '.join(slow) or 'none'}.",
        f"CEF, LEEF and key=value below {PAIRS_GOAL:,} lines/s: {', '.join(slow_pairs) or 'none'}.",
    ]
    return "\n".join([*text, "", *goals])


def _measured(name: str, family: Family, work: Path, lines: int, runs: int) -> Row:
    agree(family)
    path = work / f"family-{name.replace(' ', '-')}-{lines}.log"
    if not path.exists():
        work.mkdir(parents=True, exist_ok=True)
        with path.open("w") as file:
            file.writelines(family.lines(lines))
    assert parse(family, path) == lines, f"{name}: not every line is a transaction"
    ours, bare = _median(lambda: parse(family, path), runs), _median(lambda: parse_bare(family, path), runs)
    row = Row(name, lines, path.stat().st_size, ours[0], bare[0], ours[1], bare[1])
    sys.stderr.write(f"{name}: {lines / row.ours:,.0f} lines/s, {row.ratio:.2f} of bare Polars\n")
    return row


def _median(work: Callable[[], object], runs: int) -> tuple[float, float]:
    """Return the median seconds that ``work`` takes: wall time and CPU time of all cores."""
    seconds, cores = [], []
    work()
    for _ in range(runs):
        started, began = time.perf_counter(), time.process_time()
        work()
        seconds.append(time.perf_counter() - started)
        cores.append(time.process_time() - began)
    return statistics.median(seconds), statistics.median(cores)
