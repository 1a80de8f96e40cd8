"""Read the ``#Fields`` line of Extended Log File Format and split lines by it (log-formats §2, W3C / ELFF).

Fields are separated by one blank or one tab; a quoted field may contain blanks.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import polars as pl

from opencasb.discovery.formats.fields import cut_as_csv

FIELDS: Final = "#fields:"
"""How the line with the names begins, in lower case."""

WRONG_COUNT: Final = "not as many fields as the #Fields line names"

MOST_FIELDS: Final = 256
"""Most names in a plausible ``#Fields`` line."""

MOST_LENGTHS: Final = 4
"""Distinct field counts tried for lines without a ``#Fields`` line."""

_END: Final = "\x1e"
_TOKEN: Final = re.compile(r""""((?:[^"\\]|\\.|"")*)"(?=\s|$)|'([^']*)'(?=\s|$)|(\S+)""")
"""A field in quotes, one in single quotes, or a bare one."""
_REGULAR: Final = r'^(?:(?:[^" ][^ ]*|"[^"]*(?:""[^"]*)*")?(?: |$))*$'
_ESCAPED: Final = re.compile(r'\\(["\\])|"(")')


@dataclass(frozen=True, slots=True)
class Layout:
    """The names of a file's fields, in lower case and in order, and their separator."""

    names: tuple[str, ...]
    separator: str

    @classmethod
    def of(cls, line: str) -> Layout:
        """Parse a ``#Fields`` line; names may contain blanks if tabs separate them."""
        named = line[len(FIELDS) :].strip()
        separator = "\t" if "\t" in named else " "
        names = named.lower().split("\t") if separator == "\t" else named.lower().split()
        return cls(tuple(name.strip().strip('"') for name in names), separator)


def cut_fields(rows: pl.DataFrame, layout: Layout, wanted: Sequence[str]) -> pl.DataFrame:
    """Return ``line``, ``header``, the wanted fields, and ``rejected``, set for lines with a wrong field count.

    ``rows`` has ``line``, ``header`` and ``text``; every wanted name is in the layout. An empty ``-`` is kept.
    """
    text = pl.col("text")
    if rows.select(text.str.ends_with(" ").any()).item():
        rows = rows.with_columns(text.str.strip_chars_end(" "))
    even = rows.select(text.str.count_matches('"', literal=True) % 2 == 0).to_series()
    all_even = even.all()
    fields = _together(rows if all_even else rows.filter(even), layout, wanted)
    wrong = fields["wrong"]
    if all_even and not wrong.any():
        return fields.select("line", "header", *wanted, pl.lit(None, pl.String).alias("rejected"))
    singly = _one_by_one(rows.filter(~even), layout, wanted), _one_by_one(fields.filter(wrong), layout, wanted)
    return pl.concat(
        [fields.filter(~wrong).select("line", "header", *wanted, rejected=pl.lit(None, pl.String)), *singly]
    )


def cut_longer(rows: pl.DataFrame, layout: Layout, wanted: Sequence[str]) -> pl.DataFrame:
    """Extend :func:`cut_fields` to lines that have more fields after those of the layout.

    Meant for lines whose order is only assumed: several releases and templates begin alike.
    """
    fields = cut_fields(rows, layout, wanted)
    done: list[pl.DataFrame] = []
    for _ in range(MOST_LENGTHS):
        wrong = fields.filter(pl.col("rejected").is_not_null())["line"]
        left = rows.filter(pl.col("line").is_in(wrong.implode()))
        more = max((len(cut_line(text, layout.separator)) for text in left["text"].head(1)), default=0)
        if not len(layout.names) < more <= MOST_FIELDS:
            break
        done.append(fields.filter(pl.col("rejected").is_null()))
        names = (*layout.names, *(f"_more_{place}" for place in range(len(layout.names), more)))
        fields = cut_fields(left, Layout(names, layout.separator), wanted)
    return pl.concat([*done, fields])


def _together(rows: pl.DataFrame, layout: Layout, wanted: Sequence[str]) -> pl.DataFrame:
    """Return ``rows`` with the wanted fields and ``wrong``, which marks lines with a wrong field count.

    The lines pass through the CSV reader, which is several times as fast as any splitting of columns. All lines must
    have an even number of quotes: an odd one would run on into the next line.
    """
    count = len(layout.names)
    places = {name: layout.names.index(name) for name in wanted}
    text = pl.col("text")
    has_empty = text.str.contains("  ", literal=True) | text.str.starts_with(" ") | (text == "")
    marked = layout.separator == "\t" or rows.select(has_empty.any()).item()
    fields = _as_csv(rows, layout, sorted({*places.values(), count - 1, count}), marked=marked)
    if fields is None:
        return _together_or_wrong(rows, layout, wanted)
    last, behind = pl.col(f"_{count - 1}"), pl.col(f"_{count}")
    wrong = behind.ne_missing(_END) if marked else last.is_null() | behind.is_not_null()
    named = fields.select(wrong.alias("wrong"), *(pl.col(f"_{place}").alias(name) for name, place in places.items()))
    return pl.concat([rows, named], how="horizontal")


def _as_csv(rows: pl.DataFrame, layout: Layout, places: list[int], *, marked: bool) -> pl.DataFrame | None:
    """Return the columns ``_0``, ``_1`` ... of lines at ``places``; None if a line is not CSV.

    Column ``_n`` follows the last field; if ``marked``, it holds an end-of-line mark. Lines without empty fields need
    no mark, which halves the time: a missing field is then null, as an empty one would be.
    """
    lines = rows["text"] + f"{layout.separator}{_END}" if marked else rows["text"]
    try:
        fields = cut_as_csv(lines, layout.separator, places, quote='"')
    except pl.exceptions.PolarsError:  # text follows a closing quote
        return None
    return fields if fields.height == rows.height else None


def _together_or_wrong(rows: pl.DataFrame, layout: Layout, wanted: Sequence[str]) -> pl.DataFrame:
    """Split the lines with CSV quoting together, and leave the others to be split one by one."""
    regular = rows.select(pl.col("text").str.contains(_REGULAR.replace(" ", layout.separator))).to_series()
    nothing = [pl.lit(None, pl.String).alias(name) for name in wanted]
    if regular.all():
        return rows.select(pl.all(), pl.lit(value=True).alias("wrong"), *nothing)
    others = rows.filter(~regular).select(pl.all(), pl.lit(value=True).alias("wrong"), *nothing)
    return pl.concat([_together(rows.filter(regular), layout, wanted), others])


def _one_by_one(rows: pl.DataFrame, layout: Layout, wanted: Sequence[str]) -> pl.DataFrame:
    """Split lines with irregular quotes in Python, at a few microseconds per line."""
    count = len(layout.names)
    cuts = [
        fields if len(fields) == count else None
        for fields in (cut_line(text or "", layout.separator) for text in rows["text"])
    ]
    places = {name: layout.names.index(name) for name in wanted}
    values = {name: [fields and fields[place] for fields in cuts] for name, place in places.items()}
    fields = pl.DataFrame(values, schema=dict.fromkeys(wanted, pl.String))
    wrong = pl.Series("rejected", [None if fields else WRONG_COUNT for fields in cuts], pl.String)
    return pl.concat([rows.select("line", "header"), fields, wrong.to_frame()], how="horizontal")


def cut_line(text: str, separator: str) -> list[str]:
    """Return the fields of one line."""
    if separator == "\t":
        return [part.strip('"') for part in text.split("\t")]
    return [
        bare or single or _ESCAPED.sub(lambda hit: hit[1] or hit[2], quoted)
        for quoted, single, bare in _TOKEN.findall(text)
    ]
