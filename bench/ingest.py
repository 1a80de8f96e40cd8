"""Parsing speed: from file to queryable lake, compared with packaged log analysers and the bare Polars script."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from bench import logs
from bench.measure import Command, Measured, in_turns

PYTHON = sys.executable
RUNNING = "OpenCASB, running"
GOACCESS = "%x.%^ %~%L %h %^/%s %b %m %U %^"


@dataclass(frozen=True, slots=True)
class Row:
    """One row of the result table."""

    kind: str
    lines: int
    who: str
    measured: Measured
    size: int

    @property
    def lines_per_second(self) -> float:
        """Log lines per second."""
        return self.lines / self.measured.seconds


def commands(kind: str, path: Path, work: Path, *, smallest: bool) -> Iterator[tuple[str, list[str]]]:
    """Yield each competitor and its command.

    The running server goes first: its start is not measured, and the next two then find their libraries in memory. A
    kernel that takes idle pages back had taken them while the peers ran.
    """
    product = [logs.SOURCES[kind], str(path), str(work / "data")]
    if smallest:
        yield RUNNING, [PYTHON, "-m", "bench.product", "again", *product]
    yield "OpenCASB", [PYTHON, "-m", "bench.product", "run", *product]
    yield "bare Polars", [PYTHON, "-m", "bench.bare", kind, str(path), str(work / "bare.parquet")]
    if kind == "squid" and smallest:
        yield from _peers(path, work)


def _peers(path: Path, work: Path) -> Iterator[tuple[str, list[str]]]:
    formats = [f"--log-format={GOACCESS}", "--datetime-format=%s", "--date-format=%s", "--time-format=%s"]
    if shutil.which("goaccess"):
        yield "GoAccess", ["goaccess", str(path), *formats, "--no-progress", "-o", str(work / "goaccess.json")]
    if shutil.which("calamaris"):
        yield "Calamaris", ["sh", "-c", f"calamaris -a -n < '{path}'"]
    if shutil.which("sarg"):
        out = work / "sarg"
        yield "SARG", ["sh", "-c", f"rm -rf '{out}'; mkdir '{out}'; sarg -l '{path}' -o '{out}' >/dev/null 2>&1"]


def run(work: Path, sizes: tuple[int, ...], runs: int) -> list[Row]:
    """Measure every kind and size; peers, and a running server, only at the smallest size."""
    rows = []
    subprocess.run([PYTHON, "-m", "bench.product", "prepare", str(work / "data")], check=True)
    for size in sizes:
        for kind in logs.KINDS:
            path = logs.obtain(kind, size, work)
            given = dict(commands(kind, path, work, smallest=size == sizes[0]))
            measured = in_turns(
                [
                    Command(words, 1 if who == "SARG" else runs, told=who == RUNNING)  # SARG takes minutes
                    for who, words in given.items()
                ]
            )
            for who, each in zip(given, measured, strict=True):
                rows.append(Row(kind, size, who, each, path.stat().st_size))
                sys.stderr.write(f"{kind} {size} {who}: {each.seconds:.2f} s {each.megabytes:.0f} MB\n")
    return rows


def table(rows: list[Row]) -> str:
    """Return the rows as Markdown, each with its ratio to the bare script."""
    bare = {(row.kind, row.lines): row.measured.seconds for row in rows if row.who == "bare Polars"}
    text = [
        "| log | lines | who | seconds | lines/s | MB/s | peak MB | of bare Polars |",
        "|---|---:|---|---:|---:|---:|---:|---:|",
    ]
    for row in rows:
        ratio = bare[row.kind, row.lines] / row.measured.seconds
        text.append(
            f"| {row.kind} | {row.lines:,} | {row.who} | {row.measured.seconds:.2f} | {row.lines_per_second:,.0f} |"
            f" {row.size / row.measured.seconds / 1e6:.0f} | {row.measured.megabytes:.0f} | {ratio:.2f} |"
        )
    return "\n".join(text)
