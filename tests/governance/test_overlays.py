"""Export and import of overlays, between tenants or within one."""

from __future__ import annotations

import itertools
import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from opencasb.catalog.catalog import Catalog
from opencasb.discovery.tenant_catalogs import TenantCatalogs
from opencasb.governance.catalog_corrections import CatalogCorrections
from opencasb.governance.overlay_file import Format, OverlayFileError
from opencasb.governance.overlays import Imported, Overlays
from opencasb.governance.statements import Given
from opencasb.model.correction import Kind, State
from opencasb.store.corrections import Corrections
from opencasb.store.custom_apps import CustomApps
from opencasb.store.database import Database
from opencasb.store.probes import Probes
from opencasb.store.score_overrides import ScoreOverrides
from opencasb.store.score_settings import ScoreSettingsStore
from tests.conftest import NOW, create_schema
from tests.discovery.test_tenant_catalogs import BOX, DROPBOX, of_one_app

SHIPPED = Catalog.shipped()
LINK = "https://box.example/trust"


class House:
    """Tenants with a catalog."""

    def __init__(self, database: Database, *, review: bool = False, catalog: Catalog = SHIPPED) -> None:
        self.now = NOW
        ticks = itertools.count(NOW)
        self.database = database
        self.custom_apps = CustomApps(database, lambda: next(ticks))
        self.corrections = Corrections(database, lambda: next(ticks))
        scores = (ScoreSettingsStore(database, lambda: NOW), ScoreOverrides(database, lambda: NOW))
        catalogs = TenantCatalogs(catalog, self.custom_apps, self.corrections, *scores, Probes(database, lambda: NOW))
        self.catalog_corrections = CatalogCorrections(
            self.corrections, self.custom_apps, catalogs, lambda: self.now, review=review
        )
        self.overlays = Overlays(self.custom_apps, self.corrections, catalogs, self.catalog_corrections)

    def fill(self, tenant_id: int) -> None:
        """Give a tenant two custom apps, skipping the first id, and one correction of each kind."""
        gone = self.custom_apps.create(tenant_id, "Gone", domains=["gone.example"])
        self.custom_apps.delete(tenant_id, gone.app_id)
        fleet = self.custom_apps.create(
            tenant_id, "=Fleet", domains=["fleet.example"], networks=["192.0.2.0/24"], score=4, vendor="F", notes="a\nb"
        )
        self.custom_apps.create(tenant_id, "Wiki", domains=["wiki.example", "w.example"])
        for said in (
            Given(kind="fact", app_id=BOX, key="data_center", value=["DE", "a, b"], link=LINK, attested_by="Cid"),
            Given(kind="fact", app_id=fleet.app_id, key="founded", value=2020, remark="-ours", expires="2025-12-31"),
            Given(kind="fact", app_id=DROPBOX, key="vendor", value="unknown", link=LINK),
            Given(kind="fact", app_id=DROPBOX, key="headquarters", value="[US", link=LINK),
            Given(kind="domain", app_id=fleet.app_id, key="boxcdn.net"),
            Given(kind="domain", key="db.tt"),
            Given(kind="name", app_id=BOX, value="Box, Inc."),
            Given(kind="category", app_id=BOX, value="SAASDB_CATEGORY_CRM"),
            Given(kind="note", app_id=BOX, value='"ask"\n=Cid'),
        ):
            self.catalog_corrections.put(tenant_id, said, by="ana")

    def load(self, tenant_id: int, content: bytes) -> Imported:
        """Import a file."""
        return self.overlays.load(tenant_id, content, by="ben")

    def document(self, *rows: object, tenant_id: int = 1) -> Imported:
        """Import rows."""
        return self.load(tenant_id, json.dumps({"opencasb_overlay": 1, "rows": rows}).encode())


@pytest.fixture
def house(database: Database) -> House:
    """Tenants with the shipped catalog."""
    return House(database)


@pytest.mark.parametrize("form", ["json", "csv"])
def test_an_export_imports_as_it_was(house: House, form: Format) -> None:
    """Everything arrives in another tenant, including custom apps' ids; a second import changes nothing."""
    house.fill(1)
    exported = house.overlays.export(1, form)
    first = house.load(2, exported)
    assert (first.rows, first.added, first.refused) == (11, 11, ())
    assert house.overlays.export(2, form) == exported
    assert house.overlays.export(2, "json") == house.overlays.export(1, "json")
    assert {each.author for each in house.corrections.all(2)} == {"ben"}
    revisions = (house.custom_apps.revision(2), len(house.corrections.all(2)))
    again = house.load(2, exported)
    assert (again.unchanged, again.added, again.changed) == (11, 0, 0)
    assert (house.custom_apps.revision(2), len(house.corrections.all(2))) == revisions
    assert house.load(1, exported).unchanged == 11


@pytest.mark.parametrize("review", [False, True])
def test_a_file_without_days_says_nothing_new_tomorrow(database: Database, *, review: bool) -> None:
    """Another user's import adds nothing either; with a day it is a new correction."""
    house = House(database, review=review)
    content = f"kind,app_id,key,value,remark\r\nfact,{BOX},founded,2005,ours\r\nname,{BOX},,Boxes,\r\n".encode()
    assert house.load(1, content).unchanged == 0
    house.now += 86_400_000
    assert house.overlays.load(1, content, by="cid").unchanged == 2
    assert len(house.corrections.all(1)) == 2
    dated = content.replace(b"remark", b"remark,attested_on", 1).replace(b"ours", b"ours,2025-11-21", 1)
    assert house.load(1, dated).unchanged == 1


def test_custom_apps_are_found_by_name(house: House) -> None:
    """If the id is taken, corrections follow the app's new id; different values are updated."""
    house.custom_apps.create(1, "Mine", domains=["mine.example"])
    app = {"kind": "custom_app", "app_id": 500_000_000, "app": "Fleet", "domains": ["Fleet.example"]}
    fact = {"kind": "fact", "app_id": 500_000_000, "key": "founded", "value": 2020, "remark": "ours"}
    assert house.document(app, fact).added == 2
    mine, fleet = house.custom_apps.all(1)
    assert (mine.name, fleet.name, fleet.domains) == ("Mine", "Fleet", ("fleet.example",))
    assert [each.app_id for each in house.corrections.all(1)] == [fleet.app_id]
    assert house.document({**app, "score": 3}, fact) == Imported(
        rows=2, added=0, waiting=0, changed=1, unchanged=1, refused=()
    )
    assert house.custom_apps.all(1)[1].score == 3


def test_refused_rows_are_told_and_the_rest_is_kept(house: House) -> None:
    """Each has its line or number, and the reason."""
    good = {"kind": "note", "app_id": BOX, "value": "ask"}
    done = house.document(
        {"kind": "fact", "app_id": BOX, "key": "founded", "value": "long ago", "link": LINK},
        good,
        {"kind": "note", "app_id": BOX, "value": "ask again"},
        {"kind": "custom_app", "app": "Fleet"},
        {"kind": "custom_app", "app": "Fleet", "domains": "fleet.example", "score": "high"},
        {"kind": "custom_app", "app": "Fleet", "domains": [1]},
        {"kind": "note", "app_id": True, "value": "x"},
        {"kind": "note", "app_id": -1, "value": "x"},
        {"kind": ["note"]},
        {"kind": "note", "app_id": 10**12, "value": "x"},
        {"kind": "note", "app_id": 2**33, "value": "x"},
        7,
    )
    assert [(each.line, each.reason) for each in done.refused] == [
        (1, "value: founded 'long ago' must be a year such as 2011"),
        (3, "line 2 speaks of the same"),
        (4, "app 'Fleet' needs at least one domain or network"),
        (5, "score 'high' must be a whole number of at most 10 digits"),
        (6, "domains '[1]' must be a list of texts"),
        (7, "app_id 'True' must be a whole number of at most 10 digits"),
        (8, "app_id '-1' must be a whole number of at most 10 digits"),
        (9, "kind \"['note']\" must be text"),
        (10, "app_id '1000000000000' must be a whole number of at most 10 digits"),
        (11, "app_id 8589934592 is neither an app of the catalog nor a custom app"),
        (12, "an object is expected"),
    ]
    assert (done.rows, done.added) == (12, 1)
    assert [each.value for each in house.corrections.all(1)] == ["ask"]
    lines = b"kind,app_id,value\r\nnote,1,x\r\n" + f"name,{BOX},Boxes\r\n".encode()
    assert [each.line for each in house.load(1, lines).refused] == [2]
    with pytest.raises(OverlayFileError):
        house.load(1, b"colour\r\n")


def test_with_review_an_import_waits(database: Database) -> None:
    """Notes and custom apps do not wait; a correction already waiting is not added again."""
    house = House(database, review=True)
    rows = (
        {"kind": "custom_app", "app": "Fleet", "domains": ["fleet.example"]},
        {"kind": "name", "app_id": BOX, "value": "Boxes", "attested_by": "ana"},
        {"kind": "note", "app_id": BOX, "value": "ask"},
    )
    done = house.document(*rows)
    assert (done.added, done.waiting) == (2, 1)
    assert house.document(*rows).unchanged == 3
    (waiting,) = house.corrections.all(1, states=[State.PENDING])
    assert (waiting.kind, waiting.author) == (Kind.NAME, "ben")


def test_orphans_are_exported_and_stay(house: House, tmp_path: Path) -> None:
    """In the same tenant they are unchanged; another tenant rejects them while the app is missing."""
    house.catalog_corrections.put(1, Given(kind="name", app_id=DROPBOX, value="Dropbox, Inc."), by="ana")
    (said,) = house.corrections.all(1)
    assert house.catalog_corrections.record(1, said)["orphan"] is False
    later = House(house.database, catalog=of_one_app(BOX, tmp_path))
    orphan = later.catalog_corrections.record(1, said)
    assert (orphan["orphan"], orphan["app"], orphan["value"]) == (True, None, "Dropbox, Inc.")
    exported = later.overlays.export(1, "csv")
    assert b"Dropbox, Inc." in exported
    assert later.load(1, exported).unchanged == 1
    assert (
        later.load(2, exported).refused[0].reason
        == f"app_id {DROPBOX} is neither an app of the catalog nor a custom app"
    )


@pytest.fixture(scope="module")
def shared_house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """Tenants shared by all examples."""
    opened = Database(f"sqlite:///{tmp_path_factory.mktemp('overlays') / 'casb.sqlite3'}")
    create_schema(opened)
    yield House(opened)
    opened.close()


ANY = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=6)
    | st.lists(st.text(max_size=4))
)
FIELDS = st.dictionaries(
    st.sampled_from(["app", "key", "value", "link", "remark", "expires", "domains", "networks", "score", "notes"]), ANY
)


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.tuples(st.sampled_from(["custom_app", *Kind]), st.sampled_from([BOX, None, 7]), FIELDS), max_size=4))
def test_any_rows_are_counted(shared_house: House, rows: list[tuple[str, int | None, dict[str, object]]]) -> None:
    """Each is counted once, as accepted or rejected."""
    done = shared_house.document(*({**fields, "kind": kind, "app_id": app_id} for kind, app_id, fields in rows))
    assert done.added + done.waiting + done.changed + done.unchanged + len(done.refused) == done.rows == len(rows)
