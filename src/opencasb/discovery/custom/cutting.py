"""Splits lines into the fields that a definition uses, one function per kind.

Each takes rows of ``line``, ``header`` and ``text`` and returns ``line``, ``header``, ``text``, ``rejected`` and a text
column per field, named by :func:`column`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any, Final

import msgspec
import polars as pl

from opencasb.discovery.custom.definition import Definition
from opencasb.discovery.custom.delimited import delimiter_of, shield, unquoted
from opencasb.discovery.formats.cef import LOST_PREFIX as CEF_LOST_PREFIX
from opencasb.discovery.formats.cef import START as CEF_START
from opencasb.discovery.formats.cef_fields import extension
from opencasb.discovery.formats.elff import Layout, cut_fields
from opencasb.discovery.formats.fields import completed, cut, cut_n
from opencasb.discovery.formats.keyvalue import Pairs, text
from opencasb.discovery.formats.leef_fields import cut_head, read_attributes

CEF_HEADER: Final = ("vendor", "product", "version", "signature", "name", "severity")
"""Fields of the CEF header, besides the keys of the extension."""

LEEF_HEADER: Final = ("vendor", "product", "event")
_HEADER_CHARACTERS: Final = 1024
_LONGEST_MATCHED: Final = 16_384
"""Characters of a line that regular expressions examine."""


def column(name: str) -> str:
    """Return the column of a field, prefixed so that no name in a log can clash with a column of ours."""
    return f"f.{name}"


def cut_pairs(rows: pl.DataFrame, definition: Definition, names: Sequence[str]) -> pl.DataFrame:
    """Split ``key=value`` lines; a line with none of the keys is rejected."""
    delimiter = definition.delimiter or " "
    marked = _with_plain_pairs(rows, definition, delimiter, names)
    if definition.open_values:
        backslashes = pl.col("text").str.replace_all("\\", "\\\\", literal=True)  # they escape nothing here
        values = extension(marked.select(("| " + backslashes).alias("text")), [], list(names))
        found = [values[name].alias(column(name)) for name in values.columns]
        read = _completed(marked.select("line").with_columns(found) if found else marked.select("line"), names)
    else:
        separators = r" \t" if not delimiter.strip(" ") else re.escape(delimiter.strip(" ") or delimiter)
        read = Pairs(separators).read(marked, {column(name): text(name) for name in names})
    if definition.quote == "'" or (definition.open_values and definition.quote):
        bare = [pl.col(column(name)).str.strip_prefix(definition.quote) for name in names]
        read = read.with_columns(value.str.strip_suffix(definition.quote) for value in bare)
    none = pl.all_horizontal(pl.col(column(name)).is_null() for name in names)
    rejected = pl.when(none).then(pl.lit("none of the keys is in the line"))
    return rows.hstack(read.select(rejected.alias("rejected"), *(column(name) for name in names)).get_columns())


def _with_plain_pairs(rows: pl.DataFrame, definition: Definition, delimiter: str, names: Sequence[str]) -> pl.DataFrame:
    """Rewrite ``, Key: value`` as ``,Key=value`` for the wanted keys."""
    bare = delimiter.strip(" ")
    if definition.assign == "=" and bare in {"", delimiter}:
        opening = r"[\[({]" if any(" " in name for name in names) else r"[\[({\s]"  # or a message before the pairs
        opened = pl.col("text").str.replace(f"^[^=]*{opening}", "${0}" + bare) if bare else pl.col("text")
        return rows.with_columns(opened.alias("text"))
    keys = "|".join(re.escape(name) for name in sorted(names, key=len, reverse=True))
    before = rf"(?:{re.escape(bare)}\s*|^[^\[]*\[\s*|^\s*)" if bare else r"(?:[\s\[]|^)"
    found = rf"{before}({keys}){re.escape(definition.assign.strip(' ') or definition.assign)}[ \t]*"
    return rows.with_columns(pl.col("text").str.replace_all(found, (bare or " ") + "${1}="))


def cut_objects(rows: pl.DataFrame, definition: Definition, names: Sequence[str]) -> pl.DataFrame:
    """Split one JSON object per line; a dotted name also means a nested member."""
    del definition
    records = [object_of(line) for line in rows["text"]]
    values = {column(name): [_member(record, name) for record in records] for name in names}
    rejected = [None if record is not None else "no object of JSON" for record in records]
    found = pl.DataFrame({"rejected": rejected, **values}, schema=dict.fromkeys(["rejected", *values], pl.String))
    return rows.hstack(found.get_columns())


def object_of(line: str | None) -> dict[str, Any] | None:  # any JSON
    """Return the JSON object in a line, whatever precedes it, or None."""
    text = (line or "")[(line or "").find("{") :]
    try:
        found = msgspec.json.decode(text.rstrip().rstrip(","))
    except (msgspec.MsgspecError, ValueError, RecursionError):
        return None
    return found if isinstance(found, dict) else None


def _member(record: dict[str, Any] | None, name: str) -> str | None:  # any JSON
    found: Any = record
    if isinstance(found, dict) and name not in found:
        for step in name.split("."):
            found = _step(found, step)
    elif isinstance(found, dict):
        found = found[name]
    return _as_text(found)


def _step(found: Any, step: str) -> Any:  # any JSON
    if isinstance(found, list) and step.isdecimal() and step.isascii() and len(step) < 6:
        return found[int(step)] if int(step) < len(found) else None
    return found.get(step) if isinstance(found, dict) else None


def _as_text(value: Any) -> str | None:  # any JSON
    match value:
        case None | dict() | list():
            return None
        case bool():
            return "true" if value else "false"
        case float() if value.is_integer() and abs(value) < 1e16:
            return str(int(value))
    return str(value).encode("utf-8", "replace").decode()


def cut_cef(rows: pl.DataFrame, definition: Definition, names: Sequence[str]) -> pl.DataFrame:
    """Split CEF lines, including those that lost their ``CEF:``."""
    del definition
    line = pl.col("text")
    is_cef = (line.str.contains(CEF_START) | line.str.contains(CEF_LOST_PREFIX)).fill_null(value=False)
    values = extension(rows, [], [name for name in names if name not in CEF_HEADER])
    heads = cut_n(rows.select(line.str.head(_HEADER_CHARACTERS)), "text", "|", [*("_", *CEF_HEADER), "rest"])
    wanted = [heads[name].alias(column(name)) for name in CEF_HEADER if name in names]
    found = rows.with_columns(
        pl.when(~is_cef).then(pl.lit("not a CEF line")).alias("rejected"),
        *(values[name].alias(column(name)) for name in values.columns),
        *wanted,
    )
    return _completed(found, names)


def cut_leef(rows: pl.DataFrame, definition: Definition, names: Sequence[str]) -> pl.DataFrame:
    """Split LEEF lines with any delimiter."""
    del definition
    heads = cut_head(rows)
    strange = heads["delimiter"].is_null()
    own = {column(name): text(name) for name in names if name not in LEEF_HEADER}
    read = read_attributes(heads.filter(~strange), own).select("line", *own)
    wanted = [heads[name].alias(column(name)) for name in LEEF_HEADER if name in names]
    rejected = pl.when(pl.lit(strange)).then(pl.lit("not a LEEF line")).alias("rejected")
    found = rows.with_columns(rejected, *wanted)
    return _completed(found.join(read, on="line", how="left", maintain_order="left"), names)


def cut_groups(rows: pl.DataFrame, definition: Definition, names: Sequence[str]) -> pl.DataFrame:
    """Split lines by regular expressions; the first match wins."""
    done: list[pl.DataFrame] = []
    looked_at = pl.col("text").str.head(_LONGEST_MATCHED)
    for pattern in definition.patterns:
        fits = rows.select(looked_at.str.contains(pattern).fill_null(value=False)).to_series()
        done.append(_grouped(rows.filter(fits), looked_at.str.extract_groups(pattern), names))
        rows = rows.filter(~fits)
    none = rows.with_columns(pl.lit("no pattern matches").alias("rejected"))
    return pl.concat([*done, _completed(none, names)]).sort("line")


def _grouped(rows: pl.DataFrame, groups: pl.Expr, names: Sequence[str]) -> pl.DataFrame:
    found = rows.select(groups.alias("_groups"))["_groups"]
    rows = rows.with_columns(pl.lit(None, pl.String).alias("rejected"))
    present = [field.name for field in found.dtype.fields] if isinstance(found.dtype, pl.Struct) else []
    return _completed(
        rows.with_columns(found.struct.field(name).alias(column(name)) for name in names if name in present), names
    )


def cut_columns(
    rows: pl.DataFrame, definition: Definition, places: Mapping[str, int], names: Sequence[str]
) -> pl.DataFrame:
    """Split lines at unquoted delimiters; ``places`` gives the positions of the columns, from 0."""
    rows = rows.with_columns(pl.lit(None, pl.String).alias("rejected"))
    wanted = {name: places[name] for name in names if name in places}
    if not wanted:
        return _completed(rows, names)
    delimiter = delimiter_of(definition)
    shielded = [shield(line or "", definition) for line in rows["text"]]
    last = max(wanted.values())
    parts = cut(
        pl.DataFrame({"text": shielded}, schema={"text": pl.String}),
        "text",
        delimiter,
        [f"_{place}" for place in range(last + 1)],
    )
    few = pl.when(pl.lit(parts[f"_{last}"].is_null())).then(pl.lit(f"fewer than {last + 1} columns"))
    values = [unquoted(parts[f"_{place}"], definition).alias(column(name)) for name, place in wanted.items()]
    return _completed(rows.with_columns(few.alias("rejected"), *values), names)


def cut_w3c(rows: pl.DataFrame, layout: Layout, names: Sequence[str]) -> pl.DataFrame:
    """Split lines below a ``#Fields`` line."""
    present = [name for name in names if name.lower() in layout.names]
    read = cut_fields(rows, layout, list(dict.fromkeys(name.lower() for name in present)))
    found = rows.join(read.select("line", "rejected", *_renamed(present)), on="line", how="left", maintain_order="left")
    return _completed(found, names)


def _renamed(names: Sequence[str]) -> list[pl.Expr]:
    return [pl.col(name.lower()).alias(column(name)) for name in names]


def _completed(rows: pl.DataFrame, names: Sequence[str]) -> pl.DataFrame:
    """Return rows with a column for every field, in a fixed order."""
    rows = completed(rows, map(column, names))
    kept = [name for name in ("line", "header", "text", "rejected") if name in rows.columns]
    return rows.select(*kept, *(column(name) for name in names))


BY_KIND: Final = {
    "pairs": cut_pairs,
    "json": cut_objects,
    "cef": cut_cef,
    "leef": cut_leef,
    "regex": cut_groups,
}
"""The kinds for which a line alone suffices; the others also need what stands above it."""
