"""A catalog of three apps with facts and scores, for tests that use scores."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cached_property
from typing import Final, cast

import polars as pl

from opencasb.catalog.catalog import Catalog
from opencasb.catalog.networks import AddressTable
from opencasb.catalog.overlay import Overlay
from opencasb.catalog.score_frame import points_frame, scores
from opencasb.catalog.shipped import FACT_COLUMNS, CatalogFiles, CatalogSource

BOX, DROPBOX, TEAMS = 10489, 11627, 28375
MFA, SAML, DMCA = "is_multi_factor_authentication", "is_supports_saml", "is_dmca"
NAMES: Final = {BOX: "Box", DROPBOX: "Dropbox", TEAMS: "Microsoft Teams"}
SAID: Final[Mapping[int, Mapping[str, str]]] = {
    BOX: {MFA: "true", SAML: "true", DMCA: "false", "founded": "2005", "latest_breach_date_time": '"2012-07-01"'},
    DROPBOX: {MFA: "true", SAML: "false", DMCA: "true", "encryption_protocol": '"tls1_2"'},
    TEAMS: {MFA: "true", "data_center": '["IE", "NL"]'},
}
"""Key → JSON text by app."""


def facts_frame(said: Iterable[tuple[int, str, str]]) -> pl.DataFrame:
    """Return ``Catalog.facts`` of app, key and JSON text."""
    rows = [(*each, "test", "2026-01-01", "high", None, f"https://{each[0]}.example/{each[1]}") for each in said]
    return pl.DataFrame(rows, schema=dict.fromkeys(FACT_COLUMNS, pl.String) | {"app_id": pl.Int32}, orient="row")


class ScoredFiles:
    """The files of a catalog, with scores as written by the builder."""

    addresses = AddressTable(())
    sources = (CatalogSource("test", "Our test", "https://example.com", "CC0-1.0", "2026-01-01", "us"),)

    def __init__(self, said: Mapping[int, Mapping[str, str]], version: str) -> None:
        self.version = version
        self.facts = facts_frame(
            (app_id, key, value) for app_id, values in sorted(said.items()) for key, value in sorted(values.items())
        )

    @cached_property
    def points(self) -> pl.DataFrame:
        """The points of the facts."""
        return points_frame(self.facts)

    @cached_property
    def apps(self) -> pl.DataFrame:
        """The apps."""
        text = pl.String()
        schema = [("app_id", pl.Int64()), ("name", text), ("category", text), ("domains", pl.List(text))]
        rows = [
            (app_id, name, "SAASDB_CATEGORY_CLOUD_STORAGE", [f"{name.lower()}.com"]) for app_id, name in NAMES.items()
        ]
        stored = scores(self.points).select("app_id", "score")
        apps = pl.DataFrame(rows, schema=schema, orient="row").join(stored, on="app_id", how="left")
        vendor = pl.lit(None, text).alias("vendor")
        return apps.with_columns(vendor, pl.lit([], pl.List(text)).alias("flags"))


class ScoredCatalog(Catalog):
    """A catalog that matches only the main domains of its apps."""

    def match_hosts(self, hosts: pl.Series) -> pl.DataFrame:
        """Match whole domains."""
        by_domain = {
            domain: app_id
            for app_id, domains in self.apps.select("app_id", "domains").iter_rows()
            for domain in domains
        }
        found = pl.Series([by_domain.get(host) for host in hosts], dtype=pl.Int64)
        none = pl.Series([None] * len(hosts), dtype=pl.String)
        return pl.DataFrame({"host": hosts, "app_id": found, "domain": hosts, "instance": none})

    def with_overlay(self, overlay: Overlay) -> Catalog:
        """Apply a tenant's overlay."""
        return ScoredCatalog(self._files, overlay)


def catalog(said: Mapping[int, Mapping[str, str]] = SAID, version: str = "1") -> Catalog:
    """Return a catalog of Box (5), Dropbox (7) and Microsoft Teams (unscored)."""
    return ScoredCatalog(cast("CatalogFiles", ScoredFiles(said, version)))
