"""The files of a catalog, each read when it is first needed."""

from __future__ import annotations

from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from opencasb.catalog.match import DomainRow, HostTable
from opencasb.catalog.networks import AddressTable, Prefix
from opencasb.catalog.suffixes import PublicSuffixes

if TYPE_CHECKING:
    import polars as pl


class CatalogSource(msgspec.Struct, frozen=True):
    """Where facts of the catalog come from; ``date`` (ISO) is that of the data."""

    id: str
    title: str
    url: str
    licence: str
    date: str
    attribution: str


class CatalogFiles:
    """A folder that the builder wrote."""

    def __init__(self, folder: Path) -> None:
        """Use ``folder``; nothing is read yet."""
        self._folder = folder

    def _read(self, name: str, columns: list[str]) -> pl.DataFrame:
        import polars as pl

        return pl.read_parquet(self._folder / f"{name}.parquet", columns=columns)

    @cached_property
    def apps(self) -> pl.DataFrame:
        """The apps by id: app_id, name, category, domains, score (null), vendor, flags."""
        import polars as pl

        domains = (
            self._read("domains", ["domain", "app_id", "shown"])
            .filter("shown")
            .group_by("app_id", maintain_order=True)
            .agg(pl.col("domain").alias("domains"))
        )
        apps = self._read("apps", ["app_id", "name", "category", "vendor", "flags"])
        return apps.join(domains, on="app_id", how="left", maintain_order="left").select(
            pl.col("app_id").cast(pl.Int64),
            "name",
            "category",
            pl.col("domains").fill_null([]),
            pl.lit(None, pl.Int64).alias("score"),
            "vendor",
            "flags",
        )

    @cached_property
    def facts(self) -> pl.DataFrame:
        """Per app the source of its name, category and vendor, and the page a reviewed app can be checked on."""
        return self._read("apps", ["app_id", "name_source", "category_source", "vendor_source", "evidence"])

    @cached_property
    def suffixes(self) -> PublicSuffixes:
        """The public suffix rules."""
        return PublicSuffixes.parse((self._folder / "public_suffixes.txt").read_text("utf-8"))

    @cached_property
    def hosts(self) -> HostTable:
        """The domains of apps, for matching."""
        rows = self._read("domains", ["domain", "app_id", "tenants", "registrable"]).iter_rows()
        return HostTable(map(DomainRow._make, rows))

    @cached_property
    def addresses(self) -> AddressTable:
        """The address ranges of providers, for matching."""
        rows = self._read("networks", ["first", "last", "app_id"]).iter_rows()
        return AddressTable(Prefix(int.from_bytes(first), int.from_bytes(last), app_id) for first, last, app_id in rows)

    @cached_property
    def sources(self) -> tuple[CatalogSource, ...]:
        """The sources of the facts."""
        return msgspec.json.decode((self._folder / "sources.json").read_bytes(), type=tuple[CatalogSource, ...])
