"""Turn JSON objects that a firewall writes in place of its usual line, with the same fields, into that line."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

import msgspec
import polars as pl

Members = Mapping[str, Any]  # values of any type

_object: Final = msgspec.json.Decoder(dict[str, Any])


def as_lines(lines: pl.DataFrame, mark: str, write: Callable[[Members], str]) -> pl.DataFrame:
    """Rewrite ``lines`` (``text``) that are objects containing ``mark`` with ``write``, keeping headers before them.

    Text that only looks like an object is left as it is.
    """
    at = lines.select(pl.col("text").str.contains(mark, literal=True).fill_null(value=False)).to_series().arg_true()
    if at.is_empty():
        return lines
    written = pl.Series([_line(text, write) for text in lines["text"].gather(at)], dtype=pl.String)
    return lines.with_columns(lines["text"].scatter(at, written))


def _line(text: str, write: Callable[[Members], str]) -> str:
    header, brace, rest = text.partition("{")
    try:
        return header + write(_object.decode(brace + rest))
    except (msgspec.DecodeError, ValueError, RecursionError):
        return text


def quoted(value: object) -> str:
    """Return a member's value in quotes, escaped as in key=value pairs."""
    return '"' + plain(value).replace("\\", "\\\\").replace('"', '\\"') + '"'


def plain(value: object) -> str:
    """Return a member's value as text, empty for null, objects and lists."""
    return "" if value is None or isinstance(value, dict | list) else str(value)
