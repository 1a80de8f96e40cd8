"""Turns a definition into the same value as a built-in format, so that its logs go through the same pipeline."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import partial
from typing import Final

import polars as pl

from opencasb.discovery.custom import cutting
from opencasb.discovery.custom.definition import Definition
from opencasb.discovery.custom.delimited import cells
from opencasb.discovery.custom.meanings import ignored, meant
from opencasb.discovery.custom.templates import WHOLE_LINE, names_of
from opencasb.discovery.formats.base import Format, ParseContext, Parser, Work, nothing
from opencasb.discovery.formats.cef import START as CEF_START
from opencasb.discovery.formats.elff import FIELDS, MOST_FIELDS, Layout
from opencasb.discovery.formats.header_rows import Columns, HeaderRows
from opencasb.discovery.formats.json_wrappers import unwrap_json
from opencasb.discovery.formats.leef_fields import START as LEEF_START
from opencasb.discovery.formats.normalise import finished, normalise
from opencasb.discovery.formats.restored import without_escapes
from opencasb.discovery.formats.signature import unrecognisable
from opencasb.discovery.formats.wrappers import HEADER, unwrap
from opencasb.model.custom_parser import PREFIX

_OF_ANY_TEXT: Final = frozenset({"json", "regex"})
"""Kinds that may describe the very object that a collector wrapped around a line."""
_FIELDS_OF_ZEEK: Final = "#fields\t"
_ANY_FIELDS: Final = rf"^(?i:{FIELDS}|{_FIELDS_OF_ZEEK})"
_COMMENT: Final = r"^#"
_STARTS: Final = {"cef": CEF_START, "leef": LEEF_START, "json": r"\{", "w3c": r"#[A-Za-z-]+:"}
"""Where the text of these kinds begins after any header."""


class CustomLog(Parser):
    """Reads one file or stream by a definition; remembers header rows for kinds that have them."""

    def __init__(self, definition: Definition, context: ParseContext) -> None:
        super().__init__(context)
        self._definition = definition
        self._names = [name for name in names_of(definition) if name != WHOLE_LINE]
        self._default = Columns({name: place for place, name in enumerate(definition.columns)}, "")
        self._heads: HeaderRows | None = None
        if definition.kind == "w3c":
            self._heads = HeaderRows(_ANY_FIELDS, fields_line)
        elif definition.kind == "delimiter":
            self._heads = HeaderRows(self._likely_head(), self._head_row)

    def begin(self, lines: pl.DataFrame) -> Work:
        """Strip wrappers, and find the header row above each line."""
        rows = self._unwrapped(lines)
        if self._heads is None:
            return partial(self._read, [(None, rows)], rows.clear())
        heads, records = self._heads.take(rows)
        return partial(self._read, records, heads)

    def _read(self, records: list[tuple[Columns | None, pl.DataFrame]], heads: pl.DataFrame) -> pl.DataFrame:
        done = [finished(heads, ignored="comment" if self._definition.kind == "w3c" else "header row")]
        for layout, rows in records:
            done.extend(self._parsed(layout, rows))
        return pl.concat([nothing(), *done])

    def _parsed(self, layout: Columns | None, rows: pl.DataFrame) -> Iterator[pl.DataFrame]:
        """Yield the rows of the lines under one header row: those that are left out, and the rest."""
        rows = rows.with_columns(self._left_out().alias("left"))
        left = rows.filter(pl.col("left").is_not_null())
        yield finished(left).with_columns(left["left"].alias("ignored"))
        rows = rows.filter(pl.col("left").is_null()).drop("left")
        cut = self._cut(layout, rows)
        if isinstance(cut, str):
            yield finished(rows, rejected=cut)
        elif cut.height:
            cut = cut.with_columns(pl.col("text").alias(cutting.column(WHOLE_LINE)))
            yield normalise(meant(cut, self._definition, self._context), self._context)

    def _cut(self, layout: Columns | None, rows: pl.DataFrame) -> pl.DataFrame | str:
        kind = self._definition.kind
        if kind in cutting.BY_KIND:
            return cutting.BY_KIND[kind](rows, self._definition, self._names)
        layout = layout or self._default
        if not layout.places:
            return "no header row before this line" if kind == "delimiter" else "no #Fields line before this line"
        if kind == "w3c":
            names = tuple(layout.places) if layout is not self._default else tuple(map(str.lower, layout.places))
            separator = layout.separator or ("\t" if rows["text"].str.contains("\t", literal=True).any() else " ")
            return cutting.cut_w3c(rows, Layout(names, separator), self._names)
        return cutting.cut_columns(rows, self._definition, layout.places, self._names)

    def _left_out(self) -> pl.Expr:
        """Return why a line is left out before it is split: by a rule about the line, or as a comment."""
        comment = pl.when(pl.col("text").fill_null("").str.contains(_COMMENT)).then(pl.lit("comment"))
        return pl.coalesce(ignored(rule for rule in self._definition.ignore if not rule.field), comment)

    def _unwrapped(self, lines: pl.DataFrame) -> pl.DataFrame:
        lines = lines.with_columns(without_escapes(lines["text"]))
        if self._definition.syslog:
            if self._definition.kind not in _OF_ANY_TEXT:
                lines = lines.with_columns(unwrap_json(lines["text"]))
            return unwrap(lines, self._definition.start or _STARTS.get(self._definition.kind, ""))
        rows = lines.with_columns(pl.lit(None, pl.String).alias(HEADER)).select("line", HEADER, "text")
        if not self._definition.start:
            return rows
        at = pl.col("text").str.find(self._definition.start)
        raw = pl.col("text").cast(pl.Binary)
        return rows.with_columns(raw.bin.slice(at.fill_null(0)).cast(pl.String, strict=False).alias("text"))

    def _likely_head(self) -> str:
        return "|".join(re.escape(name) for name in self._names) or "^$"

    def _head_row(self, line: str) -> Columns | None:
        """Return the columns of a line that names at least half of the wanted ones, else None."""
        places = {cell: place for place, cell in reversed(list(enumerate(cells(line, self._definition))))}
        known = sum(name in places for name in self._names)
        return Columns(places, "") if known * 2 >= len(self._names) and known >= min(2, len(self._names)) else None


def fields_line(line: str) -> Columns | None:
    """Return the columns that a ``#Fields`` line names (Zeek's included), or None for any other line."""
    if not line.lower().startswith((FIELDS, _FIELDS_OF_ZEEK)):
        return None
    layout = Layout.of(line)
    if len(layout.names) > MOST_FIELDS:
        return Columns({}, layout.separator)
    seen: dict[str, int] = {}
    for place, name in enumerate(layout.names):
        seen[name if name not in seen else f"{name}#{place}"] = place
    return Columns(seen, layout.separator)


def compiled(definition: Definition) -> Format:
    """Return the format of a definition. It recognises nothing: it applies only where a user has chosen it."""
    return Format(
        sources=(f"{PREFIX}{definition.name}",),
        recognise=unrecognisable,
        open=partial(CustomLog, definition),
        rank=0,
    )
