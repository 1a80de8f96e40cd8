"""Which apps are measured, and when."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path
from threading import Event

import pytest

from opencasb.app import Casb
from opencasb.discovery.probe import prober as module
from opencasb.discovery.probe.prober import Prober
from opencasb.lake.usage import stream_key
from opencasb.model.stream import StreamType
from opencasb.outbound import Network
from opencasb.settings import Settings
from tests.conftest import NOW, create_schema
from tests.lake.rows import names_frame, usage_frame

DAY = 86_400_000
BOX, DROPBOX, OKTA, FLEET, UNLISTED = 10489, 11627, 10980, 500_000_000, 1_000_000_000


class House(Casb):
    """An installation whose tenant uses Box, Dropbox, a custom app and a domain outside the catalog."""

    def __init__(self, data: Path) -> None:
        self.now = NOW
        self.resolved: list[str] = []
        super().__init__(Settings(data=data), lambda: self.now)
        create_schema(self.database)
        self.tenant_id = self.tenants.create("Contoso").tenant_id
        self.custom_apps.create(self.tenant_id, "Fleet", domains=["fleet.example.com"])
        self.unlisted_apps.ids(self.tenant_id, ["shadow.example.com"])
        self._use({BOX: 5, DROPBOX: 9, FLEET: 1, UNLISTED: 100})
        clock, network = (lambda: self.now), Network(self._resolve)
        self.tested = Prober(self.reports, self.streams, self.probes, clock, bootstrap="", network=network)

    def _use(self, transactions: dict[int, int]) -> None:
        stream = self.streams.create(self.tenant_id, "proxy", StreamType.INPUT, source="SQUID_NATIVE")
        key = (self.tenant_id, date(2025, 11, 20), stream_key(stream.stream_id))
        rows = ((*key, app_id, *[None] * 4, *[count] * 5, NOW, NOW) for app_id, count in transactions.items())
        self.lake.append(self.tenant_id, usage_frame(rows), names_frame([]), "test")

    async def _resolve(self, host: str) -> list[str]:
        self.resolved.append(host)
        return ["10.0.0.1"]


@pytest.fixture
def house(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[House]:
    """An installation whose probes do not pause."""
    monkeypatch.setattr(module, "PAUSE_SECONDS", 0)
    made = House(tmp_path)
    yield made
    made.close()


def test_only_listed_apps_in_use_are_discovered(house: House) -> None:
    """Most used first, including custom apps but not domains outside the catalog."""
    assert [app.app_id for app in house.tested.discovered(house.tenant_id)] == [DROPBOX, BOX, FLEET]


def test_what_was_measured_is_kept(house: House) -> None:
    """Even if there was nothing to measure: an internal host is not visited."""
    ((app, measured),) = house.tested.run(house.tenant_id, house.tested.discovered(house.tenant_id)[2:])
    assert (app.app_id, measured.facts) == (FLEET, ())
    assert measured.problems == ("fleet.example.com has an address that is not public",)
    assert house.probes.all(house.tenant_id) == {FLEET: measured}


def test_apps_are_measured_anew_after_some_days(house: House) -> None:
    """OutboundError ones first, up to the limit of one run."""
    stop = Event()
    assert house.tested.run_due(house.tenant_id, 7, stop) == 3
    assert house.resolved == ["dropbox.com", "box.com", "fleet.example.com"]
    house.now += 6 * DAY
    assert house.tested.run_due(house.tenant_id, 7, stop) == 0
    house.now += DAY
    assert house.tested.run_due(house.tenant_id, 7, stop) == 3


def test_a_run_ends_at_its_limit_or_with_the_server(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    """At the limit, and between two apps if the server stops."""
    monkeypatch.setattr(module, "MOST_PER_RUN", 2)
    stop = Event()
    assert house.tested.run_due(house.tenant_id, 7, stop) == 2
    apps = house.tested.run(house.tenant_id, house.tested.discovered(house.tenant_id), stop=stop)
    next(apps)
    stop.set()
    assert list(apps) == []


def test_the_provider_of_an_address_is_named(house: House) -> None:
    """By the published lists; other addresses have none."""
    catalog = house.reports.catalog(house.tenant_id)
    assert module.provider_of(catalog, "140.82.112.3") == "GitHub"
    assert module.provider_of(catalog, "203.0.113.1") is None
