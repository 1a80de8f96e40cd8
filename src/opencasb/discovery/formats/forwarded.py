"""Read the client's address that PAN-OS logs in place of a user (log-formats §5, PALO_ALTO)."""

from __future__ import annotations

from typing import Final

import polars as pl

MARK: Final = "x-fwd-for:"
_FORWARDED: Final = rf"^{MARK} *([0-9A-Fa-f.:]+)"


def forwarded_client() -> tuple[pl.Expr, pl.Expr]:
    """Return ``source`` and ``user``: the address that a proxy forwarded is the client's, and not a user."""
    address = pl.col("user").str.extract(_FORWARDED)
    return pl.coalesce(address, "source").alias("source"), pl.when(address.is_null()).then("user").alias("user")
