"""Field orders that Blue Coat appliances use when they write no ``#Fields`` line (log-formats §5, BLUECOAT).

The header line is lost over syslog. An appliance ships with several formats, and administrators append fields to them;
the position of a field with a small vocabulary tells which format a line is in.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

import polars as pl

from opencasb.discovery.formats.elff import WRONG_COUNT, Layout, cut_fields, cut_longer

_FIELD: Final = r'(?:"[^"]*"|[^ "]+) '
_RESULT: Final = r"(?:OBSERVED|PROXIED|DENIED) "
_TIME: Final = r"^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d "
_START: Final = rf"{_TIME}\d+ "
_TENANT: Final = r"^\d+ (\d{4}-\d\d-\d\d )"
"""The cloud's records begin with the customer number."""
_HEAD: Final = ("date", "time", "time-taken", "c-ip")
_ASKED: Final = ("cs-uri-scheme", "cs-host", "cs-uri-port", "cs-uri-path", "cs-uri-query")
_ANSWERED: Final = (
    "sc-filter-result", "cs-categories", "cs(referer)", "sc-status", "s-action", "cs-method", "rs(content-type)",
    *_ASKED, "cs-uri-extension", "cs(user-agent)", "s-ip", "sc-bytes", "cs-bytes",
)  # fmt: skip
_SUPPLIED: Final = (
    *_HEAD, "cs-username", "cs-auth-group", "s-supplier-name", "s-supplier-ip", "s-supplier-country",
    "s-supplier-failures", "x-exception-id",
)  # fmt: skip
_CLOUD: Final = (
    "date", "time", "x-bluecoat-appliance-name", "time-taken", "c-ip", "cs-userdn", "cs-auth-groups", "x-exception-id",
    *_ANSWERED, "x-icap-reqmod-header(x-icap-metadata)", "x-icap-respmod-header(x-icap-metadata)",
    "x-data-leak-detected", "x-virus-id", "x-bluecoat-location-id", "x-bluecoat-location-name",
    "x-bluecoat-access-type", "x-bluecoat-application-name", "x-bluecoat-application-operation", "r-ip",
)  # fmt: skip
"""The cloud's order (Web Security Service), after the customer number."""
_OF_SSL: Final = tuple(name for name in _ANSWERED if name not in {"cs(referer)", "cs-uri-path", "cs-uri-query"})
_OLD: Final = (
    *_HEAD, "sc-status", "s-action", "sc-bytes", "cs-bytes", "cs-method", *_ASKED, "cs-username", "cs-auth-group",
    "s-hierarchy", "s-supplier-name", "rs(content-type)", "cs(referer)",
)  # fmt: skip
_OLDEST: Final = (
    *(name for name in _OLD if name not in {"cs-uri-port", "cs-auth-group", "cs(referer)"}),
    "cs(user-agent)", "sc-filter-result", "sc-filter-category", "x-virus-id", "s-ip", "s-sitename",
)  # fmt: skip
"""The order of SGOS 3 and 4."""

MAIN: Final = (*_HEAD, "cs-username", "cs-auth-group", "x-exception-id", *_ANSWERED, "x-virus-id")
"""The usual order."""

_OF_SERVER: Final = tuple({"sc-bytes": "sr-bytes", "cs-bytes": "rs-bytes"}.get(name, name) for name in MAIN)
"""The format that Microsoft Sentinel's documentation recommends has the bytes exchanged with the server in place of
those exchanged with the client.
"""
_QUOTED: Final = '"[^"]*" '
_REPEATED_PORT: Final = (
    rf"{_START}(?:{_FIELD}){{4}}{_RESULT}{_FIELD}{_QUOTED}(?:{_FIELD}){{3}}{_QUOTED}(?:{_FIELD}){{2}}(\d+) "
    rf"(?:{_FIELD}){{5}}(?:[\d-]+ ){{2}}(?:{_FIELD}){{3}}(\d+) {_FIELD}[^ ]+ *$"
)
"""Its lines have the port twice, which is captured, and quotes around referrer and media type even if these are empty.
Lines with the same fields at their end, but not these marks, are in the usual order.
"""

_RESULTS: Final = ("OBSERVED", "PROXIED", "DENIED")

_TYPED: Final = {
    "c-ip": r"^(?:\d+\.){3}\d+$|:.*:",
    "sc-filter-result": rf"^(?:{'|'.join(_RESULTS)}|-)$",
    "sc-status": r"^(?:\d{1,3}|-)$",
    "sc-bytes": r"^(?:\d+|-)$",
    "cs-bytes": r"^(?:\d+|-)$",
}
"""Fields that confirm that no extra blank precedes them."""
_LEAST_TYPED: Final = 3


@dataclass(frozen=True, slots=True)
class Order:
    """A field order, and the pattern with which its lines begin.

    If ``repeats``, the pattern has two groups, which must capture the same text.
    """

    start: str
    names: tuple[str, ...]
    repeats: bool = False

    def fits(self) -> pl.Expr:
        """Tell which lines ``text`` are in this order."""
        groups = pl.col("text").str.extract_groups(self.start).struct
        found = groups[0] == groups[1] if self.repeats else pl.col("text").str.contains(self.start)
        return found.fill_null(value=False)


ORDERS: Final = (
    Order(rf"{_TIME}\"[^\"]*\" \d+ (?:{_FIELD}){{4}}{_RESULT}", _CLOUD),
    Order(_REPEATED_PORT, _OF_SERVER, repeats=True),
    Order(rf"{_START}(?:{_FIELD}){{4}}{_RESULT}", MAIN),
    Order(rf"{_START}(?:{_FIELD}){{8}}{_RESULT}{_FIELD}\d{{1,3}} [A-Z_]+ ", (*_SUPPLIED, *_OF_SSL)),
    Order(rf"{_START}(?:{_FIELD}){{8}}{_RESULT}", (*_SUPPLIED, *_ANSWERED)),
    Order(rf"{_START}[^ ]+ \d{{1,3}} (?:{_FIELD}){{13}}{_RESULT}", _OLDEST),
    Order(rf"{_START}[^ ]+ \d{{1,3}} (?:{_FIELD}){{15}}{_RESULT}", (*_OLD, "sc-filter-result", "cs-categories")),
    Order(
        rf"{_START}[^ ]+ \d{{1,3}} (?:{_FIELD}){{16}}{_RESULT}",
        (*_OLD, "cs(user-agent)", "sc-filter-result", "cs-categories"),
    ),
)


def cut_orders(rows: pl.DataFrame, wanted: Sequence[str]) -> Iterator[pl.DataFrame]:
    """Yield what :func:`opencasb.discovery.formats.elff.cut_fields` returns, for the lines of each order.

    Lines in no known order are read in the usual one.
    """
    usual = cut_fields(rows, Layout(MAIN, " "), [name for name in wanted if name in MAIN])
    known = usual["rejected"].is_null() & usual["sc-filter-result"].is_in(_RESULTS).fill_null(value=False)
    if known.all():
        yield usual
        return
    yield usual.filter(known)
    usual = usual.filter(~known)
    single = pl.col("text").str.replace_all(" {2,}", " ").str.replace(_TENANT, "$1")
    left = rows.filter(pl.col("line").is_in(usual["line"].implode())).with_columns(single)
    for order in ORDERS:
        ours = left.select(order.fits()).to_series()
        if ours.any():
            names = [name for name in wanted if name in order.names]
            yield cut_longer(left.filter(ours), Layout(order.names, " "), names)
            left = left.filter(~ours)
    yield usual.filter(pl.col("line").is_in(left["line"].implode()))


def cut_with_more(rows: pl.DataFrame, layout: Layout, wanted: Sequence[str]) -> pl.DataFrame:
    """Extend :func:`opencasb.discovery.formats.elff.cut_fields` to lines with a few extra fields.

    Administrators change a format while its ``#Fields`` line stays the same; any further fields are ignored.
    """
    fields = cut_fields(rows, layout, wanted)
    typed = [name for name in _TYPED if name in wanted]
    wrong = fields["rejected"].is_not_null()
    if len(typed) < _LEAST_TYPED or not wrong.any():
        return fields
    left = rows.filter(pl.col("line").is_in(fields.filter(wrong)["line"].implode()))
    more = cut_longer(left, layout, wanted)
    fits = pl.all_horizontal(pl.col(name).str.contains(_TYPED[name]) for name in typed).fill_null(value=False)
    reason = pl.when(pl.col("rejected").is_null() & ~fits).then(pl.lit(WRONG_COUNT)).otherwise("rejected")
    return pl.concat([fields.filter(~wrong), more.with_columns(reason.alias("rejected"))])
