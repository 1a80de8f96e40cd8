"""Parses a log file, or a live stream of lines, into transactions and accounts for every line."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, Final
from zoneinfo import ZoneInfo

from opencasb.discovery.compression import LogError
from opencasb.discovery.formats.base import Format, ParseContext, Work
from opencasb.discovery.line_counts import Counts
from opencasb.discovery.line_shape import WINDOW, LineShape, added, shape_of
from opencasb.discovery.logfile import MAX_EXPANDED, LogFile
from opencasb.discovery.other_formats import OtherFormats
from opencasb.discovery.prefetch import prefetch
from opencasb.discovery.recognise import Recognition, candidates, first_lines, format_of, recognise
from opencasb.model.custom_parser import PREFIX

if TYPE_CHECKING:
    import polars as pl

    from opencasb.discovery.formats.exported import Export, QuotedLines

TOO_LONG: Final = "line too long"

WORKERS: Final = 3
"""Batches parsed in parallel; each costs memory: three of 12 MB take less than two of 20 MB, and no longer."""

_CONFIDENT: Final = 0.5
_SHORT: Final = 8
"""Longest line in bytes that is checked for being blank."""


class LineParser:
    """Feeds batches of lines, from a file or as they arrive, to the parser of one format, and keeps count."""

    def __init__(self, known: Format, context: ParseContext) -> None:
        self._parser = known.open(context)
        self._custom = known.sources[0].startswith(PREFIX)
        self._others = OtherFormats(known, context)
        self.counts = Counts()
        self.shapes: list[LineShape] = []
        """The shapes of windows of lines, in order."""

    def feed(self, lines: pl.DataFrame | Sequence[str]) -> pl.DataFrame:
        """Parse ``lines``: a frame of ``line`` and ``text``, or texts, which continue the numbering."""
        lines, work = self.begin(lines)
        return self.end(lines, work())

    def begin(self, lines: pl.DataFrame | Sequence[str]) -> tuple[pl.DataFrame, Work]:
        """Return the non-empty lines, without a collector's wrapper, and the work to parse them.

        The lines include those of earlier batches that are read only now. The work may be done in any thread. A custom
        parser gets the wrapper too, since it defines where the line is.
        """
        import polars as pl

        from opencasb.discovery.formats.restored import restored

        if not isinstance(lines, pl.DataFrame):
            numbers = pl.int_range(self.counts.read + 1, self.counts.read + len(lines) + 1, dtype=pl.Int64, eager=True)
            lines = pl.DataFrame({"line": numbers, "text": pl.Series(lines, dtype=pl.String)})
        self.counts.read += lines.height
        blank = _is_blank(lines["text"])
        if blank.any():
            self.counts.ignored["empty line"] += int(blank.sum())
            lines = lines.filter(~blank)
        if not self._custom:
            lines = lines.with_columns(restored(lines["text"]))
        unread = self._parser.unread()
        return pl.concat([unread, lines]) if unread.height else lines, self._parser.begin(lines)

    def end(self, lines: pl.DataFrame, rows: pl.DataFrame) -> pl.DataFrame:
        """Return the transactions of ``lines`` from their parsed ``rows``; call it in the order of batches."""
        frame = self._parser.end(rows)
        self._measure(frame, lines)
        frame = self._others.adopt(frame, lines)
        self.counts.add(frame, lines)
        return frame

    @property
    def others(self) -> Mapping[str, int]:
        """The transactions in other formats, by source type."""
        return self._others.used

    def _measure(self, frame: pl.DataFrame, lines: pl.DataFrame) -> None:
        shape = shape_of(lines, frame)
        if self.shapes and self.shapes[-1].lines < WINDOW:
            self.shapes[-1] = added(self.shapes[-1], shape)
        else:
            self.shapes.append(shape)

    def finish(self) -> pl.DataFrame:
        """Return the rows of the lines that were held back."""
        import polars as pl

        unread = self._parser.unread()
        frame = self._parser.finish()
        self._measure(frame, unread)
        frame = pl.concat([self._others.adopt(frame, unread), *self._others.finish()])
        self.counts.add(frame, unread)
        return frame


def _is_blank(texts: pl.Series) -> pl.Series:
    """Tell which lines are empty, or hold only blanks or the bracket of an array whose records follow."""
    blank = texts.is_null() | (texts == "")
    short = (texts.str.len_bytes() <= _SHORT).arg_true()
    if short.is_empty():
        return blank
    nothing = texts.gather(short).str.strip_chars().is_in(["", "[", "]", ","])
    return blank.scatter(short.filter(nothing), values=True)


class ParsedLog:
    """A log being parsed: exhaust :meth:`frames`, then read the counts and the verdict."""

    def __init__(self, file: LogFile, context: ParseContext, source: str | Format | None) -> None:
        """Read the beginning of ``file`` and determine the format; a custom parser's format is passed in directly.

        Raises any :class:`opencasb.discovery.compression.LogError`, and ``OSError``.
        """
        check_zone(context.timezone)
        named = format_of(source) if isinstance(source, str) else source
        self._file = file
        if named is not None:
            file.fallback = named.encoding
        self._batches = file.batches()
        self._first = next(self._batches, None)
        self._export: Export | QuotedLines | None = None
        if self._first is not None and (named is None or not named.sources[0].startswith(PREFIX)):
            self._take_out(self._first)
        self._sample = [] if self._first is None else first_lines(self._first)
        self._found = recognise(self._sample) if named is None and self._sample else None
        chosen = named or (self._found.format if self._found else None)
        if chosen is None:
            raise LogError(file.nothing())
        if chosen.encoding != file.fallback and self._export is None:
            decoded = file.again(chosen.encoding)
            self._first = self._first if decoded is None else decoded
        self.source = source.strip().upper() if isinstance(source, str) else self._source_of(chosen)
        self._lines = LineParser(chosen, context)

    def _take_out(self, first: pl.DataFrame) -> None:
        """Extract the lines from the rows of an export, if the log is one."""
        from opencasb.discovery.formats.exported import export_of

        self._export = export_of(first)
        if self._export is not None:
            self._first, self._batches = self._export.lines(first), map(self._export.lines, self._batches)

    @property
    def counts(self) -> Counts:
        """Counts of the lines so far."""
        return self._lines.counts

    @property
    def shapes(self) -> list[LineShape]:
        """The shapes of the lines so far, in windows."""
        return self._lines.shapes

    @property
    def recognition(self) -> Recognition | None:
        """How the source was recognised; None if it was named."""
        return self._found

    @property
    def problem(self) -> str | None:
        """Why the file ended early, or None; everything before the damage was parsed."""
        return self._file.problem

    @property
    def remark(self) -> str | None:
        """Return a sentence about lines that were parsed in other formats, or None if there are none."""
        others = self._used_others()
        if not others:
            return None
        if self.read_as != self.source:
            return f"this looks like {self.read_as} and was parsed as that, not as {self.source}"
        total = sum(others.values())
        told = ", ".join(f"{count} of {source}" for source, count in others.items())
        return f"the log has lines of other formats: {told}, beside {self.counts.used - total} of {self.source}"

    @property
    def read_as(self) -> str:
        """Return the single other source type that all transactions have, if any; otherwise the source."""
        others = self._used_others()
        return next(iter(others)) if len(others) == 1 and sum(others.values()) == self.counts.used else self.source

    def frames(self) -> Iterator[pl.DataFrame]:
        """Yield frames of :data:`opencasb.model.transaction.COLUMNS`; reading and parsing run ahead of the caller."""
        with closing(prefetch(self._whole())) as batches:
            yield from self._parsed(batches)
        yield self._lines.finish()
        for line, text in self._file.too_long:
            self.counts.reject(line, TOO_LONG, text)
        if self._export is not None:
            self.counts.ignored["header row"] += self._export.headers
        self.counts.read = self._file.lines

    def mismatch(self) -> str | None:
        """Return a sentence if the log is not in its source's format; call it after all frames are taken."""
        counts = self.counts
        unparsable = counts.rejected.total()
        if counts.parsable and unparsable <= counts.parsable:
            return None
        lines = counts.parsable + unparsable
        if not counts.read:
            return self._file.nothing()
        if not lines:
            return f"the file has no log lines, only comments and empty ones{self._damage()}"
        reason, _ = counts.rejected.most_common(1)[0] if unparsable else ("", 0)
        told = f"{unparsable} of {lines} lines do not fit {self.source} (mostly: {reason})"
        return told + self._looks_like() + self._damage()

    def _used_others(self) -> dict[str, int]:
        return {source: count for source, count in self._lines.others.items() if count}

    def _source_of(self, chosen: Format) -> str:
        return chosen.sources[0] if self._found is None else self._found.source

    def _looks_like(self) -> str:
        best = next(iter(candidates(self._sample)), None)
        if best is None or best.confidence < _CONFIDENT or self.source in best.format.sources:
            return ""
        return f"; this looks like {best.source}: {best.reason}"

    def _damage(self) -> str:
        return f"; {self._file.problem}" if self._file.problem else ""

    def _whole(self) -> Iterator[pl.DataFrame]:
        if self._first is not None:
            yield self._first
            self._first = None
        yield from self._batches

    def _parsed(self, batches: Iterator[pl.DataFrame]) -> Iterator[pl.DataFrame]:
        """Parse batches in parallel: a single one keeps little more than one core busy."""
        waiting: deque[tuple[pl.DataFrame, Future[pl.DataFrame]]] = deque()
        with ThreadPoolExecutor(WORKERS, thread_name_prefix="opencasb-parse") as pool:
            for batch in batches:
                lines, work = self._lines.begin(batch)
                waiting.append((lines, pool.submit(work)))
                if len(waiting) == WORKERS:
                    yield self._ended(waiting)
            while waiting:
                yield self._ended(waiting)

    def _ended(self, waiting: deque[tuple[pl.DataFrame, Future[pl.DataFrame]]]) -> pl.DataFrame:
        lines, rows = waiting.popleft()
        return self._lines.end(lines, rows.result())


def parse_log(
    log: Path | BinaryIO, source: str | Format | None, context: ParseContext, *, max_expanded_bytes: int = MAX_EXPANDED
) -> ParsedLog:
    """Open a log for parsing as ``source``: a source type name, a custom parser's format, or None to detect it.

    Raises :class:`opencasb.discovery.compression.LogError` (unsupported file type, unknown source, unrecognised log, no
    lines, unknown time zone) immediately, ``ExpandsTooMuch`` also while frames are taken, and ``OSError``.
    """
    return ParsedLog(LogFile(log, max_expanded_bytes), context, source)


def check_zone(name: str) -> str:
    """Return ``name`` if it is an IANA time zone; otherwise raise :class:`opencasb.discovery.compression.LogError`."""
    try:
        ZoneInfo(name)
    except (ValueError, OSError, KeyError):  # ZoneInfoNotFoundError is a KeyError
        raise LogError(f"timezone: {name!r} is not an IANA time zone; allowed: names such as Europe/Berlin") from None
    return name
