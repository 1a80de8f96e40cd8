"""Tell who opened a connection that a firewall reports by its two endpoints (log-formats §5, CISCO_ASA)."""

from __future__ import annotations

from typing import Final

import polars as pl

CONNECTION: Final = "connection"
"""UInt64, equal on the messages of one connection."""

OPENED_BY_FIRST: Final = "opened_by_first"
"""Whether the endpoint named first is the client; null if the start of the connection was not seen."""

OPEN_LIMIT: Final = 500_000
"""Open connections remembered; beyond that the oldest are forgotten and the rules decide their direction."""

_SERVICE_PORTS: Final = (
    1194, 1433, 1521, 1723, 1935, 3128, 3306, 3389, 3478, 5060, 5061, 5222, 5223, 5228, 5432, 5900, 5938, 8000, 8008,
    8080, 8081, 8443, 8530, 8531, 8888, 9443,
)  # fmt: skip
_FIRST_EPHEMERAL: Final = 32768
_OUTER: Final = r"(?i)outside|internet|(?:^|[^a-z])wan"
PRIVATE: Final = (
    r"^(?:10\.|192\.168\.|172\.(?:1[6-9]|2\d|3[01])\.|169\.254\.|100\.(?:6[4-9]|[7-9]\d|1[01]\d|12[0-7])\.|127\.)"
    r"|^(?i:f[cd][0-9a-f]{2}|fe[89ab][0-9a-f]):"
)


class Connections:
    """Remember the direction of open connections across batches."""

    def __init__(self, limit: int = OPEN_LIMIT) -> None:
        self._limit = limit
        self._open: pl.DataFrame | None = None

    def opened(self, built: pl.DataFrame) -> None:
        """Take CONNECTION and OPENED_BY_FIRST of connections in order of their starts."""
        known = built if self._open is None else pl.concat([self._open, built])
        self._open = known.unique(CONNECTION, keep="last", maintain_order=True).tail(self._limit)

    def closed(self, ended: pl.DataFrame) -> pl.DataFrame:
        """Return ``ended``, which has CONNECTION, with OPENED_BY_FIRST, and forget these connections."""
        if self._open is None:
            return ended.with_columns(pl.lit(None, pl.Boolean).alias(OPENED_BY_FIRST))
        known = ended.join(self._open, on=CONNECTION, how="left", maintain_order="left")
        self._open = self._open.join(ended, on=CONNECTION, how="anti", maintain_order="left")
        return known


def client_is_first(*, first_endpoint_opens: pl.Expr) -> pl.Expr:
    """Return whether the first endpoint is the client; the first rule that applies decides.

    The columns of an endpoint are ``first_``/``second_`` + ``interface``, ``address``, ``port`` (Int64), ``user``.
    ``first_endpoint_opens`` marks the rows of devices that always name the client first.
    """
    first, second = pl.col("first_port"), pl.col("second_port")
    first_serves, second_serves = _is_service(first), _is_service(second)
    lower_serves = pl.when(first != second).then(second < first)
    only_first_user = pl.col("first_user").is_not_null() & pl.col("second_user").is_null()
    only_second_user = pl.col("second_user").is_not_null() & pl.col("first_user").is_null()
    return pl.coalesce(
        OPENED_BY_FIRST,
        pl.when(only_first_user).then(pl.lit(value=True)).when(only_second_user).then(pl.lit(value=False)),
        pl.when(first_serves & second_serves).then(lower_serves).when(first_serves | second_serves).then(second_serves),
        pl.when(first_endpoint_opens).then(pl.lit(value=True)),
        pl.when(pl.max_horizontal(first, second) >= _FIRST_EPHEMERAL).then(lower_serves),
        pl.when(_is_outer("second") & _is_private("first")).then(pl.lit(value=True)),
        pl.when(_is_outer("first") & _is_private("second")).then(pl.lit(value=False)),
        lower_serves,
        pl.lit(value=True),
    )


def _is_service(port: pl.Expr) -> pl.Expr:
    return (port < 1024) | port.is_in(_SERVICE_PORTS)


def _is_outer(endpoint: str) -> pl.Expr:
    return pl.col(f"{endpoint}_interface").str.contains(_OUTER)


def _is_private(endpoint: str) -> pl.Expr:
    return pl.col(f"{endpoint}_address").str.contains(PRIVATE)
