"""The repository of custom apps."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from opencasb.model.app import CustomApp
from opencasb.store.audit_log import AuditLog
from opencasb.store.conflict import Conflict
from opencasb.store.custom_apps import CustomApps
from opencasb.store.database import Database


@pytest.fixture
def apps(database: Database, clock: Callable[[], int]) -> CustomApps:
    """Return the repository under test."""
    return CustomApps(database, clock)


def test_a_custom_app_is_kept_as_it_was_defined(apps: CustomApps) -> None:
    """Domains become strict host names, networks become blocks, duplicates are removed; ids start at 500,000,000."""
    made = apps.create(
        1,
        "  Fleet board ",
        domains=["Fleet.Example.NET", "bücher.example", "fleet.example.net"],
        networks=["192.0.2.7", "198.51.100.9/24", "2001:db8::1/32"],
        category="SAASDB_CATEGORY_TRANSPORTATION_AND_TRAVEL",
        score=7,
        notes="Rented.\nAsk Ann.",
    )
    assert made == CustomApp(
        app_id=500_000_000,
        name="Fleet board",
        category="SAASDB_CATEGORY_TRANSPORTATION_AND_TRAVEL",
        domains=("fleet.example.net", "xn--bcher-kva.example"),
        networks=("192.0.2.7/32", "198.51.100.0/24", "2001:db8::/32"),
        score=7,
        notes="Rented.\nAsk Ann.",
    )
    other = apps.create(1, "Wiki", networks=["203.0.113.0/28"])
    assert (other.app_id, other.score, other.category) == (500_000_001, None, "SAASDB_CATEGORY_UNCLASSIFIED")
    assert apps.all(1) == [made, other]
    assert apps.get(1, made.app_id) == made


def test_tenants_do_not_see_one_another(apps: CustomApps) -> None:
    """Another tenant may use the same name and domain; its apps cannot be read, changed or deleted from here."""
    made = apps.create(1, "Wiki", domains=["wiki.example"])
    assert apps.all(2) == []
    assert apps.get(2, made.app_id) is None
    assert apps.update(2, made.app_id, name="Mine") is None
    assert not apps.delete(2, made.app_id)
    assert apps.create(2, "Wiki", domains=["wiki.example"]).app_id == made.app_id
    assert apps.all(1) == [made]


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"name": " "}, "name ' ' must have 1 to 200 printable characters"),
        ({"name": "a\x00b"}, "name 'a\\\\x00b' must"),
        ({"name": "a" * 201}, "name 'aaa"),
        ({"domains": ["*.example.net"]}, r"domain '\*.example.net' must be a host name"),
        ({"domains": ["co.uk"]}, "domain 'co.uk' must be a host name"),
        ({"domains": [], "networks": ["10.0.0.0/33"]}, "network '10.0.0.0/33' must be an address or a block"),
        ({"domains": []}, "app 'Wiki' needs at least one domain or network"),
        ({"category": "Webmail"}, "category 'Webmail' must look like SAASDB_CATEGORY_"),
        ({"score": 11}, "score 11 must be 0"),
        ({"score": -1}, "score -1 must be 0"),
        ({"notes": "a\x00"}, "notes 'a.*' must be printable"),
        ({"notes": "a" * 2001}, "notes may have at most 2000 characters; this one has 2001"),
        ({"category": "a" * 300}, "category 'a{,100}…' must look like"),
    ],
)
def test_wrong_fields_are_refused_by_name(apps: CustomApps, fields: dict[str, Any], message: str) -> None:
    """Creation and change follow the same rules; rejected values are not stored."""
    given = {"name": "Wiki", "domains": ["wiki.example"], **fields}
    with pytest.raises(ValueError, match=message):
        apps.create(1, **given)
    assert apps.all(1) == []
    made = apps.create(1, "Wiki", domains=["wiki.example"])
    with pytest.raises(ValueError, match=message):
        apps.update(1, made.app_id, **given)
    assert apps.all(1) == [made]


def test_names_and_domains_belong_to_one_app(apps: CustomApps) -> None:
    """A second app with the name, in any case, or a domain of another is rejected.

    An app does not conflict with itself.
    """
    wiki = apps.create(1, "Wiki", domains=["wiki.example"])
    with pytest.raises(Conflict, match="name 'WIKI' is taken by custom app 500000000"):
        apps.create(1, "WIKI", domains=["other.example"])
    with pytest.raises(Conflict, match=r"domain 'wiki\.example' already belongs to custom app 'Wiki'"):
        apps.create(1, "Board", domains=["board.example", "Wiki.example"])
    board = apps.create(1, "Board", domains=["board.example"])
    with pytest.raises(Conflict, match="domain"):
        apps.update(1, board.app_id, domains=["wiki.example"])
    changed = apps.update(1, wiki.app_id, name="wiki", score=3)
    assert changed is not None
    assert (changed.name, changed.score, changed.domains) == ("wiki", 3, ("wiki.example",))
    assert apps.get(1, wiki.app_id) == changed


def test_a_deleted_app_is_gone_and_its_id_is_not_used_again(apps: CustomApps) -> None:
    """Its name and domains are free again, for an app with another id."""
    made = apps.create(1, "Wiki", domains=["wiki.example"])
    assert apps.delete(1, made.app_id)
    assert not apps.delete(1, made.app_id)
    assert apps.get(1, made.app_id) is None
    assert apps.update(1, made.app_id, score=1) is None
    assert apps.create(1, "Wiki", domains=["wiki.example"]).app_id == made.app_id + 1


def test_every_change_moves_the_revision_and_is_audited(
    apps: CustomApps, database: Database, clock: Callable[[], int]
) -> None:
    """Creation, change and deletion do both; a rejected one does neither."""
    seen = [apps.revision(1)]
    made = apps.create(1, "Wiki", domains=["wiki.example"], by="ann")
    seen.append(apps.revision(1))
    apps.update(1, made.app_id, score=4, by="ben")
    seen.append(apps.revision(1))
    with pytest.raises(ValueError, match="score"):
        apps.update(1, made.app_id, score=99)
    assert apps.revision(1) == seen[-1]
    apps.delete(1, made.app_id, by="eve")
    seen.append(apps.revision(1))
    assert len(set(seen)) == 4
    assert apps.revision(2) == 0
    entries = {(entry.action, entry.actor, entry.target) for entry in AuditLog(database, clock).latest(1)}
    assert entries == {
        ("custom_app.create", "ann", "Wiki"),
        ("custom_app.update", "ben", "Wiki"),
        ("custom_app.delete", "eve", "Wiki"),
    }


def test_a_vendor_is_kept(apps: CustomApps) -> None:
    """It is trimmed; an empty one is stored as none."""
    made = apps.create(1, "Wiki", domains=["wiki.example"], vendor=" Wiki Inc ")
    assert made.vendor == "Wiki Inc"
    assert apps.all(1) == [made]
    changed = apps.update(1, made.app_id, vendor=" ")
    assert changed is not None
    assert changed.vendor is None
    with pytest.raises(ValueError, match=r"vendor 'a.*' must have at most 200 printable"):
        apps.update(1, made.app_id, vendor="a\x00")


def test_a_number_can_be_asked_for(apps: CustomApps) -> None:
    """It is assigned if it is in the range of custom apps and was never used, even by a deleted app."""
    assert apps.create(1, "a", domains=["a.example"], app_id=500_000_007).app_id == 500_000_007
    assert apps.delete(1, 500_000_007)
    taken = apps.create(1, "b", domains=["b.example"], app_id=500_000_007)
    foreign = apps.create(1, "c", domains=["c.example"], app_id=11627)
    assert (taken.app_id, foreign.app_id) == (500_000_008, 500_000_009)
