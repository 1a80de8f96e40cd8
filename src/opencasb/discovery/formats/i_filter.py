"""Read Digital Arts i-FILTER: access and block logs (log-formats §5, I_FILTER)."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import Final

import polars as pl

from opencasb.discovery.formats.base import Format, Parser, nothing
from opencasb.discovery.formats.fields import cut, match
from opencasb.discovery.formats.normalise import finished, normalise
from opencasb.discovery.formats.signature import signature
from opencasb.discovery.formats.stamps import timestamps
from opencasb.discovery.formats.values import rewritten, unescaped
from opencasb.discovery.formats.wrappers import unwrap

_ENCODING: Final = "cp932"
"""What Japanese Windows writes, if not UTF-8 (log-formats §1)."""

_DATE: Final = r"\d\d/[A-Z][a-z]{2}/\d{4}:"
_SHORT: Final = rf"(\d+) \S+ (\S+) (\S+) (\S+) (\S+) \[({_DATE}\S+ [^ \]]+)\] (\d+ )"
"""Records with one column where others have the version, a parent and the connecting address."""
_AS_LONG: Final = "$1 0/0/ - $2 - $3 $4 $5 [$6] $7"
_START: Final = rf"\d+ \d+/\d+/ |\d+ [0-9A-Fa-f.:]+ \S+ \S+ \S+ \[?{_DATE}|{_SHORT}"
_NAMES: Final = (
    "pid", "version", "parent", "server", "connecting", "source", "device", "user", "date", "zone", "status",
    "first_size", "second_size", "verdict",
)  # fmt: skip
_RECORD: Final = r"^\d+ \d+/\d+/ "
_REQUEST: Final = r' "(?P<method>[A-Z]+) (?P<url>[^ ]+)(?: HTTP/[0-9.]+)?"'
_OLD: Final = (
    rf"^\d+ \d+/\d+/ \S+ (?P<source>\S+) (?P<device>\S+) (?P<user>\S+) \[(?P<date>{_DATE}\S+) (?P<zone>[^ \]]+)\]"
    r' "[^"]*" ?(?:"[^"]*"|\S+) ?(?:"[^"]*"|\S+) (?P<status>\d+|-) (?P<first_size>\S+) (?P<second_size>\S+)'
    r" (?P<verdict>\S+)"
)
"""The 29 columns of older releases, where the request precedes the status; the first address may be a proxy's."""
_WRITTEN: Final = rf"\[?(?P<time>{_DATE}\S+ [^ \]]+)\]?"
_REFUSAL: Final = rf"^\d+ (?P<source>[0-9A-Fa-f.:]+) (?P<user>[^ ]+) [^ ]+ [^ ]+ {_WRITTEN} (?P<url>[^ ]+) block\b"


class IFilter(Parser):
    """Read records by position; blanks and Japanese characters in values are percent-encoded."""

    def read(self, lines: pl.DataFrame) -> pl.DataFrame:
        """Parse a batch."""
        rows = unwrap(lines, _START).with_columns(pl.col("text").str.replace(f"^{_SHORT}", _AS_LONG))
        access = pl.col("text").str.contains(_RECORD).fill_null(value=False)
        refused = pl.col("text").str.contains(_REFUSAL).fill_null(value=False)
        parts = [
            finished(rows.filter(~access & ~refused), rejected="not an i-FILTER record"),
            *self._accessed(rows.filter(access)),
            *self._refused(rows.filter(~access & refused)),
        ]
        return pl.concat([nothing(), *parts])

    def _accessed(self, rows: pl.DataFrame) -> Iterator[pl.DataFrame]:
        if rows.is_empty():
            return
        old = rows.select(pl.col("text").str.contains(_OLD)).to_series()
        parts = [cut(rows.filter(~old), "text", " ", _NAMES)]
        if old.any():
            parts.append(match(rows.filter(old), "text", _OLD))
        rows = match(pl.concat(parts, how="diagonal"), "text", _REQUEST)
        written = (pl.col("date") + " " + pl.col("zone")).str.strip_chars("[]")
        rows = rows.with_columns(timestamps(rows, written, self._context).alias("timestamp"), *_values())
        yield normalise(rows.with_columns(_decoded(rows["device"]), _decoded(rows["user"])), self._context)

    def _refused(self, rows: pl.DataFrame) -> Iterator[pl.DataFrame]:
        if rows.is_empty():
            return
        rows = match(rows, "text", _REFUSAL)
        times = timestamps(rows, pl.col("time"), self._context)
        rows = rows.with_columns(times.alias("timestamp"), blocked=pl.lit(value=True))
        yield normalise(rows.with_columns(_decoded(rows["user"])), self._context)


def _values() -> Iterator[pl.Expr]:
    challenge = pl.when(pl.col("status") == "407").then(pl.lit("authentication challenge"))
    short = pl.when(pl.col("verdict").is_null()).then(pl.lit("too few fields"))
    yield pl.when(short.is_null()).then(challenge).alias("ignored")
    yield short.alias("rejected")
    yield (pl.col("verdict").str.to_lowercase() == "block").fill_null(value=False).alias("blocked")
    yield (pl.col("method") == "CONNECT").fill_null(value=False).alias("tunnel")
    yield pl.col("second_size").alias("received")


def _decoded(names: pl.Series) -> pl.Series:
    return rewritten(names, names.str.contains("%", literal=True), partial(unescaped, fallback=_ENCODING))


FORMATS: Final = (
    Format(
        sources=("I_FILTER", "I_FILTER_SYSLOG"),
        recognise=signature(
            rf"(?:^|\s)\d+/\d+/ (?:\S+ ){{4,6}}\[{_DATE}"
            rf"|(?:^|\s)\d+ [0-9A-Fa-f.:]+ \S+ \S+ \S+ \[?{_DATE}\S+ \S+ \S+ block "
            rf"|(?:^|\s)[0-9A-Fa-f.:]+ \S+ \S+ \[{_DATE}\S+ \S+\] \d+ \d+ \d+ \S+ .*\"[A-Z]+ ",
            "i-FILTER records",
        ),
        open=IFilter,
        rank=36,
        encoding=_ENCODING,
    ),
)
