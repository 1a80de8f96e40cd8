"""Read Check Point's logs exported as XML (log-formats §5, CHECKPOINT_XML).

The layout is not publicly documented: each record is an element whose fields are attributes, child elements named after
them, or children with the name in an attribute. Markup is only searched, never expanded.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterator, Mapping
from functools import partial
from typing import Final

import polars as pl

from opencasb.discovery.formats.base import Format, ParseContext, Parser, Work
from opencasb.discovery.formats.checkpoint_fields import FIELDS, judged
from opencasb.discovery.formats.checkpoint_xml_alike import read_alike
from opencasb.discovery.formats.normalise import finished, normalise
from opencasb.discovery.formats.records import CONTINUED, Records
from opencasb.discovery.formats.stamps import read_times
from opencasb.discovery.formats.values import rewritten
from opencasb.discovery.formats.wrappers import unwrap

_TAG: Final = re.compile(r"<(/?)([A-Za-z_][\w.:-]*)([^<>]*?)(/?)>", re.ASCII)
_IS_SOURCE: Final = re.compile(r"""(?i)\s(?:src|source)\s*=\s*["']""")
_DOUBLE: Final = ('"([^"<]*)"',)
_EITHER: Final = (*_DOUBLE, "'([^'<]*)'")
"""A value ends at the quote it began with; few files use single quotes."""
_NAMES_SOURCE: Final = re.compile(r"""(?i)\sname\s*=\s*["'](?:src|source)["']""")
_NAMED: Final = r"(?i)\sname\s*="
_USUAL: Final = r"(?i)<(?:log|record|row|entry|event|log_?entry|log_?record)[\s>/]"
_NAMES: Final = {name: tuple(key.replace(" ", "_") for key in keys) for name, keys in FIELDS.items()}
_MOST_ALIKE: Final = 4
"""Layouts of records that are read in bulk."""

_LOOKED_AT: Final = 200_000
"""Characters searched for the element of a record."""


class CheckPointXml(Parser):
    """Read records that occupy one line or several; several in one line are not separated."""

    def __init__(self, context: ParseContext) -> None:
        super().__init__(context)
        self._start = ""
        self._records = Records(_USUAL)

    def begin(self, lines: pl.DataFrame) -> Work:
        """Find the element of records, and join their lines."""
        if not self._start and lines.height:
            head = "\n".join(text or "" for text in lines["text"].head(2000))[:_LOOKED_AT]
            found = record_element(head)
            self._start = rf"<{re.escape(found)}[\s>/]" if found else _USUAL
            self._records = Records(self._start)
        return partial(self._read, *self._records.take(lines))

    def unread(self) -> pl.DataFrame:
        """Return the lines of the last record."""
        return self._records.held

    def finish(self) -> pl.DataFrame:
        """Return the last record."""
        last = self._records.finish()
        return super().finish() if last is None else self._read(*last)

    def _read(self, records: pl.DataFrame, joined: pl.DataFrame) -> pl.DataFrame:
        rows = unwrap(records, "<[A-Za-z?!/]")
        count = rows["text"].str.count_matches(self._start or _USUAL).fill_null(0)
        if (count == 1).all():
            return pl.concat([finished(joined, ignored=CONTINUED), self._transactions(rows)])
        single, many, others = rows.filter(count == 1), rows.filter(count > 1), rows.filter(count == 0)
        is_markup = others.select(pl.col("text").str.contains(r"^\s*<[A-Za-z?!/]").fill_null(value=False)).to_series()
        done = [
            finished(joined, ignored=CONTINUED),
            finished(many, rejected="several records in one line"),
            finished(others.filter(is_markup), ignored="markup around the records"),
            finished(others.filter(~is_markup), rejected="not a record in XML"),
        ]
        return pl.concat([*done, self._transactions(single)])

    def _transactions(self, rows: pl.DataFrame) -> pl.DataFrame:
        rows = pl.concat(_fields(rows))
        rows = rows.with_columns(_plain(rows[name]) for name in FIELDS)
        written = rows.select(pl.coalesce(pl.col("date") + " " + pl.col("time"), "time").alias("time")).to_series()
        times = read_times(written, self._context).alias("timestamp")
        return normalise(judged(rows.with_columns(times)), self._context)


def _fields(rows: pl.DataFrame) -> Iterator[pl.DataFrame]:
    """Yield the records with FIELDS, character references still encoded, those with the same layout first."""
    for _ in range(_MOST_ALIKE):
        read, rows = read_alike(rows, _NAMES)
        yield read
        if read.is_empty() or rows.is_empty():
            break
    if rows.height:
        markup = _markup(rows["text"])
        spellings = _spellings(markup)
        yield rows.with_columns(_value(markup, spellings, names).alias(name) for name, names in FIELDS.items())


def record_element(text: str) -> str | None:
    """Return the name of the record element: the one whose attribute or child is the source address."""
    parents: list[str] = []
    for close, name, attributes, empty in _TAG.findall(text):
        if close:
            if name in parents:
                del parents[len(parents) - 1 - parents[::-1].index(name) :]
            continue
        if _IS_SOURCE.search(attributes):
            return str(name)
        if parents and (name.lower() in FIELDS["source"] or _NAMES_SOURCE.search(attributes)):
            return parents[-1]
        if not empty and len(parents) < 100:
            parents.append(name)
    return None


def _markup(texts: pl.Series) -> pl.Series:
    """Return the distinct records without their values: names are searched for in these few, not in every line."""
    if texts.str.contains(_NAMED).any():  # names are values
        return texts
    bare = texts.str.replace_all(r'"[^"]*"', '""').str.replace_all(r"'[^']*'", "''")
    return bare.str.replace_all(">[^<]*<", "><").unique()


def _value(markup: pl.Series, spellings: Mapping[str, set[str]], names: tuple[str, ...]) -> pl.Expr:
    text = pl.col("text")
    found: list[pl.Expr] = []
    named = markup.str.contains(_NAMED).any()
    nested = markup.str.contains("</", literal=True).any()
    values = _DOUBLE if not markup.str.contains(r"=\s*'").any() else _EITHER
    for name in names:
        if name not in spellings:
            continue
        spelt = f"(?:{'|'.join(map(re.escape, sorted(spellings[name])))})"
        found += [text.str.extract(rf"\s{spelt}\s*=\s*{value}") for value in values]
        if nested:
            found.append(text.str.extract(rf"<{spelt}(?:\s[^<>]*)?>([^<]*)</"))
        if not named:
            continue
        head = rf"""(?i)\sname\s*=\s*["']{spelt}["']"""
        found += [text.str.extract(rf"{head}[^<>]*?\svalue\s*=\s*{value}") for value in values]
        found.append(text.str.extract(rf"{head}[^<>/]*>([^<]*)</"))
    return pl.coalesce(pl.lit(None, pl.String), *found)


def _spellings(markup: pl.Series) -> dict[str, set[str]]:
    """Return how names are written; searching for these spellings is faster than ignoring case."""
    names = sorted({name for names in FIELDS.values() for name in names}, key=len, reverse=True)
    pattern = "|".join(re.escape(name).replace(r"\ ", "[ _]") for name in names)
    known = {name.replace(" ", "_"): name for name in names}
    found: dict[str, set[str]] = {}
    for written in markup.str.extract_all(rf"(?i)\b(?:{pattern})\b").explode(empty_as_null=True).unique().drop_nulls():
        found.setdefault(known[written.casefold().replace(" ", "_")], set()).add(written)
    return found


def _plain(values: pl.Series) -> pl.Series:
    """Decode character references."""
    return rewritten(
        values,
        values.str.contains("&", literal=True),
        lambda text: html.unescape(text).encode("utf-8", "replace").decode(),
    )


def _recognise(lines: list[str]) -> tuple[float, str]:
    if not lines or not lines[0].lstrip("\ufeff ").startswith("<"):
        return 0.0, "no XML"
    text = "\n".join(lines)
    ours = record_element(text[:_LOOKED_AT]) is not None and re.search(
        r"(?i)VPN-1 (?:&amp;|&) FireWall-1|\b(?:origin|orig|i/f_name|ifname|rule_uid|s_port|product)\b", text
    )
    hits = sum(1 for line in lines if line.lstrip().startswith("<")) if ours else 0
    return hits / len(lines), f"{hits} of {len(lines)} lines are XML with Check Point's fields"


FORMATS: Final = (Format(sources=("CHECKPOINT_XML",), recognise=_recognise, open=CheckPointXml, rank=31),)
