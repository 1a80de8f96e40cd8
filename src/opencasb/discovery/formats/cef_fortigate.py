"""Read what FortiGate's CEF records say in its own keys, beside the usual CEF ones (log-formats §5, FORTIGATE).

These are the epoch of a time that ``start`` gives as local, the user not signed in at the firewall, the client's
hardware address, what a profile did to a session that ended well, and the bytes since the last record of a long
session, of which ``in`` and ``out`` are the running totals.
"""

from __future__ import annotations

from typing import Final

import polars as pl

from opencasb.discovery.formats.cef_fields import extension
from opencasb.discovery.formats.fortigate import BLOCKING

_PREFIXES: Final = ("FTNTFGT", "FortinetFortiGate", "ad.")
"""Prefixes of FortiGate's own names, depending on its release and on what converted its records to CEF."""

_WORDS: Final = ("eventtime", "tz", "sentdelta", "rcvddelta", "utmaction", "mastersrcmac", "srcmac")
_TEXTS: Final = ("unauthuser",)
_USERS: Final = ("suser", "sourceUserName", "suid")
"""User keys that take precedence over a user not signed in; the server's user does not."""

_LOCAL: Final = r"\d\d:\d\d:\d\d(?:\.\d+)?$"
"""The end of a time without a zone."""


def with_own_keys(rows: pl.DataFrame) -> pl.DataFrame:
    """Apply FortiGate's own keys to rows (``text``, and TEXTS and WORDS read from it)."""
    places = rows["text"].str.contains("|Fortinet|", literal=True).fill_null(value=False).arg_true()
    if places.is_empty():
        return rows
    own = _own(rows[places])
    own = own.select(
        pl.coalesce("eventtime", _zoned(), "time").alias("time"),
        pl.coalesce(*(key for key in _USERS if key in rows.columns), "unauthuser", "user").alias("user"),
        pl.coalesce("sentdelta", "sent").alias("sent"),
        pl.coalesce("rcvddelta", "received").alias("received"),
        pl.coalesce("device", "mastersrcmac", "srcmac").alias("device"),
        pl.when(pl.col("utmaction").str.to_lowercase().is_in(BLOCKING))
        .then("utmaction")
        .otherwise("action")
        .alias("action"),
    )
    return rows.with_columns(rows[name].scatter(places, own[name]) for name in own.columns)


def _own(rows: pl.DataFrame) -> pl.DataFrame:
    """Add the values of FortiGate's own keys under their names without a prefix."""
    prefixes = [prefix for prefix in _PREFIXES if rows["text"].str.contains(prefix, literal=True).any()]
    keys = {name: [prefix + name for prefix in prefixes] for name in (*_WORDS, *_TEXTS)}
    keys["tz"].append("tz")
    words, texts = ([key for name in names for key in keys[name]] for names in (_WORDS, _TEXTS))
    values = extension(rows, words, texts)
    nothing = pl.lit(None, pl.String)
    found = [
        pl.coalesce(nothing, *(key for key in keys[name] if key in values.columns)).str.strip_chars('"').alias(name)
        for name in keys
    ]
    return rows.hstack(values.get_columns()).with_columns(found)


def _zoned() -> pl.Expr:
    """Return the time with the separately logged zone if it is local; null otherwise."""
    return pl.when(pl.col("time").str.contains(_LOCAL)).then(pl.col("time") + " " + pl.col("tz"))
