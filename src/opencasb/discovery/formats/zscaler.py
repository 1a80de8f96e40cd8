"""Read Zscaler NSS web and firewall feeds: CSV, tabbed ``key=value``, JSON, CEF and LEEF (log-formats §5, ZSCALER)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial
from typing import Final

import polars as pl

from opencasb.discovery.formats.base import Format, ParseContext, Parser, Work, nothing
from opencasb.discovery.formats.connections import PRIVATE
from opencasb.discovery.formats.header_rows import Columns, HeaderRows
from opencasb.discovery.formats.normalise import finished, normalise
from opencasb.discovery.formats.signature import signature
from opencasb.discovery.formats.stamps import else_of_header
from opencasb.discovery.formats.times import moment
from opencasb.discovery.formats.values import map_distinct
from opencasb.discovery.formats.wrappers import unwrap
from opencasb.discovery.formats.zscaler_insights import HEADER_ROW, header_row, insights_fields, recognise_insights
from opencasb.discovery.formats.zscaler_shapes import QUOTED_PAIRS, complete, fields_of

_START: Final = r'(?:\d{4}-\d\d-\d\d ?\d\d:\d\d:\d\d\t)?(?:[A-Za-z_]+=|\{|"|CEF: ?\d|LEEF:|ZscalerNSS:)'


_EMPTY: Final = ("", "-", "NA", "N/A", "None", "none")
_UNSPECIFIED: Final = "0.0.0.0"  # noqa: S104 - no address is bound
"""What the firewall feed writes for an unknown address."""

_PROTOCOL: Final = "[A-Z_]*(?:HTTP|FTP|SSL|TUNNEL|WEBSOCKET|DNS)[A-Z_]*"
_HOST_ONLY: Final = r"^(?i:SSL|TUNNEL.*)$"
_FEEDS: Final = "^(?i:NSS|NSSWeb.*|NSS-?FW.*|)$"
"""Products that are the web or the firewall feed, if the header names one."""

_OBJECT: Final = r'^(?:[\[,]|event=)?\s*\{\s*".*(?:zscalernss-|"Zscaler"|"urlsupercat)'
"""Also an array element on a line of its own, or an object after the key of a syslog template."""
_SOURCE_TYPE: Final = '"sourcetype"'
_RUN_TOGETHER: Final = r"^(\d{4}-\d\d-\d\d),?(\d\d:)"
"""Templates may have lost the blank between date and time, or have a comma there."""
_WITH_ZONE: Final = r"^\d+$|[A-Z]{3,4}$|[+-]\d\d:?\d\d$|Z$"
"""Times that need none of those that the feed names in a field of its own."""
_MONTH_FIRST: Final = r"^(\d\d) (\d\d) (\d{4}) "
"""Month, day and year in the firewall's CEF template."""
_TABS_LOST: Final = r'^[^"|{]*\b[a-z_]+=.* (?:vendor="?Zscaler|product="?NSS)\b'

_CARETS: Final = r"(?:^|ZSCALERNSS: *|\t)time=.*\^\^[A-Za-z]+="

_FIREWALL_PAIRS: Final = r"\tcsip=[^\t]*\t.*\tnumsessions="
"""Found in the firewall's template, which names neither vendor nor product."""

_NOT_OURS: Final = "not a Zscaler record"
_HEALTH: Final = "NSS health message"
_NOT_TRAFFIC: Final = "not a web or firewall record"
_CHALLENGE: Final = "authentication challenge"


class Zscaler(Parser):
    """Read the feed in any of its shapes, line by line, and downloads by their header row."""

    def __init__(self, context: ParseContext) -> None:
        super().__init__(context)
        self._heads = HeaderRows(HEADER_ROW, header_row)

    def begin(self, lines: pl.DataFrame) -> Work:
        """Find the header row above each line of a batch."""
        return partial(self._read, *self._heads.take(lines))

    def _read(self, heads: pl.DataFrame, parts: Sequence[tuple[Columns | None, pl.DataFrame]]) -> pl.DataFrame:
        read = [self._download(columns, lines) if columns else self._feed(lines) for columns, lines in parts]
        return pl.concat([nothing(), finished(heads, ignored="header row"), *read])

    def _download(self, columns: Columns, lines: pl.DataFrame) -> pl.DataFrame:
        return self._parsed(complete(insights_fields(columns, unwrap(lines))))

    def _feed(self, lines: pl.DataFrame) -> pl.DataFrame:
        rows = unwrap(lines, _START).with_columns(_shape().alias("shape"))
        parts = {str(shape): part.drop("shape") for (shape,), part in rows.partition_by("shape", as_dict=True).items()}
        done = []
        if "none" in parts:
            done.append(finished(parts.pop("none"), rejected=_NOT_OURS))
        if "health" in parts:
            done.append(finished(parts.pop("health"), ignored=_HEALTH))
        if parts:
            done.append(self._parsed(pl.concat([fields_of(shape, part) for shape, part in parts.items()])))
        return pl.concat(done) if done else nothing()

    def _parsed(self, rows: pl.DataFrame) -> pl.DataFrame:
        rows = rows.with_columns(*_bare()).with_columns(*_values())
        rows = rows.with_columns(_ignored().alias("ignored"), _timestamps(rows, self._context).alias("timestamp"))
        return normalise(rows, self._context, encoded_users=True)


def _shape() -> pl.Expr:
    text = pl.col("text")
    ours = text.str.contains("|Zscaler|", literal=True)
    has_tabs = text.str.contains("\t", literal=True)
    return (
        pl.when(text.str.contains(QUOTED_PAIRS))
        .then(pl.lit("tabbed"))
        .when(text.str.contains(_CARETS))
        .then(pl.lit("carets"))
        .when(text.str.starts_with('"'))
        .then(pl.lit("csv"))
        .when(text.str.contains(_OBJECT) & (text.str.count_matches(_SOURCE_TYPE, literal=True) < 2))
        .then(pl.lit("object"))
        .when(ours & text.str.contains(r"CEF: ?\d\|Zscaler\|"))
        .then(pl.lit("cef"))
        .when(ours & text.str.contains(r"LEEF:[\d.]+\|Zscaler\|"))
        .then(pl.lit("leef"))
        .when(has_tabs & text.str.contains("=", literal=True))
        .then(pl.lit("tabbed"))
        .when(text.str.contains(_TABS_LOST))
        .then(pl.lit("blanks"))
        .when(text.str.contains("ZscalerNSS", literal=True))
        .then(pl.lit("health"))
        .otherwise(pl.lit("none"))
    )


def _bare() -> Iterator[pl.Expr]:
    """Yield the fields without placeholders for missing values; decode those present only in base64."""
    for name in ("user", "host", "url"):
        decoded = pl.col(f"coded_{name}").str.decode("base64", strict=False).cast(pl.String, strict=False)
        first, second = (pl.when(~value.is_in(_EMPTY)).then(value) for value in (pl.col(name), decoded))
        yield pl.coalesce(first, second).alias(name)
    for name in ("device", "owner", "protocol", "method", "source", "other_source"):
        yield pl.when(~pl.col(name).is_in(_EMPTY)).then(name).alias(name)


def _values() -> Iterator[pl.Expr]:
    first, second = pl.col("source"), pl.col("other_source")
    private = [pl.when(address.str.contains(PRIVATE)).then(address) for address in (first, second)]
    known = [pl.when(address != _UNSPECIFIED).then(address) for address in (first, second)]
    yield pl.coalesce(*private, *known, first, second).alias("source")
    protocol = pl.col("protocol").str.to_lowercase()
    host_only = pl.col("protocol").str.contains(_HOST_ONLY) | (pl.col("method").str.to_uppercase() == "CONNECT")
    yield host_only.fill_null(value=False).alias("tunnel")
    yield pl.col("host").alias("authority")
    secure = protocol.str.contains("https|_ssl$")
    scheme = pl.when(secure).then(pl.lit("https")).when(protocol.str.starts_with("ftp")).then(pl.lit("ftp"))
    yield scheme.otherwise(pl.lit("http")).alias("scheme")
    yield pl.coalesce("device", "owner").alias("device")
    yield pl.col("action").str.contains("(?i)block|drop").fill_null(value=False).alias("blocked")
    yield pl.when(pl.col("aggregate").str.to_lowercase() == "yes").then("count").alias("count")


def _ignored() -> pl.Expr:
    """Return why a record is skipped: a client is asked to sign in, or it is no traffic.

    Outside the web feed, only firewall records with sizes are traffic.
    """
    product = pl.col("product")
    web = pl.col("authority").is_not_null() | pl.col("url").is_not_null()
    sizes = pl.col("sent").is_not_null() | pl.col("received").is_not_null()
    counted = (web | (sizes & pl.col("server").is_not_null())) & product.fill_null("").str.contains(_FEEDS)
    ours = pl.col("source").is_not_null() | product.is_not_null()
    challenge = pl.when(pl.col("status") == "407").then(pl.lit(_CHALLENGE))
    return pl.when(~counted & ours).then(pl.lit(_NOT_TRAFFIC)).otherwise(challenge)


def _timestamps(rows: pl.DataFrame, context: ParseContext) -> pl.Series:
    def read(texts: pl.Series) -> pl.DataFrame:
        usual = texts.str.replace(_RUN_TOGETHER, "$1 $2").str.replace(_MONTH_FIRST, "$3-$1-$2 ")
        return pl.select(moment(pl.lit(usual), context))

    zoned = pl.when(~pl.col("time").str.contains(_WITH_ZONE)).then(pl.col("time") + " " + pl.col("zone"))
    written = rows.select(pl.coalesce(zoned, "time")).to_series()
    return else_of_header(map_distinct(written, read).to_series(), rows, context)


_FEED_LINES: Final = signature(
    rf'^"[^"]*","[^"]*","{_PROTOCOL}","[^"]*","(?:Allowed|Blocked|[A-Z][a-z]+)","'
    rf'|ZscalerNSS:|ZSCALERNSS: *time=|{_FIREWALL_PAIRS}|[\t ](?:product="?NSS|vendor="?Zscaler)\b'
    r'|"sourcetype"\s*:\s*"zscalernss-|\{.*"(?:DeviceV|v)endor"\s*:\s*"Zscaler"|\{.*"urlsupercat'
    r'|^"[a-z0-9]+=[^"]*",.*"urlsupercat=',
    "Zscaler records",
)


def _recognise(lines: list[str]) -> tuple[float, str]:
    return max(_FEED_LINES(lines), recognise_insights(lines))


FORMATS: Final = (
    Format(
        sources=("ZSCALER", "ZSCALER_SYSLOG"),
        recognise=_recognise,
        open=Zscaler,
        rank=35,
    ),
    Format(
        sources=("ZSCALER_CEF_SYSLOG",),
        recognise=signature(r"CEF: ?\d\|Zscaler\|", "CEF of Zscaler"),
        open=Zscaler,
        rank=4,  # before the generic format of the same row
    ),
    Format(
        sources=("ZSCALER_QRADAR_SYSLOG",),
        recognise=signature(r"LEEF:[\d.]+\|Zscaler\|", "LEEF of Zscaler"),
        open=Zscaler,
        rank=5,  # before the generic format of the same row
    ),
)
