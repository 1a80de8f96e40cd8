"""Host names of addresses that the log itself reveals, by lines with both and by DNS answers (log-formats §1, host).

A firewall's line often has only an address, while others in the same log have its name from TLS, a URL or DNS. An
address with names of several registrable domains, such as a CDN's, belongs to nobody and stays an address.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    import polars as pl

MOST: Final = 200_000
"""Most addresses per log whose names are kept."""


class NamedAddresses:
    """Address names in one log, learned from the first line that lacks a name on."""

    def __init__(self, registrable: Callable[[str], str | None]) -> None:
        """Keep ``registrable``, which returns the registrable domain of a host."""
        self._registrable = registrable
        self._names: dict[str, str | None] = {}
        """Address → name; None for an address with names of several domains."""

    def name(self, frame: pl.DataFrame, used: pl.DataFrame) -> pl.DataFrame:
        """Fill in names for the bare addresses of ``used``, learned from ``frame``, ignored lines included."""
        import polars as pl

        bare = used["destination_host"].is_null() & used["destination_ip"].is_not_null()
        if not bare.any():
            return used
        self._learn(frame)
        addresses = used.filter(bare)["destination_ip"].unique()
        found = {text: self._names[text] for text in addresses if self._names.get(text)}
        if not found:
            return used
        names = pl.DataFrame({"destination_ip": list(found), "_name": list(found.values())})
        joined = used.join(names, on="destination_ip", how="left", maintain_order="left")
        host = pl.coalesce("destination_host", "_name").alias("destination_host")
        return joined.with_columns(host).drop("_name")

    def _learn(self, frame: pl.DataFrame) -> None:
        import polars as pl

        told = frame.filter(
            pl.col("rejected").is_null()
            & pl.col("destination_host").is_not_null()
            & pl.col("destination_ip").is_not_null()
        )
        for address, host in told.select("destination_ip", "destination_host").unique(maintain_order=True).iter_rows():
            if address not in self._names:
                if len(self._names) < MOST:
                    self._names[address] = host
                continue
            known = self._names[address]
            if known not in {None, host} and self._domain(known or "") != self._domain(host):
                self._names[address] = None

    def _domain(self, host: str) -> str:
        return self._registrable(host) or host
