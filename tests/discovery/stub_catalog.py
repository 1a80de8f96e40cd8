"""A catalog of two apps, for tests of its users."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

import polars as pl

from tests.catalog import schemas

if TYPE_CHECKING:
    from opencasb.catalog.catalog import Catalog

APPS = {11627: ("Dropbox", ["dropbox.com"]), 20892: ("Microsoft SharePoint Online", ["sharepoint.com"])}


class StubCatalog:
    """Matches dropbox.com, sharepoint.com (with instances) and one address; any name with a dot is a public host."""

    @property
    def apps(self) -> pl.DataFrame:
        """Return both apps."""
        return pl.DataFrame(
            [
                (app_id, name, "SAASDB_CATEGORY_CLOUD_STORAGE", domains, None, None, [])
                for app_id, (name, domains) in APPS.items()
            ],
            schema=schemas.APPS,
            orient="row",
        )

    def registrable(self, host: str) -> str | None:
        """Return the last two labels."""
        return ".".join(host.split(".")[-2:]) if "." in host else None

    def match_hosts(self, hosts: pl.Series) -> pl.DataFrame:
        """Match by the last two labels."""
        rows = []
        for host in hosts:
            domain = ".".join(host.split(".")[-2:]) if "." in host else None
            app_id = next((app for app, (_, domains) in APPS.items() if domain in domains), None)
            instance = host if app_id == 20892 and host != domain else None
            rows.append((host, app_id, domain, instance))
        schema = {"host": pl.String, "app_id": pl.Int64, "domain": pl.String, "instance": pl.String}
        return pl.DataFrame(rows, schema=schema, orient="row")

    def match_addresses(self, addresses: pl.Series) -> pl.DataFrame:
        """Match one address."""
        rows = [(address, 11627 if address == "162.125.1.1" else None) for address in addresses]
        return pl.DataFrame(rows, schema={"address": pl.String, "app_id": pl.Int64}, orient="row")

    def with_overlay(self, overlay: object) -> StubCatalog:
        """Return an equal catalog, without the overlay."""
        del overlay
        return StubCatalog()


def stub_catalog() -> Catalog:
    """Return it typed as a catalog."""
    return cast("Catalog", StubCatalog())
