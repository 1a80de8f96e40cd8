"""Read Barracuda web filters and web application firewalls (log-formats §5, BARRACUDA_SYSLOG and its neighbours)."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import Final

import polars as pl

from opencasb.discovery.formats.barracuda_json import SCAN, with_scans
from opencasb.discovery.formats.base import Format, ParseContext, Parser, nothing
from opencasb.discovery.formats.fields import match
from opencasb.discovery.formats.keyvalue import Pairs, text, word
from opencasb.discovery.formats.normalise import finished, normalise
from opencasb.discovery.formats.signature import signature
from opencasb.discovery.formats.stamps import timestamps
from opencasb.discovery.formats.times import seconds
from opencasb.discovery.formats.wrappers import unwrap

_TAG: Final = r"\S{0,40}(?:http_?scan|barracuda_pqman|NG_Firewall)(?:\[\d*\])?:? +"
_OF_FIREWALL: Final = r"\bNG_Firewall(?:\[\d*\])?: *(?:$|\d{10})"
_VERSION: Final = "(?:BYF|[0-9a-f]{32})"
"""Of the format; old firmware writes a checksum in its place, and ends the record with the user, without brackets."""
_SCAN: Final = (
    rf"^(?:{_TAG})?"
    r"(?P<time>\d{10})(?:\.\d+)? \d+ (?P<source>\S+) (?P<server>[^\s(]+)\S* .*?(?P<url>\S+) (?P<received>\d+|-)"
    rf" (?P<version>{_VERSION}) (?P<verdict>[A-Z]+) [A-Z]+ (?:.*? )??\d+ \d+ \d+ (?P<number>\d+) (?P<rest>.*)$"
)
"""Before the format's version the gateway writes details such as a virus; usually it has none and leaves two blanks. A
server's translated address may be followed by its own in parentheses.
"""
_OWNER: Final = r"\[([^\[\]]*)\](?: \[[\da-fA-F.:]+\])?[^\[\]]*$"
"""An IPv6 address in place of the host also has brackets."""
_OLD_OWNER: Final = r" (\S+) *$"
_SCAN_START: Final = r"\d{10}(?:\.\d+)? \d+ [0-9A-Fa-f.:]+ "

_PART: Final = r'(?:"[^"]*"|\S+)'
_NAME: Final = rf'(?:{_PART}|[^"\s]+(?: [^"\s]+){{1,3}}?)'
"""A name with blanks need not be quoted; what follows tells where it ends."""
_DAY: Final = r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d(?:[.,]\d+)?(?: [+-]\d{4})?"
_ASKED: Final = (
    rf"^(?P<time>{_DAY}) {_PART} TR \S+ \d+ (?P<source>\S+) \d+ (?P<user>{_NAME}) {_NAME} (?P<method>\S+)"
    rf" (?P<scheme>\S+) (?P<authority>\S+) {_PART} (?P<status>\d+) (?P<received>\d+) (?P<sent>\d+)"
)
_ACCESS: Final = (
    rf"{_ASKED} {_PART} {_PART} (?P<server>\S+) {_PART} {_PART} {_PART} {_PART} {_PART} {_PART} {_PART}"
    rf" (?P<path>{_PART}) (?P<query>{_PART})"
).replace(" ", " +")  # a missing value leaves an extra blank
_SHORT: Final = rf"{_ASKED} [A-Z]+ {_PART} [A-Z]+ [A-Z]+ (?P<path>{_PART})".replace(" ", " +")
"""A template without what the firewall asked the server."""
_ENCRYPTED: Final = "^(?:TLS|SSL)v"
"""The firewall names the protocol, and for encrypted ones the version."""
_KINDS: Final = ("TR", "WF", "AUDIT", "SYS", "NF")
_RECORD: Final = rf"^{_DAY} +{_PART} ({'|'.join(_KINDS)}) "
_WAF_START: Final = rf"{_DAY} +\S+ (?:{'|'.join(_KINDS)}) |\b(?:cat|logType|src)="

_PAIRS: Final = Pairs(r" ")
_FIELDS: Final = {
    "time": word("rt"),
    "source": word("src"),
    "authority": word("dhost"),
    "server": word("dst"),
    "scheme": word("app"),
    "method": word("requestMethod"),
    "path": word("request"),
    "user": text("suser"),
    "sent": word("in"),
    "received": word("out"),
    "status": word("outcome"),
}
"""The firewall receives what the client sends."""

_NOT_TRAFFIC: Final = "not an access record"


class BarracudaWeb(Parser):
    """Read records of scanned pages and, in the gateway's source type, also those of the web application firewall."""

    def __init__(self, context: ParseContext, *, of_firewall: bool) -> None:
        super().__init__(context)
        self._of_firewall = of_firewall

    def read(self, lines: pl.DataFrame) -> pl.DataFrame:
        """Parse a batch."""
        start = _SCAN_START if self._of_firewall else rf"{_SCAN_START}|{_WAF_START}"
        rows = unwrap(lines, start)
        if self._of_firewall and not rows.select(pl.col("text").str.contains(f"^{_SCAN_START}").all()).item():
            rows = with_scans(rows)
        rows = match(rows, "text", _SCAN)
        scanned = pl.col("time").is_not_null()
        others = rows.filter(~scanned).select("line", "header", "text")
        parts = [*self._scanned(rows.filter(scanned))]
        if self._of_firewall:
            parts.append(finished(others, rejected="not a web log record"))
        else:
            parts.extend(self._protected(others))
        return pl.concat([nothing(), *parts])

    def _scanned(self, rows: pl.DataFrame) -> Iterator[pl.DataFrame]:
        if rows.is_empty():
            return
        bracketed, last = (pl.col("rest").str.extract(pattern) for pattern in (_OWNER, _OLD_OWNER))
        user = pl.when(pl.col("version") == "BYF").then(bracketed).otherwise(last)
        url = pl.col("url").str.replace(r"^([^/]+)$", "$1/")
        rows = rows.with_columns(
            seconds(pl.col("time")).alias("timestamp"),
            pl.when(~user.is_in(["ANON"])).then(user).alias("user"),
            pl.when(pl.col("url") != "-").then(url).alias("url"),
            self._blocked().alias("blocked"),
        )
        yield normalise(rows, self._context)

    def _blocked(self) -> pl.Expr:
        """Return the verdict: the gateway's word, or the firewall's number after words that never change.

        In a collector's file, a firewall's records are mixed with those of the gateway.
        """
        of_firewall = pl.lit(self._of_firewall)
        for column in ("header", "text"):
            of_firewall |= pl.col(column).str.contains(_OF_FIREWALL).fill_null(value=False)
        return pl.when(of_firewall).then(pl.col("number") == "1").otherwise(pl.col("verdict") == "BLOCKED")

    def _protected(self, rows: pl.DataFrame) -> Iterator[pl.DataFrame]:
        """Yield the records of the web application firewall, read by position or as pairs."""
        rows = rows.with_columns(pl.col("text").str.extract(_RECORD).alias("kind"))
        rows = _PAIRS.read(rows, {"cat": word("cat"), "log": word("logType")}, guarded=False)
        rows = rows.with_columns(pl.coalesce("kind", "cat", "log").alias("kind"))
        kind, placed = pl.col("kind"), pl.col("text").str.contains(_RECORD).fill_null(value=False)
        known = kind.is_in(_KINDS).fill_null(value=False)
        yield finished(rows.filter(~known), rejected="not a Barracuda record")
        yield finished(rows.filter(known & (kind != "TR")), ignored=_NOT_TRAFFIC)
        access = rows.filter(kind == "TR")
        for part in (
            _access(access.filter(placed)),
            _PAIRS.read(access.filter(~placed), _FIELDS).with_columns(query=pl.lit(None, pl.String)),
        ):
            if part.height:
                yield self._accessed(part)

    def _accessed(self, rows: pl.DataFrame) -> pl.DataFrame:
        bare = [
            pl.when(pl.col(name).str.strip_chars('"') != "-").then(pl.col(name).str.strip_chars('"')).alias(name)
            for name in ("user", "path", "query", "authority")
        ]
        rows = rows.with_columns(timestamps(rows, pl.col("time"), self._context).alias("timestamp"), *bare)
        scheme = pl.col("scheme")
        challenge = pl.when(pl.col("status") == "407").then(pl.lit("authentication challenge"))
        return normalise(
            rows.with_columns(
                pl.when(scheme.str.contains(_ENCRYPTED)).then(pl.lit("https")).otherwise(scheme).alias("scheme"),
                challenge.alias("ignored"),
            ),
            self._context,
        )


def _access(rows: pl.DataFrame) -> pl.DataFrame:
    """Return the fields of access records by position."""
    found = match(rows, "text", _ACCESS)
    unread = found["time"].is_null()
    if not unread.any():
        return found
    return pl.concat([found.filter(~unread), match(rows.filter(unread), "text", _SHORT)], how="diagonal")


FORMATS: Final = (
    Format(
        sources=("BARRACUDA_SYSLOG",),
        recognise=signature(
            rf"^(?:{_TAG})?{_SCAN_START}.* [A-Za-z]+://\S* (?:\d+|-) {_VERSION} [A-Z]+ |{_RECORD}"
            r"|\bcat=(?:TR|WF|AUDIT) dvc=|\blogType=(?:TR|WF)\b|\bBarracudaWaf",
            "Barracuda web records",
        ),
        open=partial(BarracudaWeb, of_firewall=False),
        rank=33,
    ),
    Format(
        sources=("BARRACUDA_NEXT_GEN_FW_WEBLOG",),
        recognise=signature(
            rf"^(?:{_TAG})?{_SCAN_START}.* (?![A-Za-z]+://)\S+ (?:\d+|-) {_VERSION} [A-Z]+ |{SCAN}",
            "web log records of a Barracuda firewall",
        ),
        open=partial(BarracudaWeb, of_firewall=True),
        rank=33,
    ),
)
