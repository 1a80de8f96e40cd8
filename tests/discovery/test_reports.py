"""Reports agree exactly with the lake."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from opencasb.discovery.destinations import UNRESOLVED_APP_ID
from opencasb.lake.usage import Lake
from opencasb.model.stream import Stream, StreamType
from opencasb.store.database import Database
from opencasb.store.unlisted_apps import FIRST_ID
from tests.discovery.stub_catalog import stub_catalog
from tests.discovery.tenant_stores import TenantStores
from tests.lake.rows import DAY, names, usage

TENANT = 1


class House(TenantStores):
    """Reports over an empty lake with one data source."""

    def __init__(self, database: Database, folder: Path, clock: Callable[[], int]) -> None:
        super().__init__(database, clock)
        self.lake = Lake(str(folder))
        self.reports = self.reports_of(self.lake, self.over(stub_catalog()))
        self.view = self.streams.global_view(TENANT).stream_id
        self.source = self.make("edge")

    def make(self, name: str, stream_type: StreamType = StreamType.INPUT, **fields: Any) -> Stream:
        """Add a stream."""
        return self.streams.create(TENANT, name, stream_type, **fields)

    def add(self, stream: Stream, batch: str, **changes: Any) -> None:
        """Add the three usage rows to a stream, with changes."""
        rows = usage(stream_id=stream.stream_id).with_columns(**changes)
        self.lake.append(TENANT, rows, names(), batch)

    def rows(self, stream_id: str, days: int = 90) -> dict[int, dict[str, Any]]:
        """Return the report's rows by app."""
        return {row["app_id"]: row for row in self.reports.apps(TENANT, stream_id, days).to_dicts()}


@pytest.fixture
def house(database: Database, tmp_path: Path, clock: Callable[[], int]) -> House:
    """An empty house."""
    return House(database, tmp_path, clock)


def test_a_report_has_exact_counts_and_describes_each_app(house: House) -> None:
    """Users and addresses are distinct counts; name, category and tags are joined."""
    house.add(house.source, "a")
    house.tags.add(TENANT, 11627, "Sanctioned")
    row = house.rows(house.source.stream_id)[11627]
    assert (row["users"], row["ip_addresses"], row["devices"], row["transactions"]) == (2, 2, 0, 3)
    assert (row["name"], row["listed"], row["tags"], row["score"]) == ("Dropbox", True, ["Sanctioned"], None)
    assert row["domains"] == ["dropbox.com"]


def test_apps_outside_the_catalog_are_shown_by_their_domain(house: House) -> None:
    """Unlisted apps and unresolved addresses are ordinary rows, marked as not listed."""
    house.unlisted_apps.ids(TENANT, ["files.example"])
    house.add(house.source, "a", app_id=pl.lit(FIRST_ID, pl.Int32))
    house.add(house.source, "b", app_id=pl.lit(UNRESOLVED_APP_ID, pl.Int32))
    rows = house.rows(house.view)
    assert (rows[FIRST_ID]["name"], rows[FIRST_ID]["domains"]) == ("files.example", ["files.example"])
    assert rows[UNRESOLVED_APP_ID]["domains"] == []
    assert not any(row["listed"] for row in rows.values())


def test_usage_of_a_deleted_custom_app_keeps_its_name(house: House) -> None:
    """It no longer has domains; an unknown id is shown as a number."""
    app = house.custom_apps.create(TENANT, "Fleet", domains=["fleet.example.com"])
    house.add(house.source, "a", app_id=pl.lit(app.app_id, pl.Int32))
    house.add(house.source, "b", app_id=pl.lit(5, pl.Int32))
    house.custom_apps.delete(TENANT, app.app_id)
    rows = house.rows(house.view)
    assert [(rows[each]["name"], rows[each]["domains"]) for each in (app.app_id, 5)] == [("Fleet", []), ("App 5", [])]


def test_a_score_that_the_tenant_gives_is_in_its_reports(house: House) -> None:
    """For listed apps and those outside the catalog, at once."""
    house.unlisted_apps.ids(TENANT, ["files.example"])
    house.add(house.source, "a", app_id=pl.lit(FIRST_ID, pl.Int32))
    house.add(house.source, "b")
    assert {row["score"] for row in house.rows(house.view).values()} == {None}
    house.score_overrides.put(TENANT, FIRST_ID, 1, "unknown host")
    house.score_overrides.put(TENANT, 11627, 9, "contract")
    scores = {app_id: row["score"] for app_id, row in house.rows(house.view).items()}
    assert (scores.pop(FIRST_ID), scores.pop(11627), set(scores.values())) == (1, 9, {None})


def test_usage_of_an_unlisted_domain_moves_to_the_app_that_takes_it_over(house: House) -> None:
    """When a domain enters the catalog, its earlier usage counts for the app."""
    house.unlisted_apps.ids(TENANT, ["dropbox.com"])
    house.add(house.source, "a", app_id=pl.lit(FIRST_ID, pl.Int32))
    house.add(house.source, "b")
    assert house.rows(house.view)[11627]["transactions"] == 9
    assert house.reports.entities(TENANT, house.view, 30, 11627, "user") == ["ana", "ben"]


def test_the_global_report_has_continuous_sources_only(house: House) -> None:
    """Snapshots and sources that are not aggregated only appear in their own reports."""
    for number, stream in enumerate(
        (house.source, house.make("snap", StreamType.SNAPSHOT), house.make("apart", global_aggregated=False))
    ):
        house.add(stream, str(number))
        assert house.rows(stream.stream_id)[11627]["transactions"] == 3
    assert house.rows(house.view)[11627]["transactions"] == 3


def test_usage_of_a_deleted_source_is_in_no_report(house: House) -> None:
    """Even while it is still in the lake, as after an interrupted deletion."""
    house.add(house.source, "a")
    gone = house.make("gone")
    house.add(gone, "b", user_id=pl.lit(99, pl.Int64))
    house.streams.delete(TENANT, gone.stream_id)
    assert house.rows(house.view)[11627]["transactions"] == 3
    assert house.reports.totals(TENANT, house.view, 30)["users"] == 2


def test_the_window_ends_at_the_newest_day_with_data(house: House) -> None:
    """Seven days are the newest and the six before it; older days are excluded."""
    house.add(house.source, "new")
    for back in (6, 7):
        house.add(house.source, f"{back}", day=pl.lit(DAY - timedelta(days=back)))
    assert house.reports.newest_day(TENANT, house.view) == DAY.isoformat()
    assert house.rows(house.view, 7)[11627]["transactions"] == 6
    assert house.rows(house.view, 30)[11627]["transactions"] == 9
    frozen = house.reports.apps(TENANT, house.view, 7, (DAY - timedelta(days=1)).isoformat())
    assert frozen["transactions"].sum() == 12


def test_a_kept_report_is_new_when_data_or_tags_change(house: House) -> None:
    """The same query is answered from memory until something changes."""
    house.add(house.source, "a")
    first = house.reports.apps(TENANT, house.view, 30)
    assert house.reports.apps(TENANT, house.view, 30) is first
    house.tags.add(TENANT, 11627, "Monitored")
    assert house.rows(house.view)[11627]["tags"] == ["Monitored"]
    house.add(house.source, "b")
    assert house.rows(house.view)[11627]["transactions"] == 6


def test_the_newest_day_is_kept_until_data_change(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    """The lake is read again only after a change."""
    house.add(house.source, "a", day=pl.lit(DAY - timedelta(days=1)))
    read, scans = house.lake.usage, 0

    def counting(tenant_id: int) -> pl.LazyFrame | None:
        nonlocal scans
        scans += 1
        return read(tenant_id)

    monkeypatch.setattr(house.lake, "usage", counting)
    for _ in range(3):
        assert house.reports.newest_day(TENANT, house.view) == (DAY - timedelta(days=1)).isoformat()
    assert scans == 1
    house.add(house.source, "b")
    assert house.reports.newest_day(TENANT, house.view) == DAY.isoformat()
    assert scans == 2


def test_entities_of_an_app_are_named_once_and_sorted(house: House) -> None:
    """Users and addresses of one app; an app's users lead back to their apps."""
    for batch in ("a", "b"):
        house.add(house.source, batch)
    assert house.reports.entities(TENANT, house.view, 30, 11627, "user") == ["ana", "ben"]
    assert house.reports.entities(TENANT, house.view, 30, 10489, "ip") == ["10.0.0.1"]
    assert house.reports.entities(TENANT, house.view, 30, 11627, "device") == []
    assert house.reports.apps_of(TENANT, house.view, 30, "user", ["BEN"]) == [11627]
    assert house.reports.totals(TENANT, house.view, 30) == {"users": 2, "ip_addresses": 2, "devices": 0}


def test_totals_of_all_reports_are_counted_together(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    """A list of many reports queries the lake as often as one report, and again only after a change."""
    others = [house.make(f"gate-{number}") for number in range(5)]
    house.add(house.make("snap", StreamType.SNAPSHOT), "snap", user_id=pl.lit(99, pl.Int64))
    for stream in others:
        house.add(stream, stream.stream_id, day=pl.lit(DAY - timedelta(days=40)))
    house.add(others[0], "late", user_id=pl.lit(7, pl.Int64))
    scans: list[int] = []
    read = house.lake.usage

    def counting(tenant_id: int) -> pl.LazyFrame | None:
        scans.append(tenant_id)
        return read(tenant_id)

    monkeypatch.setattr(house.lake, "usage", counting)
    found = {
        (stream.display_name, days): house.reports.totals(TENANT, stream.stream_id, days)["users"]
        for stream in house.streams.all(TENANT)
        for days in (7, 30, 60, 90)
    }
    assert len(scans) == 1
    assert [found["gate-0", days] for days in (7, 30, 60, 90)] == [1, 1, 3, 3]
    assert [found["gate-1", days] for days in (7, 90)] == [2, 2]
    assert [found["Global View", days] for days in (7, 60)] == [1, 3]
    assert (found["snap", 7], found["edge", 90]) == (1, 0)


def test_a_stream_without_data_has_an_empty_report(house: House) -> None:
    """Neither missing data nor an unknown stream is an error."""
    for stream_id in (house.view, "f" * 24):
        assert house.reports.apps(TENANT, stream_id, 7).is_empty()
        assert house.reports.newest_day(TENANT, stream_id) is None
        assert house.reports.entities(TENANT, stream_id, 7, 11627, "user") == []
    assert set(house.reports.apps(TENANT, house.view, 7).columns) >= {"app_id", "name", "tags", "users", "last_seen"}
