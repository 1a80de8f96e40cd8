"""Each tenant's view of the catalog."""

from __future__ import annotations

from pathlib import Path

import msgspec
import polars as pl
import pytest

from opencasb.catalog.builder.write import write_hosts
from opencasb.catalog.catalog import Catalog
from opencasb.catalog.suffixes import PublicSuffixes
from opencasb.model.correction import Kind, Statement
from opencasb.model.factor import Importance
from opencasb.model.measurement import Fact, Measurement
from opencasb.store.database import Database
from tests.conftest import NOW
from tests.discovery.tenant_stores import TenantStores

DAY = 86_400_000
DROPBOX, BOX = 11627, 10489
MFA = "is_multi_factor_authentication"
SHIPPED = Catalog.shipped()


class House(TenantStores):
    """Two tenants over the shipped catalog, and a manual clock."""

    def __init__(self, database: Database) -> None:
        self.now = NOW
        super().__init__(database, lambda: self.now)
        self.catalogs = self.over(SHIPPED)

    def correct(self, *statements: Statement) -> None:
        """Add corrections to tenant 1."""
        self.corrections.put(1, statements, by="ana", review=False)

    def app_of(self, host: str, tenant_id: int = 1) -> int | None:
        """Return the app of a host."""
        found = self.catalogs.of(tenant_id).match_hosts(pl.Series([host]))["app_id"].item()
        return None if found is None else int(found)


@pytest.fixture
def house(database: Database) -> House:
    """Two tenants."""
    return House(database)


def attested(app_id: int, value: str, **more: str) -> Statement:
    """Return a fact attested by the tenant."""
    return Statement(kind=Kind.FACT, app_id=app_id, key=MFA, value=value, attested_on="2025-11-20", **more)


def test_a_catalog_is_kept_until_something_changes(house: House) -> None:
    """Without an overlay it is the shipped one; with it each tenant has its own."""
    assert house.catalogs.of(2) is SHIPPED
    made = house.custom_apps.create(1, "Time Sheets", domains=["times.example"])
    own = house.catalogs.of(1)
    assert own is not SHIPPED
    assert house.catalogs.of(1) is own
    assert house.catalogs.of(2) is SHIPPED
    house.correct(attested(DROPBOX, "true"))
    assert house.catalogs.of(1) is not own
    assert house.catalogs.of(2) is SHIPPED
    house.custom_apps.delete(1, made.app_id)
    (said,) = house.corrections.in_effect(1)
    house.corrections.withdraw(1, said.correction_id, by="ana")
    assert house.catalogs.of(1) is SHIPPED


def test_each_tenant_scores_in_its_own_way(house: House) -> None:
    """Settings and overrides take effect at once, only for the tenant."""
    house.score_overrides.put(1, BOX, 2, "no contract")
    box = house.catalogs.of(1).app(BOX)
    assert box is not None
    assert box.score == 2
    assert house.catalogs.of(2) is SHIPPED
    assert house.catalogs.scoring(1).overrides == {BOX: 2}
    house.score_overrides.remove(1, BOX)
    house.score_settings.change(1, factors={MFA: Importance.IGNORED})
    scores = house.catalogs.of(1).scores
    assert house.catalogs.of(1).scores is scores
    house.score_settings.reset(1)
    assert house.catalogs.of(1) is SHIPPED


def test_a_corrected_domain_is_another_apps(house: House) -> None:
    """For hosts below it, and in the lists of both apps; other tenants are unaffected."""
    house.correct(Statement(kind=Kind.DOMAIN, app_id=BOX, key="dropbox.com"))
    house.correct(Statement(kind=Kind.DOMAIN, app_id=None, key="slack.com"))
    assert (house.app_of("www.dropbox.com"), house.app_of("www.dropbox.com", 2)) == (BOX, DROPBOX)
    assert house.app_of("acme.slack.com") is None
    box, dropbox = house.catalogs.of(1).app(BOX), house.catalogs.of(1).app(DROPBOX)
    assert box is not None
    assert dropbox is not None
    assert "dropbox.com" in box.domains
    assert "dropbox.com" not in dropbox.domains


def test_longer_domains_of_the_catalog_stay(house: House) -> None:
    """Correcting google.com does not affect Google Drive; special customer hosts of a platform are kept."""
    drive = house.app_of("drive.google.com")
    house.correct(Statement(kind=Kind.DOMAIN, app_id=BOX, key="google.com"))
    house.correct(Statement(kind=Kind.DOMAIN, app_id=BOX, key="sharepoint.com"))
    assert (house.app_of("www.google.com"), house.app_of("drive.google.com")) == (BOX, drive)
    hosts = pl.Series(["contoso.sharepoint.com", "contoso-my.sharepoint.com"])
    found = house.catalogs.of(1).match_hosts(hosts)
    before = SHIPPED.match_hosts(hosts)
    assert found["app_id"].to_list() == [BOX, before["app_id"][1]]
    assert found["instance"].to_list() == before["instance"].to_list()


def test_attested_facts_are_facts(house: House) -> None:
    """They are the tenant's and take precedence."""
    house.correct(attested(BOX, "false", attested_by="Cid of Box", link="https://box.example/trust"))
    rows = house.catalogs.of(1).facts.filter(app_id=BOX, factor=MFA).rows(named=True)
    assert (rows[0]["value"], rows[0]["source"], rows[0]["date"]) == ("false", "tenant", "2025-11-20")
    assert (rows[0]["method"], rows[0]["evidence"]) == ("attested by Cid of Box", "https://box.example/trust")
    assert house.catalogs.of(1).facts.schema == SHIPPED.facts.schema
    assert house.catalogs.of(2).facts.filter(source="tenant").is_empty()


def test_measured_facts_are_facts(house: House) -> None:
    """Dated on the day of the visit, ranked above shipped facts and below attested ones."""
    fact = Fact(factor=MFA, value=False, evidence="https://box.example/", method="TLS handshake")
    visit = Measurement(
        host="box.example", address=None, measured=NOW, certificate_expires=None, facts=(fact,), problems=()
    )
    house.probes.put(1, BOX, visit)
    house.probes.put(1, 7, visit)
    first = house.catalogs.of(1).facts.filter(app_id=BOX, factor=MFA).rows()[0]
    assert first[2:] == ("false", "probe", "2025-11-20", "high", "TLS handshake", "https://box.example/")
    assert house.catalogs.of(1).facts.filter(source="probe")["app_id"].to_list() == [BOX]
    assert house.catalogs.of(2).facts.filter(source="probe").is_empty()
    house.correct(attested(BOX, "true"))
    believed = house.catalogs.of(1).facts.filter(app_id=BOX, factor=MFA)["source"].to_list()
    assert believed[:2] == ["tenant", "probe"]


def test_an_expired_attestation_leaves_the_catalog_at_midnight(house: House) -> None:
    """No other change is needed."""
    house.correct(attested(BOX, "false", expires="2025-11-20"))
    assert not house.catalogs.of(1).facts.filter(source="tenant").is_empty()
    house.now += DAY
    assert house.catalogs.of(1).facts.filter(source="tenant").is_empty()


def test_an_overlay_survives_another_catalog(house: House, tmp_path: Path) -> None:
    """With other bytes: corrections of a removed app have no effect, the others still apply."""
    statements = (
        attested(DROPBOX, "false"),
        attested(BOX, "false"),
        Statement(kind=Kind.NAME, app_id=DROPBOX, value="Dropbox, Inc."),
        Statement(kind=Kind.NAME, app_id=BOX, value="Box, Inc."),
        Statement(kind=Kind.DOMAIN, app_id=DROPBOX, key="shares.example"),
        Statement(kind=Kind.DOMAIN, app_id=BOX, key="boxes.example"),
        Statement(kind=Kind.NOTE, app_id=DROPBOX, value="moved"),
    )
    house.correct(*statements)
    house.custom_apps.create(1, "Time Sheets", domains=["times.example"])
    house.catalogs = house.over(of_one_app(BOX, tmp_path))
    catalog = house.catalogs.of(1)
    assert catalog.app(DROPBOX) is None
    box = catalog.app(BOX)
    assert box is not None
    assert (box.name, "boxes.example" in box.domains) == ("Box, Inc.", True)
    assert (house.app_of("a.boxes.example"), house.app_of("shares.example")) == (BOX, None)
    assert house.app_of("times.example") == 500_000_000
    assert catalog.facts.filter(source="tenant")["app_id"].to_list() == [BOX]
    assert {each.statement for each in house.corrections.in_effect(1)} == set(statements)


def of_one_app(app_id: int, folder: Path) -> Catalog:
    """Return a catalog in ``folder`` with only one app of the shipped one."""
    shipped = Path(str(SHIPPED._files._folder))
    for layer in ("core", "sharealike"):
        if not (shipped / layer).is_dir():
            continue
        (folder / layer).mkdir()
        for path in (each for each in (shipped / layer).glob("*.parquet") if each.stem != "hosts"):
            frame = pl.read_parquet(path)
            frame.filter(pl.col("app_id") == app_id).write_parquet(folder / layer / path.name)
        (folder / layer / "sources.json").write_bytes(msgspec.json.encode([]))
    rules = (shipped / "public_suffixes.txt").read_text("utf-8")
    assert PublicSuffixes.parse(rules)
    (folder / "public_suffixes.txt").write_text(rules, "utf-8")
    write_hosts(folder)
    return Catalog.of_folder(folder)
