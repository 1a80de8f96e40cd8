"""Finds the installed formats and recognises which one a log is written in (log-formats §3)."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from functools import cache, partial
from importlib.metadata import EntryPoints, distribution, entry_points
from typing import TYPE_CHECKING, Final

import msgspec

from opencasb.discovery.compression import LogError
from opencasb.discovery.formats.base import Format, ParseContext
from opencasb.model.source_types import LOG_TYPES, UNREAD

if TYPE_CHECKING:
    import polars as pl

GROUP: Final = "opencasb.formats"

SAMPLE_LINES: Final = 200
"""Non-empty lines that are examined."""

LEAST_CONFIDENCE: Final = 0.25
"""Share of lines that must match a signature; a collector's file may hold lines of several devices."""

MIXED: Final = 0.75
"""Share of lines that several vendors' signatures must match together where none matches enough: a collector's file."""

GENERIC_RANK: Final = 50
"""Formats of this rank or above are generic."""

_LOOKED_AT: Final = 4000
"""Characters of a line that are examined."""

_TAG: Final = re.compile(r"^(?:[\w./-]{1,48}: ){1,2}")
"""What may be a tag, optionally followed by a level, or an address with a colon. Many messages begin like that, so it
is only stripped if nothing is recognised with it."""


class UnknownSource(LogError):
    """The source type does not exist, or is not one that we parse."""


class UnrecognisedLog(LogError):
    """No installed format fits the log."""


class Recognition(msgspec.Struct, frozen=True):
    """A possible format: the source type to name, the share of lines (0 to 1) that match, and why."""

    format: Format
    source: str
    confidence: float
    reason: str


@cache
def formats() -> tuple[Format, ...]:
    """Return every installed format, ordered by rank."""
    return _loaded(_installed())


@cache
def _installed() -> EntryPoints:
    return entry_points(group=GROUP)


def _own() -> EntryPoints:
    return distribution("opencasb").entry_points.select(group=GROUP)


def _named(installed: Callable[[], EntryPoints], name: str) -> tuple[Format, ...]:
    return _loaded(installed().select(name=name))


def _loaded(entries: EntryPoints) -> tuple[Format, ...]:
    found = dict.fromkeys(known for entry in entries for known in entry.load())  # a file has an entry per source type
    return tuple(sorted(found, key=lambda known: known.rank))


def source_names() -> tuple[str, ...]:
    """Return the source types that can be parsed, sorted."""
    return tuple(sorted({source for known in formats() for source in known.sources}))


def format_of(source: str) -> Format:
    """Return the format of a source type (any case). Raises :class:`UnknownSource`, naming the allowed ones.

    Loads only the file that is registered for the source type, if there is one: loading all of them takes 50 ms, and
    looking for those of other packages up to 10 ms.
    """
    name = source.strip().upper()
    for load in (partial(_named, _own, name), partial(_named, _installed, name), formats):
        for known in load():
            if name in known.sources:
                return known
    what = "is not parsed by any installed format" if name in LOG_TYPES | UNREAD else "is not a source type"
    raise UnknownSource(f"source: {source!r} {what}; allowed: {', '.join(source_names())}")


def candidates(lines: Sequence[str]) -> list[Recognition]:
    """Return the formats that match any of ``lines`` (as logged, with wrappers), best first."""
    import polars as pl

    from opencasb.discovery.formats.loose_headers import respelled
    from opencasb.discovery.formats.restored import restored
    from opencasb.discovery.formats.wrappers import HEADER, unwrap

    written = pl.Series([line for line in lines if line.strip()][:SAMPLE_LINES], dtype=pl.String)
    sample = restored(written).str.head(_LOOKED_AT)
    frame = unwrap(pl.DataFrame({"line": range(len(sample)), "text": sample}, schema_overrides={"line": pl.Int64}))
    wrapped = frame[HEADER].count() * 2 > frame.height
    texts = [text or "" for text in frame["text"]]
    found = _ranked(texts)
    if wrapped and (not found or found[0][1] < LEAST_CONFIDENCE):
        found = _ranked([_TAG.sub("", text) for text in texts]) or found
    if (not found or found[0][1] < LEAST_CONFIDENCE) and not (headed := respelled(sample)).equals(sample):
        frame = unwrap(frame.select("line", text=headed))
        found, wrapped = _ranked([text or "" for text in frame["text"]]) or found, True
    return [Recognition(known, _source(known, wrapped=wrapped), share, why) for known, share, why in found]


def _ranked(texts: list[str]) -> list[tuple[Format, float, str]]:
    """Return the formats that match any of ``texts``, best first, each with its share and the reason."""
    found = [(known, *known.recognise(texts)) for known in formats()]
    return sorted((hit for hit in found if hit[1] > 0), key=lambda hit: (-hit[1], hit[0].rank))


def recognise(lines: Sequence[str]) -> Recognition:
    """Return the format that ``lines`` are written in. Raises :class:`UnrecognisedLog`."""
    found = candidates(lines)
    best = next(iter(found), None)
    if best is None or best.confidence < LEAST_CONFIDENCE:
        fitting = next((each for each in found if _fits(each.format, lines)), None) or _first_of_many(found)
        if fitting is not None:
            return fitting
        almost = "" if best is None else f"; nearest is {best.source} ({best.reason})"
        raise UnrecognisedLog(
            f"the log is in none of the known formats{almost}; name its source type (opencasb format list), or have a"
            " parser of its own proposed (opencasb format infer)"
        )
    return best


def _first_of_many(found: list[Recognition]) -> Recognition | None:
    """Return the first vendor of a log with lines of so many that each has a small share, or None."""
    vendors = [each for each in found if each.format.rank < GENERIC_RANK]
    return vendors[0] if sum(each.confidence for each in vendors) >= MIXED else None


def _fits(known: Format, lines: Sequence[str]) -> bool:
    """Return whether most of ``lines`` are in a vendor's format, judging by its parser's output.

    Few of them may match its signature if an appliance logs more about itself than about traffic.
    """
    import polars as pl

    from opencasb.discovery.formats.restored import restored

    if known.rank >= GENERIC_RANK:
        return False
    texts = restored(pl.Series([line for line in lines if line.strip()], dtype=pl.String))
    parser = known.open(ParseContext(received_at=0))
    batch = pl.DataFrame({"line": pl.int_range(len(texts), eager=True), "text": texts})
    rows = pl.concat([parser.end(parser.begin(batch)()), parser.finish()])
    used = rows.filter(pl.col("rejected").is_null() & pl.col("ignored").is_null()).height
    return used > 0 and rows["rejected"].null_count() * 2 > len(texts)


def first_lines(batch: pl.DataFrame) -> list[str]:
    """Return the first non-empty lines of a frame with ``text``."""
    texts: list[str] = batch["text"].drop_nulls().head(2 * SAMPLE_LINES).to_list()
    return texts


def _source(known: Format, *, wrapped: bool) -> str:
    """Return the source type that tells whether the lines came through syslog."""
    if wrapped:
        return next((name for name in known.sources if name.endswith("_SYSLOG")), known.sources[0])
    return known.sources[0]
