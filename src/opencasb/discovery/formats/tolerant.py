"""Read logs whose vendors publish no field list: iboss, Wandera, Corrata and others (log-formats §5).

Lines may be CEF, LEEF, JSON, ``key=value`` or columns under a header row; fields are recognised by their usual names.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from typing import ClassVar, Final

import polars as pl

from opencasb.discovery.formats.aliased_events import AliasedCef, AliasedLeef
from opencasb.discovery.formats.aliases import LIKELY_HEADER, header_of, read_columns, read_objects, read_pairs
from opencasb.discovery.formats.base import Format, ParseContext, Parser, Work, nothing
from opencasb.discovery.formats.cef import START, Cef
from opencasb.discovery.formats.header_rows import Columns, HeaderRows
from opencasb.discovery.formats.leef import BLOCK
from opencasb.discovery.formats.normalise import finished, normalise
from opencasb.discovery.formats.signature import signature, unrecognisable
from opencasb.discovery.formats.stamps import timestamps
from opencasb.discovery.formats.values import NAME
from opencasb.discovery.formats.wrappers import unwrap
from opencasb.model.transaction import COLUMNS

_LEEF: Final = r"LEEF:\d"
_OBJECT: Final = r'^[^{="]{0,80}\{\s*"'
_PAIRS: Final = r"(?:^|[\s,;|])[A-Za-z][\w.-]*=.*[\s,;|][A-Za-z][\w.-]*="
_SHAPES: Final = (("cef", "CEF:", START), ("leef", "LEEF:", _LEEF), ("object", "{", _OBJECT), ("pairs", "=", _PAIRS))
"""Line shapes by precedence, with a literal and a regular expression that occur in each."""

_ADDRESS: Final = re.compile(r"\d\.\d+\.\d|[0-9A-Fa-f]:[0-9A-Fa-f]*:", re.ASCII)
_LEADING_TIME: Final = r"^(\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d[^ ,;|\t]*)[ ,;|\t]"
_IBOSS_TIME: Final = r"^(?:.* )?(\d\d)/(\d\d)/(?:20)?(\d\d) (\d\d:\d\d:\d\d [AP]M),"
"""Month, day and year before the pairs of iboss appliances."""


class Tolerant(Parser):
    """Read each line in its own shape; remember the header row."""

    cef: ClassVar[type[Cef]] = AliasedCef
    """The class that reads CEF lines."""

    def __init__(self, context: ParseContext) -> None:
        super().__init__(context)
        self._heads = HeaderRows(LIKELY_HEADER, _header_row)
        self._cef, self._leef = self.cef(context), AliasedLeef(context)

    def begin(self, lines: pl.DataFrame) -> Work:
        """Find the shapes of the lines, and the header row above each line of columns."""
        rows = unwrap(lines)
        rows = rows.with_columns(_shape(rows["text"]).alias("shape"))
        parts = rows.partition_by("shape", as_dict=True, include_key=False)
        heads, tables = self._heads.take(parts.pop(("columns",), rows.clear()))
        done = [finished(heads, ignored="header row")]
        return partial(self._read, lines, done, {str(shape): part for (shape,), part in parts.items()}, tables)

    def _read(
        self,
        lines: pl.DataFrame,
        done: Sequence[pl.DataFrame],
        shapes: Mapping[str, pl.DataFrame],
        tables: Sequence[tuple[Columns | None, pl.DataFrame]],
    ) -> pl.DataFrame:
        parts = [self._parsed(lines, shape, rows) for shape, rows in shapes.items()]
        for columns, rows in tables:
            unread = finished(rows, rejected="in no shape that is read")
            parts.append(unread if columns is None else self._normalised(read_columns(rows, columns)))
        return pl.concat([nothing(), *done, *parts])

    def _parsed(self, lines: pl.DataFrame, shape: str, rows: pl.DataFrame) -> pl.DataFrame:
        if shape in {"cef", "leef"}:
            own = lines.filter(pl.col("line").is_in(rows["line"].implode()))
            return (self._cef if shape == "cef" else self._leef).read(own).select(COLUMNS)
        return self._normalised((read_objects if shape == "object" else read_pairs)(rows))

    def _normalised(self, rows: pl.DataFrame) -> pl.DataFrame:
        written = pl.coalesce("time", pl.col("date") + " " + pl.col("clock"), "clock")
        if rows.select(written.is_null().any()).item():
            american = pl.col("text").str.extract_groups(_IBOSS_TIME).struct
            turned = pl.format("20{}-{}-{} {}", *(american[place] for place in (2, 0, 1, 3)))
            written = pl.coalesce(written, pl.col("text").str.extract(_LEADING_TIME), turned)
        rows = rows.with_columns(timestamps(rows, written, self._context).alias("timestamp"), *_values())
        return normalise(rows, self._context)


def _header_row(text: str) -> Columns | None:
    return None if _ADDRESS.search(text) else header_of(text)


def _shape(texts: pl.Series) -> pl.Expr:
    text = pl.col("text").fill_null("")
    occurring = [(shape, look) for shape, mark, look in _SHAPES if texts.str.contains(mark, literal=True).any()]
    found = [pl.when(text.str.contains(look)).then(pl.lit(shape)) for shape, look in occurring]
    return pl.coalesce(*found, pl.lit("columns"))


def _values() -> Iterator[pl.Expr]:
    server, authority, url = pl.col("server"), pl.col("authority"), pl.col("url")
    path = url.str.starts_with("/")
    named = server.str.contains(NAME) & authority.is_null() & (url.is_null() | path)
    whole = url.str.contains("://", literal=True)
    secure = pl.col("scheme").str.contains("(?i)^(?:https|ssl|tls)").fill_null(value=False)
    target = pl.coalesce("server", "authority", "url")
    strays = pl.col("source").is_null() | target.is_null()
    tunnel = (pl.col("method") == "CONNECT").fill_null(value=False)
    yield pl.when(strays).then(pl.lit("no traffic record")).alias("ignored")
    yield pl.col("action").str.contains(BLOCK).fill_null(value=False).alias("blocked")
    yield pl.when(named).then(server).when(whole).then(None).otherwise(authority).alias("authority")
    yield pl.when(~path.fill_null(value=False)).then(url).alias("url")
    yield pl.when(path).then(url).otherwise("path").alias("path")
    yield pl.when(secure).then(pl.lit("https")).otherwise(pl.lit("http")).alias("scheme")
    yield tunnel.alias("tunnel")


FORMATS: Final = (
    Format(
        sources=("IBOSS",),
        recognise=signature(
            r',URL_LOG_ENTRY,(?:.*,)?SRC_IPADDR=|^(?=.*"ibossIpAddress"\s*:)(?=.*"privateIp"\s*:)', "records of iboss"
        ),
        open=Tolerant,
        rank=45,
    ),
    *(
        Format(sources=(source,), recognise=unrecognisable, open=Tolerant, rank=60)
        for source in ("CONTENTKEEPER_SYSLOG", "CORRATA", "OPEN_SYSTEMS_SECURE_WEB_GATEWAY", "WANDERA_SYSLOG")
    ),
)
