"""Maps the fields of a custom parser to what :func:`opencasb.discovery.formats.normalise.normalise` takes."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Final

import polars as pl
from msgspec.structs import replace

from opencasb.discovery.custom.cutting import column
from opencasb.discovery.custom.definition import SIZES, Definition, FieldRule, Ignored, Source, Time, listed
from opencasb.discovery.custom.templates import parts
from opencasb.discovery.custom.time_format import AUTO, UNIX, is_zoned, percent_pattern
from opencasb.discovery.formats.base import ParseContext
from opencasb.discovery.formats.stamps import timestamps
from opencasb.discovery.formats.times import epoch, local
from opencasb.discovery.formats.values import LARGEST_SIZE
from opencasb.discovery.formats.wrappers import header_time

_COLUMNS: Final = {
    "source_ip": "source",
    "user": "user",
    "source_device": "device",
    "destination_host": "authority",
    "destination_ip": "server",
    "url": "url",
    "scheme": "scheme",
    "method": "method",
    "action": "action",
    "uploaded_bytes": "sent",
    "downloaded_bytes": "received",
    "total_bytes": "total",
    "transactions": "count",
}
"""Meaning in a definition → column to be normalised."""

UNREADABLE: Final = "unreadable time"
NO_RECORD: Final = "no traffic record"
_EMPTY: Final = ("", "-", "(null)", "null", "NULL", "NA", "N/A", "None", "0.0.0.0", "::")  # noqa: S104 -- no binding
_NO_ADDRESS: Final = r"[g-zG-Z]|^[^:]*[a-fA-F]"
_SUFFIXED: Final = r"^([\d,.]+)\s*([KMGTkmgt]?)(?:i?[Bb](?:ytes)?)?$"
_POWERS: Final = {"": 0, "k": 1, "m": 2, "g": 3, "t": 4}


def meant(rows: pl.DataFrame, definition: Definition, context: ParseContext) -> pl.DataFrame:
    """Return split rows with the columns to be normalised, ``timestamp``, ``ignored`` and ``rejected``."""
    fields = definition.fields
    rows = rows.with_columns(_source(getattr(fields, name)).alias(raw) for name, raw in _COLUMNS.items())
    rows = rows.with_columns(_sizes(rows[_COLUMNS[name]], getattr(fields, name)) for name in SIZES)
    rows = rows.with_columns(_blocked(definition.actions).alias("blocked"), *_targets())
    rows = rows.with_columns(_times(rows, definition.time, context).alias("timestamp"))
    rejected = _unread(definition.time)
    left = pl.coalesce(ignored(rule for rule in definition.ignore if rule.field), _incomplete(definition))
    rows = rows.with_columns(left.alias("ignored"), pl.coalesce("rejected", rejected).alias("rejected"))
    kept = pl.when(pl.col("rejected").is_null()).then("ignored").alias("ignored")
    dropped = pl.when(pl.col("ignored").is_null() | (pl.col("rejected") != UNREADABLE)).then("rejected")
    return rows.with_columns(dropped.alias("rejected")).with_columns(kept)


def ignored(rules: Iterable[Ignored]) -> pl.Expr:
    """Return the reason of the first rule that makes a line no transaction; rules without a field test ``text``."""
    found = []
    for rule in rules:
        hit = pl.col(column(rule.field) if rule.field else "text").fill_null("").str.contains(rule.drop or rule.keep)
        found.append(pl.when(hit if rule.drop else ~hit).then(pl.lit(_reason_of(rule))))
    return pl.coalesce(pl.lit(None, pl.String), *found)


def _reason_of(rule: Ignored) -> str:
    what = f"{rule.field} " if rule.field else ""
    return rule.reason or (f"{what}matches {rule.drop}" if rule.drop else f"{what}does not match {rule.keep}")[:100]


def _source(source: Source | None) -> pl.Expr:
    """Return the first alternative with a value."""
    return pl.coalesce(pl.lit(None, pl.String), *(_present(_item(item)) for item in listed(source)))


def _item(item: str | FieldRule) -> pl.Expr:

    if isinstance(item, str):
        return _template(item)
    value = _template(item.field)
    if item.pattern:
        groups = re.search(r"(?<!\\)(?:\\\\)*\((?!\?[^P<])", item.pattern)
        value = value.str.extract(item.pattern, 1 if groups else 0)
    if item.values:
        value = value.replace(item.values)
    return value


def _template(template: str) -> pl.Expr:
    """Return a field, or several joined with empty ones left out; null if all are empty."""
    pieces = parts(template)
    if len(pieces) == 1 and not pieces[0][0]:
        return pl.col(column(pieces[0][1]))
    found = [_present(pl.col(column(name))) for _, name in pieces if name]
    joined = pl.concat_str(
        [
            each
            for literal, name in pieces
            for each in (pl.lit(literal), _present(pl.col(column(name))).fill_null("") if name else pl.lit(""))
        ]
    )
    return pl.when(pl.any_horizontal(value.is_not_null() for value in found)).then(joined)


def _present(value: pl.Expr) -> pl.Expr:
    bare = value.str.strip_chars()
    return pl.when(~bare.is_in(list(_EMPTY))).then(bare)


def _sizes(written: pl.Series, source: Source | None) -> pl.Series:
    """Return sizes as integer bytes, still as text; accepts ``1.5 K``, ``1,024`` and scaled ones."""
    scale = next((item.scale for item in listed(source) if isinstance(item, FieldRule)), 1)
    whole = written.cast(pl.Int64, strict=False)
    if scale == 1 and whole.null_count() == written.null_count():
        return written
    groups = written.str.extract_groups(_SUFFIXED).struct.unnest()
    number = groups["1"].str.replace_all(",", "", literal=True).cast(pl.Float64, strict=False)
    power = groups["2"].str.to_lowercase().replace_strict(_POWERS, default=0, return_dtype=pl.Int64)
    bytes_ = number * (1024.0**power) * float(scale)
    sane = bytes_.is_between(0, LARGEST_SIZE).fill_null(value=False)
    whole_bytes = pl.when(sane).then(pl.lit(bytes_).round()).cast(pl.Int64).cast(pl.String)
    return pl.select(whole_bytes.alias(written.name)).to_series()


def _blocked(actions: Mapping[str, str]) -> pl.Expr:
    """Return whether the first pattern that matches the action means a block."""
    chain: pl.Expr = pl.lit(value=False)
    for text, verdict in reversed(list(actions.items())):
        like = pl.col("action").str.contains(_glob(text)).fill_null(value=False)
        chain = pl.when(like).then(pl.lit(value=verdict == "block")).otherwise(chain)
    return chain


def _glob(text: str) -> str:
    return "(?is)^" + ".*".join(re.escape(part) for part in text.strip().split("*")) + "$"


def _targets() -> list[pl.Expr]:
    """Detect hosts in place of addresses, paths in place of URLs, and tunnels."""
    server, authority, url = pl.col("server"), pl.col("authority"), pl.col("url")
    path = url.str.starts_with("/") & ~url.str.starts_with("//")
    named = server.str.contains(_NO_ADDRESS) & authority.is_null() & (url.is_null() | path)
    secure = pl.col("scheme").str.contains("(?i)^(?:https|ssl|tls)").fill_null(value=False)
    return [
        pl.when(named).then(server).otherwise(authority).alias("authority"),
        pl.when(~path.fill_null(value=False)).then(url).alias("url"),
        pl.when(path).then(url).alias("path"),
        pl.when(secure).then(pl.lit("https")).otherwise(pl.lit("http")).alias("scheme"),
        (pl.col("method").str.to_uppercase() == "CONNECT").fill_null(value=False).alias("tunnel"),
    ]


def _times(rows: pl.DataFrame, time: Time | None, context: ParseContext) -> pl.Series:
    if time is None:
        return rows.select(header_time(context)).to_series()
    own = replace(
        context,
        timezone=time.zone or context.timezone,
        day_first=context.day_first if time.day_first is None else time.day_first,
    )
    written = _written(time)
    if time.format == AUTO:
        return timestamps(rows, written, own)
    read = epoch(written) if time.format == UNIX else _formatted(written, percent_pattern(time.format), own)
    return rows.select(pl.coalesce(read, header_time(context))).to_series()


def _written(time: Time) -> pl.Expr:
    return pl.concat_str([_present(_item(item)) for item in time.fields], separator=" ")


def _formatted(written: pl.Expr, pattern: str, context: ParseContext) -> pl.Expr:
    read = written.str.to_datetime(pattern, time_unit="ms", strict=False)
    naive = read.cast(pl.Int64)
    return naive if is_zoned(pattern) else local(naive, context.timezone)


def _unread(time: Time | None) -> pl.Expr:
    """Return the rejection reason for a time that is present but unreadable."""
    if time is None:
        return pl.lit(None, pl.String)
    return pl.when(pl.col("timestamp").is_null() & _written(time).is_not_null()).then(pl.lit(UNREADABLE))


def _incomplete(definition: Definition) -> pl.Expr:
    if definition.incomplete == "reject":
        return pl.lit(None, pl.String)
    lacking = pl.col("source").is_null() | pl.coalesce("authority", "server", "url").is_null()
    return pl.when(lacking).then(pl.lit(NO_RECORD))
