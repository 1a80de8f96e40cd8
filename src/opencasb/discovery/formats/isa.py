"""Read Microsoft ISA Server and Forefront TMG: web proxy and firewall logs (log-formats §5, MICROSOFT_ISA_W3C)."""

from __future__ import annotations

from functools import partial
from typing import Final

import polars as pl

from opencasb.discovery.formats.base import Format, ParseContext
from opencasb.discovery.formats.connections import PRIVATE
from opencasb.discovery.formats.elff import FIELDS, Layout
from opencasb.discovery.formats.normalise import normalise
from opencasb.discovery.formats.w3c import W3c, share_below_fields, untagged
from opencasb.discovery.formats.w3c_fields import Dialect, mapped
from opencasb.discovery.formats.wrappers import unwrap

ISA: Final = Dialect(
    names={
        "source": ("c-ip", "original client ip", "source", "source-ip"),
        "user": ("cs-username", "username"),
        "authority": ("r-host", "destination name"),
        "url": ("cs-uri",),
        "server": ("r-ip", "destination", "destination-ip"),
        "sent": ("cs-bytes", "bytes sent"),
        "received": ("sc-bytes", "bytes received"),
    },
    times=(),
    blocked={"action": "(?i)^(?:denied|blocked)$", "filter-rule": "(?i)^blocked$"},
)
_ASKED: Final = "12209"
"""Its number for the answer 407, by which a client that is still anonymous is asked to sign in."""
_COUNTED: Final = {"web": ("allowed", "denied"), "firewall": ("terminated", "denied")}
_UNPROVEN: Final = r" *\([?!]\)$"
"""Follows the name sent by a client that was not asked to authenticate, or failed to."""
_SOFTWARE: Final = ("Internet Security and Acceleration", "Forefront Threat Management")
_OF_ISA: Final = ({"c-ip", "r-host", "s-object-source"}, {"original client ip", "bytes sent intermediate"})


class Isa(W3c):
    """Read both logs by their ``#Fields`` line; in a firewall log, ended and denied connections count."""

    def _without_wrappers(self, lines: pl.DataFrame, beginning: str) -> pl.DataFrame:
        del beginning
        return untagged(unwrap(lines))  # unlike other W3C records, these do not begin with their time

    def _transactions(self, fields: pl.DataFrame, context: ParseContext) -> pl.DataFrame:
        rows = mapped(fields, ISA, context)
        if "user" in rows.columns:
            rows = rows.with_columns(pl.col("user").str.replace(_UNPROVEN, ""))
        if "action" not in fields.columns:
            return normalise(rows, context)
        action, web = fields["action"].str.to_lowercase(), "r-ip" in fields.columns
        counted = action.is_in(_COUNTED["web" if web else "firewall"]).fill_null(value=False)
        left = pl.when(~counted & pl.col("rejected").is_null()).then(
            pl.lit("failed request" if web else "not the end of a connection")
        )
        rows = rows.with_columns(pl.coalesce("ignored", _challenge(fields), left).alias("ignored"))
        if web:  # on a denial, a proxy-aware client has asked the firewall's own address
            own = pl.col("server").str.contains(PRIVATE) | (pl.col("server") == fields.get_column("s-ip", default=""))
            denied = (pl.col("blocked") & own).fill_null(value=False)
            rows = rows.with_columns(pl.when(~denied).then("server").alias("server"))
        return normalise(rows, context)


def _challenge(fields: pl.DataFrame) -> pl.Expr:
    if not {"sc-status", "cs-username"} <= set(fields.columns):
        return pl.lit(None, pl.String)
    nobody = fields["cs-username"].str.to_lowercase().is_in(["anonymous", "-", ""])
    asked = ((fields["sc-status"] == _ASKED) & nobody).fill_null(value=False)
    return pl.when(asked).then(pl.lit("authentication challenge"))


def _recognise(lines: list[str]) -> tuple[float, str]:
    if any(line.startswith("#Software: Microsoft") and any(name in line for name in _SOFTWARE) for line in lines):
        return share_below_fields(lines), "#Software: Microsoft"
    named = [set(Layout.of(line).names) for line in lines if line.lower().startswith(FIELDS)]
    if any(known <= names for known in _OF_ISA for names in named):
        return share_below_fields(lines), "#Fields of ISA Server"
    return 0.0, "no #Software or #Fields of ISA Server"


FORMATS: Final = (
    Format(
        sources=("MICROSOFT_ISA_W3C",),
        recognise=_recognise,
        open=partial(Isa, ISA),
        rank=8,
    ),
)
