"""Read Cisco Meraki: visited and blocked URLs (log-formats §5, MACHINE_ZONE_MERAKI)."""

from __future__ import annotations

from typing import Final

import polars as pl

from opencasb.discovery.formats.base import Format, ParseContext, Parser, nothing
from opencasb.discovery.formats.fields import match
from opencasb.discovery.formats.normalise import NO_SOURCE, finished, normalise
from opencasb.discovery.formats.signature import signature
from opencasb.discovery.formats.stamps import else_of_header
from opencasb.discovery.formats.times import epoch
from opencasb.discovery.formats.wrappers import unwrap

_KINDS: Final = (
    r"(?:urls|flows|(?:vpn_|cellular_|l7_)?firewall|bridge_anyconnect_\w+|events|ip_flow_\w+|ids-alerts|security_event"
    r"|airmarshal_events)"
)
_BARE: Final = r"urls src='?[\dA-Fa-f.:]+:\d"
_START: Final = rf"\d{{9,10}}(?:\d{{3}}|\.\d+)? \S+ {_KINDS} |{_BARE}"
_RECORD: Final = (
    rf"^(?:(?:[\w.:-]+ )?(?:1 )?(?P<time>\d{{9,10}}(?:\d{{3}}|\.\d+)?) \S+ )?(?:[\w.-]+ )?(?P<kind>{_KINDS}) "
)
"""A file may have kept the device's address and the syslog version, but not the priority before it. A relay may have
moved time and name into its own header; for a visit the rest is enough.
"""

_ENDS: Final = r"src='?(?P<source>[^ ']+):\d+'? dst='?(?P<server>[^ ']+):\d+'?(?: mac='?(?P<device>[^ ']+)'?)?"
_VISIT: Final = r" src='?[^ ']+:\d+'? dst='?[^ ']+:\d+'?.*?request: [^ ]+ [^ ]+"
_USER: Final = r" user='((?:[^']|'\w)*)' *$"
"""A name may contain an apostrophe."""
_REFUSAL: Final = (
    r" content_filtering_block (?:.*? )?url='(?P<url>[^']*)'(?:.*? server='(?P<server>[^']+):\d+')?"
    r"(?:.*? client_mac='(?P<device>[^']*)')?"
)
_BLOCK: Final = " content_filtering_block "

MOST_CLIENTS: Final = 100_000
"""Hardware addresses whose IP address is remembered."""


class Meraki(Parser):
    """Read URLs; blocks name only the client's hardware address, so remember the last IP address of each."""

    def __init__(self, context: ParseContext) -> None:
        super().__init__(context)
        self._clients: pl.DataFrame | None = None

    def read(self, lines: pl.DataFrame) -> pl.DataFrame:
        """Parse a batch."""
        rows = match(unwrap(lines, _START), "text", _RECORD)
        told = pl.col("time").is_not_null() | pl.col("text").str.contains(_BARE)
        rows = rows.with_columns(pl.when(told).then("kind").alias("kind"))
        kind, visit = pl.col("kind"), (pl.col("kind") == "urls").fill_null(value=False)
        refusal = ((kind == "events") & pl.col("text").str.contains(_BLOCK, literal=True)).fill_null(value=False)
        visits, refusals = rows.filter(visit), rows.filter(refusal)
        parts = [
            finished(rows.filter(kind.is_null()), rejected="not a Meraki record"),
            finished(rows.filter(kind.is_not_null() & ~visit & ~refusal), ignored="not a record of a URL"),
        ]
        if visits.height:
            parts.append(self._parsed(_visits(visits)))
        if refusals.height:
            parts.append(self._parsed(match(refusals, "text", _REFUSAL).with_columns(blocked=pl.lit(value=True))))
        return pl.concat([nothing(), *parts])

    def end(self, rows: pl.DataFrame) -> pl.DataFrame:
        """Give blocked requests the address of their client."""
        known = rows.filter(pl.col("source_device").is_not_null() & pl.col("source_ip").is_not_null())
        seen = known.sort("line").select("source_device", pl.col("source_ip").alias("last_ip"))
        if self._clients is not None:
            seen = pl.concat([self._clients, seen])
        self._clients = seen.unique("source_device", keep="last", maintain_order=True).tail(MOST_CLIENTS)
        lacking = (pl.col("action") == "block") & (pl.col("rejected") == NO_SOURCE)
        if not rows.select(lacking.any()).item():
            return rows
        rows = rows.join(self._clients, on="source_device", how="left").with_columns(
            pl.when(lacking).then("last_ip").otherwise("source_ip").alias("source_ip")
        )
        unknown = pl.when(lacking & pl.col("source_ip").is_null()).then(pl.lit("refusal to an unknown client"))
        return rows.with_columns(
            pl.coalesce("ignored", unknown).alias("ignored"), pl.when(~lacking).then("rejected").alias("rejected")
        ).drop("last_ip")

    def _parsed(self, rows: pl.DataFrame) -> pl.DataFrame:
        times = rows.select(epoch(pl.col("time"))).to_series()
        rows = rows.with_columns(else_of_header(times, rows, self._context).alias("timestamp"))
        return normalise(rows, self._context)


def _visits(rows: pl.DataFrame) -> pl.DataFrame:
    """Add the fields of visits, all taken from one match, since groups in it would take ten times as long."""
    parts = rows.select(pl.col("text").str.extract(_VISIT, 0).str.split("request: ")).to_series()
    rows = rows.with_columns(parts.list.first().alias("visitor"), parts.list.last().alias("request"))
    request = pl.col("request").str.splitn(" ", 2).struct
    user = pl.col("visitor").str.extract(_USER)
    rows = match(rows, "visitor", f"^ {_ENDS}").with_columns(
        request.rename_fields(["method", "url"]).struct.unnest(), user.alias("user")
    )
    return rows.with_columns((pl.col("method") == "CONNECT").fill_null(value=False).alias("tunnel"))


FORMATS: Final = (
    Format(
        sources=("MACHINE_ZONE_MERAKI", "MACHINE_ZONE_MERAKI_SYSLOG"),
        recognise=signature(rf"(?:^|\s){_START}", "Meraki records"),
        open=Meraki,
        rank=25,
    ),
)
