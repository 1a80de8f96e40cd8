"""The table of log formats in docs/: their description, the fields in their fixtures, and how samples are read."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from pathlib import Path

import polars as pl

from bench.families import FAMILIES
from opencasb.discovery.compression import LogError
from opencasb.discovery.formats.about import About, about_formats
from opencasb.discovery.formats.base import ParseContext
from opencasb.discovery.parsing import LineParser, parse_log
from opencasb.discovery.recognise import format_of
from tests.discovery.formats.vendor_lines import LINES, MORE_LINES

ROOT = Path(__file__).parents[1]
PAGE = ROOT / "docs/log-formats.md"
SAMPLES = ROOT / "docs/log-samples.json"
LOGS = ROOT.parent / "shared/samples/logs"
CONTEXT = ParseContext(1_763_640_000_000)
ATTRIBUTES = {
    "user": "user",
    "source_device": "device",
    "destination_host": "host",
    "destination_ip": "address",
    "uploaded_bytes": "up",
    "downloaded_bytes": "down",
    "total_bytes": "total",
}


def table() -> str:
    """Return the table as Markdown."""
    samples = json.loads(SAMPLES.read_text("utf-8"))
    head = "| Source type | Structure | What counts | Tells | Evidence | Samples | Detected |"
    return "\n".join([head, "|---|---|---|---|---|---|---|", *(row(each, samples) for each in about_formats())]) + "\n"


def row(each: About, samples: dict[str, list[int]]) -> str:
    """Return the row of some source types; a bar would end the cell."""
    found = [samples[source] for source in each.sources if source in samples]
    lines, read = (sum(each[at] for each in found) for at in (0, 1))
    share = f"{read} of {lines}" if lines else "none"
    names = ", ".join(f"`{source}`" for source in each.sources)
    cells = (names, each.structure, each.counts, tells(each), each.evidence, share, each.recognised)
    return f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in cells)} |"


def tells(each: About) -> str:
    """Return the fields that occur in the fixtures of the source types."""
    known: set[str] = set()
    for source, lines in fixtures(each.sources):
        parser = LineParser(format_of(source), CONTEXT)
        rows = pl.concat([parser.feed(lines), parser.finish()])
        used = rows.filter(pl.col("ignored").is_null() & pl.col("rejected").is_null())
        known |= {name for column, name in ATTRIBUTES.items() if used[column].null_count() < used.height}
        known |= {"block"} if (used["action"] == "block").any() else set()
    return ", ".join(name for name in (*ATTRIBUTES.values(), "block") if name in known)


def fixtures(sources: Iterable[str]) -> Iterator[tuple[str, list[str]]]:
    """Yield the logs of tests and benchmarks that belong to one of the source types."""
    wanted = set(sources)
    logs = [
        *LINES.items(),
        *MORE_LINES,
        *((family.source, own_lines(list(family.lines(100)))) for family in FAMILIES.values()),
    ]
    yield from ((source, lines) for source, lines in logs if source in wanted)
    if "GENERIC_W3C" in wanted or "BARRACUDA" in wanted:
        yield "GENERIC_W3C", own_lines(list(FAMILIES["blue coat"].lines(100)))


def own_lines(pieces: list[str]) -> list[str]:
    """Return the lines of pieces of a log."""
    return "".join(pieces).splitlines()


def count_samples() -> None:
    """Write the numbers of lines and of accepted lines in the shared samples, which must be present."""
    counts: dict[str, list[int]] = {}
    for folder in sorted(path for path in LOGS.iterdir() if path.is_dir()):
        for file in sorted(path for path in folder.iterdir() if path.suffix not in {".jsonl", ".md"}):
            try:
                log = parse_log(file, folder.name, CONTEXT)
                list(log.frames())
            except LogError:
                continue
            so_far = counts.setdefault(folder.name, [0, 0])
            so_far[0] += log.counts.read
            so_far[1] += log.counts.read - log.counts.rejected.total()
    SAMPLES.write_text(json.dumps(counts, indent=0) + "\n", "utf-8")
