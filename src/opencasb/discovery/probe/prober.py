"""Decides which apps are measured and when: only those that a tenant uses, one at a time."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Iterator
from threading import Event
from typing import TYPE_CHECKING, Final

from opencasb.discovery.probe.measure import measure
from opencasb.discovery.probe.rdap import Registries
from opencasb.model.durations import DAY
from opencasb.outbound import Network

if TYPE_CHECKING:
    from opencasb.catalog.catalog import Catalog
    from opencasb.discovery.reports import Reports
    from opencasb.model.app import App
    from opencasb.model.measurement import Measurement
    from opencasb.store.probes import Probes
    from opencasb.store.streams import Streams

PERIOD_DAYS: Final = 90
PAUSE_SECONDS: Final = 2.0
"""Pause between two apps, so that nobody is visited in a rush."""

MOST_PER_RUN: Final = 100
"""Most apps per tenant measured in one scheduled run."""


class Prober:
    """Measures apps, from the catalog or custom, that were used in the last 90 days."""

    def __init__(
        self,
        reports: Reports,
        streams: Streams,
        probes: Probes,
        clock: Callable[[], int],
        *,
        bootstrap: str,
        network: Network | None = None,
    ) -> None:
        """``bootstrap`` is the URL of the list of registries; if empty, domain ages are not measured."""
        self._reports = reports
        self._streams = streams
        self._probes = probes
        self._clock = clock
        self._bootstrap = bootstrap
        self._network = network or Network()

    def discovered(self, tenant_id: int) -> list[App]:
        """Return the listed apps that the tenant uses and that have a domain, most traffic first."""
        view = self._streams.global_view(tenant_id).stream_id
        used = self._reports.apps(tenant_id, view, PERIOD_DAYS).filter("listed")["app_id"].to_list()
        catalog = self._reports.catalog(tenant_id)
        return [app for app in map(catalog.app, used) if app is not None and app.domains]

    def run(
        self, tenant_id: int, apps: Iterable[App], *, by: str = "system", stop: Event | None = None
    ) -> Iterator[tuple[App, Measurement]]:
        """Measure apps at their main domain, store and yield the results; ``stop`` ends the run between two apps."""
        stop, catalog = stop or Event(), self._reports.catalog(tenant_id)
        registries = Registries(self._network, self._bootstrap) if self._bootstrap else None
        for number, app in enumerate(apps):
            if stop.is_set() or (number and stop.wait(PAUSE_SECONDS)):
                return
            measured = asyncio.run(self._measure(app.domains[0], catalog, registries))
            self._probes.put(tenant_id, app.app_id, measured, by=by)
            yield app, measured

    def run_due(self, tenant_id: int, days: int, stop: Event) -> int:
        """Measure apps not measured in the last ``days``, at most a hundred; return how many."""
        last = {app_id: each.measured for app_id, each in self._probes.all(tenant_id).items()}
        before = self._clock() - days * DAY
        due = [app for app in self.discovered(tenant_id) if last.get(app.app_id, -1) <= before]
        return sum(1 for _ in self.run(tenant_id, due[:MOST_PER_RUN], stop=stop))

    async def _measure(self, host: str, catalog: Catalog, registries: Registries | None) -> Measurement:
        return await measure(
            self._network,
            host,
            self._clock(),
            hosted_by=lambda address: provider_of(catalog, address),
            registries=registries,
        )


def provider_of(catalog: Catalog, address: str) -> str | None:
    """Return who runs the network of an address, according to the providers' published lists."""
    import polars as pl

    app_id = catalog.match_addresses(pl.Series([address]))["app_id"].item()
    app = None if app_id is None else catalog.app(int(app_id))
    return None if app is None else app.vendor or app.name
