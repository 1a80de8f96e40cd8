"""Read W3C extended logs: Blue Coat (Symantec ProxySG, Edge SWG) and others (log-formats §5, BLUECOAT, GENERIC_W3C)."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import partial
from typing import Final

import polars as pl

from opencasb.discovery.formats.base import Format, ParseContext, Parser, Work, nothing
from opencasb.discovery.formats.bluecoat_orders import cut_orders, cut_with_more
from opencasb.discovery.formats.bluecoat_pairs import PAIR, SIGNATURE, cut_pairs
from opencasb.discovery.formats.elff import FIELDS, MOST_FIELDS, Layout, cut_fields, cut_line
from opencasb.discovery.formats.followed_urls import with_urls
from opencasb.discovery.formats.normalise import finished, normalise
from opencasb.discovery.formats.signature import unrecognisable
from opencasb.discovery.formats.w3c_fields import BLUECOAT, GENERIC, Dialect, lacking, mapped
from opencasb.discovery.formats.wrappers import HEADER, unwrap

MOST_LAYOUTS: Final = 100
"""Distinct ``#Fields`` lines per file; lines under further ones are rejected, so that a hostile file cannot stall us.
"""

_UNORDERED: Final = "in no usual order of fields, and no #Fields line above"

_DIRECTIVE: Final = r"#[A-Za-z-]+:"
_START: Final = rf"{_DIRECTIVE}|\d{{4}}-\d\d-\d\d[ \t]\d\d:\d\d:\d\d[ \t]"
_TIMED_START: Final = rf"{_START}|\b\d{{10}}(?:\.\d{{1,6}})?[ \t]"
"""If the time comes first, it may be in seconds since the epoch."""
_UNDATED: Final = rf"(?i:{FIELDS})\s*(?:[^d\s]|d[^a]|da[^t])"
"""A ``#Fields`` line that does not begin with the date."""
_DATE, _TIME, _RELAYED_TIME, _OTHER = "date", "time", "relayed time", "other"
"""What lines begin with, according to their ``#Fields`` line."""
_TAG: Final = r"^[\w./-]{1,48}: "
_BRACKETED: Final = r"(^|\s)\[(\d\d/\w{2,3}/\d{4}:\d\d:\d\d:\d\d [^\]\s]+)\]"
"""Times as written by ``localtime`` and ``gmttime``, with an unquoted blank."""
_RESULT: Final = "(?:OBSERVED|PROXIED|DENIED)"
_MAIN: Final = re.compile(
    r'(?:^|\s)\d{4}-\d\d-\d\d \d\d:\d\d:\d\d (?:"[^"]*" )?\d+ \S+ '
    rf"(?:.*{_RESULT} .* (?:TCP_[A-Z_]+|\d{{1,3}} [A-Z_]{{4,}}) |\d{{1,3}} [A-Z_]+ -?\d+ -?\d+ \S+ .*{_RESULT} )",
    re.ASCII,
)


class W3c(Parser):
    """Read one file or stream; remember its ``#Fields`` line."""

    def __init__(self, dialect: Dialect, context: ParseContext) -> None:
        super().__init__(context)
        self._dialect = dialect
        self._fields = ""
        self._relayed = False
        self._layouts: dict[str, Layout | str] = {"": _without_fields(dialect)}

    def begin(self, lines: pl.DataFrame) -> Work:
        """Find the ``#Fields`` line above each line of a batch; most batches have none."""
        if not lines["text"].str.contains("#", literal=True).any():
            beginning = self._beginning(self._fields, relayed=self._relayed)
            return partial(self._under, lines, beginning, self._layout(self._fields))
        return partial(self._read, list(self._parts(self._unwrapped(lines))))

    def _under(self, lines: pl.DataFrame, beginning: str, layout: Layout | str) -> pl.DataFrame:
        return self._read([(self._without_wrappers(lines, beginning), layout)])

    def _read(self, parts: Sequence[tuple[pl.DataFrame, Layout | str | None]]) -> pl.DataFrame:
        return pl.concat([nothing(), *(frame for part in parts for frame in self._records(*part))])

    def _unwrapped(self, lines: pl.DataFrame) -> pl.DataFrame:
        """Return the lines unwrapped as the ``#Fields`` line above each requires."""
        heads = lines.filter(pl.col("text").str.contains(f"(?i:{FIELDS})"))
        beginnings = [self._beginning(head, relayed=not head.lstrip().startswith("#")) for head in heads["text"]]
        known = self._fields or not beginnings
        above = self._beginning(self._fields, relayed=self._relayed) if known else beginnings[0]
        if {*beginnings} <= {above}:
            return self._without_wrappers(lines, above)
        told = heads.select("line", beginning=pl.Series(beginnings))
        beginning = pl.col("beginning").forward_fill().fill_null(above)
        lines = lines.join(told, on="line", how="left", maintain_order="left").with_columns(beginning)
        parts = lines.partition_by("beginning", as_dict=True, include_key=False)
        return pl.concat(self._without_wrappers(part, str(form)) for (form,), part in parts.items()).sort("line")

    def _without_wrappers(self, lines: pl.DataFrame, beginning: str) -> pl.DataFrame:
        """Return lines without wrappers; neither is their own ISO time one, nor a date inside their start."""
        if beginning == _OTHER:
            return untagged(unwrap(lines, _DIRECTIVE))
        if beginning == _RELAYED_TIME:
            return unwrap(lines, _TIMED_START)
        if beginning == _DATE:
            return unwrap(lines, _START)
        own = lines.select(pl.col("text").str.contains(r"^\d{4}-\d\d-\d\dT")).to_series()
        kept = lines.filter(own).select("line", pl.lit(None, pl.String).alias(HEADER), "text")
        return pl.concat([kept, unwrap(lines.filter(~own), _START)]).sort("line")

    def _beginning(self, fields: str, *, relayed: bool) -> str:
        """Tell how lines under a ``#Fields`` line begin; ``relayed`` says that it arrived in a wrapper, as they do."""
        if re.search(rf"(?i:{FIELDS})\s*(?:{'|'.join(self._dialect.times)})\s", fields):
            return _RELAYED_TIME if relayed else _TIME
        return _OTHER if re.search(_UNDATED, fields) else _DATE

    def _parts(self, rows: pl.DataFrame) -> Iterator[tuple[pl.DataFrame, Layout | str | None]]:
        """Yield the lines under each ``#Fields`` line of the batch, and under the one before it, with their layout.

        The layout is None for directives, or a text that says why lines cannot be read.
        """
        text = pl.col("text")
        comment = rows.select(text.str.starts_with("#").fill_null(value=False)).to_series()
        if not comment.any():
            yield rows, self._layout(self._fields)
            return
        yield rows.filter(comment), None
        is_fields = text.str.head(len(FIELDS)).str.to_lowercase() == FIELDS
        rows = rows.with_columns(pl.when(is_fields).then(text).forward_fill().fill_null(self._fields).alias("fields"))
        for (fields,), group in rows.filter(~comment).group_by("fields", maintain_order=True):
            yield group.drop("fields"), self._layout(str(fields))
        self._fields = str(rows["fields"].last())
        wrappers = rows.filter(is_fields)[HEADER]
        self._relayed = wrappers[-1] is not None if len(wrappers) else self._relayed

    def _records(self, rows: pl.DataFrame, layout: Layout | str | None) -> Iterator[pl.DataFrame]:
        if layout is None:
            yield finished(rows, ignored="comment")
            return
        if layout is self._layouts[""] and self._dialect.default:  # the key=value form has no header
            is_pairs = rows["text"].str.contains(PAIR).fill_null(value=False)
            if is_pairs.any():
                yield with_urls(self._pairs, rows.filter(is_pairs), self._context)
                rows = rows.filter(~is_pairs)
        if isinstance(layout, str):
            yield finished(rows, rejected=layout)
            return
        yield with_urls(partial(self._cut, layout), rows, self._context)

    def _cut(self, layout: Layout, rows: pl.DataFrame, context: ParseContext) -> pl.DataFrame:
        wanted = self._dialect.wanted(with_url=context.want_url)
        if not {*self._dialect.times}.isdisjoint(layout.names):
            rows = rows.with_columns(pl.col("text").str.replace(_BRACKETED, '$1"$2"'))
        if layout is self._layouts[""]:
            unread = pl.when(pl.col("rejected").is_not_null()).then(pl.lit(_UNORDERED)).alias("rejected")
            parts = (fields.with_columns(unread) for fields in cut_orders(rows, wanted))
            return pl.concat(self._transactions(fields, context) for fields in parts)
        names = [name for name in wanted if name in layout.names]
        cut = cut_with_more if self._dialect.default else cut_fields
        return self._transactions(cut(rows, layout, names), context)

    def _pairs(self, rows: pl.DataFrame, context: ParseContext) -> pl.DataFrame:
        return self._transactions(cut_pairs(rows, self._dialect), context)

    def _transactions(self, fields: pl.DataFrame, context: ParseContext) -> pl.DataFrame:
        return normalise(mapped(fields, self._dialect, context), context, encoded_users=True)

    def _layout(self, fields: str) -> Layout | str:
        """Return the layout of a ``#Fields`` line, or why the lines under it cannot be read."""
        known = self._layouts.get(fields)
        if known is None:
            if len(self._layouts) > MOST_LAYOUTS:
                return f"more than {MOST_LAYOUTS} different #Fields lines in one file"
            layout = Layout.of(fields)  # one that names nothing ends the previous one
            known = _checked(layout, self._dialect) if any(layout.names) else self._layouts[""]
            self._layouts[fields] = known
        return known


def untagged(rows: pl.DataFrame) -> pl.DataFrame:
    """Strip tags that look like messages (``TMG: ``) from wrapped lines that do not begin with a time."""
    if rows[HEADER].null_count() == rows.height:
        return rows
    text = pl.col("text")
    return rows.with_columns(pl.when(pl.col(HEADER).is_not_null()).then(text.str.replace(_TAG, "")).otherwise(text))


def _without_fields(dialect: Dialect) -> Layout | str:
    return Layout(dialect.default, " ") if dialect.default else "no #Fields line before this line"


def _checked(layout: Layout, dialect: Dialect) -> Layout | str:
    if len(layout.names) > MOST_FIELDS:
        return f"the #Fields line has more than {MOST_FIELDS} fields"
    return lacking(layout.names, dialect) or layout


def _recognise_bluecoat(lines: list[str]) -> tuple[float, str]:
    fields = [set(Layout.of(line).names) for line in lines if line.lower().startswith(FIELDS)]
    is_ours = any(line.startswith("#Software: SGOS") for line in lines)
    if fields and is_ours:
        return share_below_fields(lines), "#Software: SGOS"
    if any({"s-action", "sc-filter-result"} <= names for names in fields):
        return share_below_fields(lines), "#Fields with s-action and sc-filter-result"
    hits = sum(
        1 for line in lines if SIGNATURE.search(line) or _MAIN.search(line) or (is_ours and line.startswith("#"))
    )
    return hits / max(len(lines), 1), f"{hits} of {len(lines)} lines are in a Blue Coat layout"


def _recognise_w3c(lines: list[str]) -> tuple[float, str]:
    return share_below_fields(lines), "lines of the length that #Fields says"


def share_below_fields(lines: list[str]) -> float:
    """Return the share of lines that are directives or have as many fields as the ``#Fields`` line above them."""
    hits, layout = 0, None
    for line in (re.sub(_BRACKETED, r'\1"\2"', line) for line in lines):
        if line.lower().startswith(FIELDS):
            layout = Layout.of(line)
        hits += line.startswith("#") or (
            layout is not None and len(cut_line(line, layout.separator)) == len(layout.names)
        )
    return hits / max(len(lines), 1) if layout is not None else 0.0


FORMATS: Final = (
    Format(
        sources=("BLUECOAT", "BLUECOAT_SYSLOG"),
        recognise=_recognise_bluecoat,
        open=partial(W3c, BLUECOAT),
        rank=7,
    ),
    Format(
        sources=("GENERIC_W3C", "GENERIC_W3C_SYSLOG"),
        recognise=_recognise_w3c,
        open=partial(W3c, GENERIC),
        rank=11,
    ),
    Format(
        sources=("BARRACUDA",),  # a web application firewall's export, indistinguishable from other W3C logs
        recognise=unrecognisable,
        open=partial(W3c, GENERIC),
        rank=12,
    ),
)
