"""Delimited columns, where delimiters inside quotes and brackets do not separate."""

from __future__ import annotations

import re
from functools import partial
from typing import Final

import polars as pl

from opencasb.discovery.custom.definition import Definition

_SHIELD: Final = "\ue000"
"""Replaces a delimiter inside a quoted value: a character without meaning, which no log contains."""


def delimiter_of(definition: Definition) -> str:
    """Return the column delimiter."""
    return definition.delimiter or ","


def shield(line: str, definition: Definition) -> str:
    """Return a line with delimiters inside quotes and brackets masked, and repeated ones collapsed."""
    delimiter = delimiter_of(definition)
    if (definition.quote and definition.quote in line) or (definition.brackets and "[" in line):
        line = _held(definition).sub(partial(_hidden, delimiter), line)
    if definition.repeated:
        line = re.sub(rf"(?:{re.escape(delimiter)})+", lambda _: delimiter, line.strip(delimiter))
    return line


def cells(line: str, definition: Definition) -> list[str]:
    """Split one line into its columns."""
    found = shield(line, definition).split(delimiter_of(definition))
    texts: list[str] = unquoted(pl.Series(found, dtype=pl.String), definition).to_list()
    return texts


def _held(definition: Definition) -> re.Pattern[str]:
    quote, before = definition.quote, re.escape(delimiter_of(definition))
    quoted = rf"{quote}(?:[^{quote}\\]|\\.|{quote}{quote})*{quote}" if quote else ""
    bracketed = r"\[[^\[\]]*\]" if definition.brackets else ""
    # Bounded and without nesting, so that every line takes linear time.
    return re.compile(rf"(?:^|(?<={before})) {{0,8}}(?:{'|'.join(filter(None, (quoted, bracketed)))})")


def _hidden(delimiter: str, held: re.Match[str]) -> str:
    return held[0].replace(delimiter, _SHIELD)


def unquoted(field: pl.Series, definition: Definition) -> pl.Series:
    """Return values without surrounding blanks and quotes."""
    field = field.str.strip_chars(" ")
    if definition.brackets:
        held = field.str.starts_with("[") & field.str.ends_with("]")
        field = field.zip_with(~held.fill_null(value=False), field.str.strip_prefix("[").str.strip_suffix("]"))
    if definition.quote:
        quote = definition.quote
        quoted = (field.str.starts_with(quote) & field.str.ends_with(quote)).fill_null(value=False)
        inner = field.str.strip_prefix(quote).str.strip_suffix(quote)
        inner = inner.str.replace_all(quote * 2, quote, literal=True).str.replace_all(rf"\\([\\{quote}])", "$1")
        field = field.zip_with(~quoted, inner)
    return field.str.replace_all(_SHIELD, delimiter_of(definition), literal=True).cast(pl.String)
