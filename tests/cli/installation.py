"""An installation for command tests: the real composition root on SQLite, with a catalog of four apps."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from pathlib import Path

import polars as pl

from opencasb.app import Casb
from opencasb.catalog.networks import AddressTable
from opencasb.catalog.overlay import Overlay
from opencasb.model.app import App, CustomApp
from opencasb.settings import load
from tests.conftest import NOW, create_schema

APPS = (
    App(app_id=11627, name="Dropbox", category="SAASDB_CATEGORY_CLOUD_STORAGE", domains=("dropbox.com", "dropbox.zz_")),
    App(app_id=31000, name="Microsoft Purview", category="SAASDB_CATEGORY_SECURITY", domains=("purview.example",)),
    App(app_id=31001, name="Twin", category="SAASDB_CATEGORY_CRM", domains=("twin-one.example",)),
    App(app_id=31002, name="Twin", category="SAASDB_CATEGORY_CRM", domains=("twin-two.example",)),
)


class FourApps:
    """A catalog of :data:`APPS` and a tenant's custom apps."""

    def __init__(self, custom: Sequence[CustomApp] = ()) -> None:
        everything: list[App | CustomApp] = [*APPS, *custom]
        self._by_id = {app.app_id: app for app in everything}

    @property
    def apps(self) -> pl.DataFrame:
        """Return the apps' ids and names."""
        rows = [(app.app_id, app.name) for app in self._by_id.values()]
        return pl.DataFrame(rows, schema={"app_id": pl.Int64, "name": pl.String}, orient="row")

    @property
    def addresses(self) -> AddressTable:
        """Return the address lists: none."""
        return AddressTable(())

    def app(self, app_id: int) -> App | CustomApp | None:
        """Return one app."""
        return self._by_id.get(app_id)

    def search(self, text: str) -> list[App | CustomApp]:
        """Return the apps whose name contains the first three letters of ``text``."""
        return [app for app in self._by_id.values() if text[:3].lower() in app.name.lower()]

    def match_hosts(self, hosts: pl.Series) -> pl.DataFrame:
        """Match by the last two labels."""
        domains = [".".join(host.lower().split(".")[-2:]) for host in hosts]
        by_domain = {domain: app.app_id for app in self._by_id.values() for domain in app.domains}
        return pl.DataFrame({"host": hosts, "app_id": [by_domain.get(domain) for domain in domains], "domain": domains})

    def with_overlay(self, overlay: Overlay) -> FourApps:
        """Return this catalog with custom apps."""
        return FourApps(overlay.custom)


class Installation(Casb):
    """An installation with the tenants Contoso (the default) and Fabrikam, which is also the opener of commands."""

    def __init__(self, folder: Path) -> None:
        ticks = itertools.count(NOW)  # with a fixed clock, the oldest tenant would be undefined
        super().__init__(load(folder), lambda: next(ticks))
        self.__dict__["catalog"] = FourApps()
        create_schema(self.database)
        self.contoso = self.tenants.create("Contoso").tenant_id
        self.fabrikam = self.tenants.create("Fabrikam").tenant_id


class Opening:
    """An opener that always returns the same installation, whatever the directory."""

    def __init__(self, installation: Installation) -> None:
        self._installation = installation

    def open(self, data: Path | None = None, *, new: bool = False) -> Casb:
        """Return the installation."""
        del data, new
        return self._installation
