"""Catalog corrections and their effect on usage."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from opencasb.governance.catalog_corrections import CatalogCorrections
from opencasb.governance.statements import Given, InvalidStatement
from opencasb.model.correction import State
from tests.discovery.probe.test_prober import BOX, DROPBOX, FLEET, UNLISTED, House


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    """An installation whose tenant uses Box, Dropbox, a custom app and shadow.example.com."""
    made = House(tmp_path)
    yield made
    made.close()


def used(house: House) -> dict[int, int]:
    """Return the transactions of each app in the report."""
    view = house.streams.global_view(house.tenant_id).stream_id
    return dict(house.reports.apps(house.tenant_id, view, 90).select("app_id", "transactions").iter_rows())


def test_usage_of_an_unlisted_domain_follows_it(house: House) -> None:
    """It moves to the app with the corrected domain, and back when the correction is withdrawn."""
    before = {BOX: 5, DROPBOX: 9, FLEET: 1, UNLISTED: 100}
    assert used(house) == before
    said = Given(kind="domain", app_id=BOX, key="shadow.example.com")
    kept = house.catalog_corrections.put(house.tenant_id, said, by="ana")
    assert used(house) == {BOX: 105, DROPBOX: 9, FLEET: 1}
    house.corrections.withdraw(house.tenant_id, kept.correction.correction_id, by="ana")
    assert used(house) == before


def test_usage_of_a_listed_app_stays(house: House) -> None:
    """The lake stores the app of a row, not its host."""
    house.catalog_corrections.put(house.tenant_id, Given(kind="domain", app_id=BOX, key="dropbox.com"), by="ana")
    assert used(house) == {BOX: 5, DROPBOX: 9, FLEET: 1, UNLISTED: 100}


def test_what_is_shown_names_the_app_and_types_the_value(house: House) -> None:
    """It also shows whether the correction has expired."""
    said = Given(kind="fact", app_id=BOX, key="founded", value="2005", remark="ours", expires="2025-11-20")
    kept = house.catalog_corrections.put(house.tenant_id, said, by="ana").correction
    record = house.catalog_corrections.record(house.tenant_id, kept)
    assert (record["app"], record["value"], record["expired"], record["orphan"]) == ("Box", 2005, False, False)
    house.now += 86_400_000
    assert house.catalog_corrections.record(house.tenant_id, kept)["expired"] is True


def test_notes_are_found_by_app(house: House) -> None:
    """A correction's note replaces a custom app's own."""
    house.custom_apps.update(house.tenant_id, FLEET, notes="rented")
    assert house.catalog_corrections.notes(house.tenant_id) == {FLEET: "rented"}
    for app_id in (FLEET, BOX):
        house.catalog_corrections.put(house.tenant_id, Given(kind="note", app_id=app_id, value="ask"), by="ana")
    assert house.catalog_corrections.notes(house.tenant_id) == {FLEET: "ask", BOX: "ask"}
    found = house.catalog_corrections.note(house.tenant_id, BOX)
    assert found is not None
    assert (found.value, house.catalog_corrections.note(house.tenant_id, DROPBOX)) == ("ask", None)


def test_a_review_is_the_installations_choice(house: House) -> None:
    """Invalid corrections are rejected instead of waiting for review."""
    reviewed = CatalogCorrections(
        house.corrections, house.custom_apps, house.tenant_catalogs, lambda: house.now, review=True
    )
    kept = reviewed.put(house.tenant_id, Given(kind="name", app_id=BOX, value="Boxes"), by="ana")
    assert kept.correction.state is State.PENDING
    with pytest.raises(InvalidStatement):
        reviewed.put(house.tenant_id, Given(kind="name", app_id=BOX, value=""), by="ana")
    assert len(house.corrections.all(house.tenant_id)) == 1
