"""A tenant's overlay on the catalog."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, cast

import polars as pl
import pytest

from opencasb.catalog.catalog import Catalog
from opencasb.catalog.match import DomainRow, HostTable, compiled, rows_frame
from opencasb.catalog.overlay import Overlay, apps_with, facts_with, host_rows
from opencasb.catalog.shipped import CatalogFiles
from opencasb.catalog.suffixes import PublicSuffixes
from opencasb.model.app import CustomApp
from opencasb.model.correction import UNKNOWN, Kind, Statement
from tests.catalog import schemas

BOX, DRIVE, GONE, OWN = 10489, 20001, 99999, 500_000_000
FLEET = CustomApp(app_id=OWN, name="Fleet", domains=("fleet.example",), vendor="Fleet Inc", score=4)
LISTED = pl.DataFrame(
    [
        (BOX, "Box", "SAASDB_CATEGORY_CLOUD_STORAGE", ["box.com", "boxcdn.net"], 8, None, []),
        (DRIVE, "Drive", "SAASDB_CATEGORY_CLOUD_STORAGE", ["drive.box.com"], None, "Drive Inc", ["tracker"]),
    ],
    schema=schemas.APPS,
    orient="row",
)
FACTS = pl.DataFrame(
    [
        (BOX, "founded", "2005", "exchange", "2025-01-01", "high", None, None),
        (BOX, "is_supports_saml", "true", "list", "2025-01-01", "medium", None, "https://list.example"),
    ],
    schema=schemas.FACTS,
    orient="row",
)
SHIPPED = (
    DomainRow("box.com", BOX, tenants=True, registrable="box.com"),
    DomainRow("drive.box.com", DRIVE, tenants=False, registrable="box.com"),
)


def correction(kind: Kind, app_id: int | None, key: str = "", value: str = "", **more: Any) -> Statement:
    """Return a correction."""
    return Statement(kind=kind, app_id=app_id, key=key, value=value, **more)


def fact(app_id: int, key: str, value: str) -> Statement:
    """Return an attestation."""
    more = {"link": "https://box.example/trust", "attested_by": "Cid", "attested_on": "2025-11-20"}
    return correction(Kind.FACT, app_id, key, value, **more)


def apps(*corrections: Statement, custom: tuple[CustomApp, ...] = ()) -> dict[int, dict[str, Any]]:
    """Return the rows of the apps by id."""
    frame = apps_with(LISTED, Overlay(custom, corrections))
    assert frame.schema == LISTED.schema
    return {row["app_id"]: row for row in frame.iter_rows(named=True)}


def test_custom_apps_come_first() -> None:
    """They have vendor and score; catalog apps are unchanged."""
    frame = apps_with(LISTED, Overlay((FLEET,)))
    assert frame["app_id"].to_list() == [OWN, BOX, DRIVE]
    assert frame.row(0) == (OWN, "Fleet", FLEET.category, ["fleet.example"], 4, "Fleet Inc", [])
    assert frame[1:].equals(LISTED)


def test_nothing_to_lay_over_changes_nothing() -> None:
    """A correction of a deleted app changes nothing either."""
    assert not Overlay()
    assert apps_with(LISTED, Overlay()).equals(LISTED)
    orphans = (
        correction(Kind.NAME, GONE, value="x"),
        correction(Kind.DOMAIN, GONE, "box.com"),
        fact(GONE, "founded", "2001"),
    )
    assert apps_with(LISTED, Overlay((), orphans)).equals(LISTED)
    assert facts_with(FACTS, Overlay((), orphans), {BOX: 0}).equals(FACTS)
    assert host_rows(Overlay((), orphans), {BOX: 0}, lambda name: name, lambda _: SHIPPED) == []


def test_names_categories_and_vendors_are_corrected() -> None:
    """Each separately; a vendor is a fact, and may be attested as unknown."""
    rows = apps(
        correction(Kind.NAME, BOX, value="Box, Inc."),
        correction(Kind.CATEGORY, DRIVE, value="SAASDB_CATEGORY_COLLABORATION"),
        fact(BOX, "vendor", '"Box"'),
        fact(DRIVE, "vendor", UNKNOWN),
    )
    assert [(row["name"], row["category"][16:], row["vendor"]) for row in rows.values()] == [
        ("Box, Inc.", "CLOUD_STORAGE", "Box"),
        ("Drive", "COLLABORATION", None),
    ]


def test_a_corrected_domain_moves() -> None:
    """Its old app loses it, its new one gets it at the end; one assigned to no app is unlisted."""
    moved = apps(
        correction(Kind.DOMAIN, OWN, "boxcdn.net"),
        correction(Kind.DOMAIN, BOX, "box.example"),
        correction(Kind.DOMAIN, BOX, "box.com"),
        correction(Kind.DOMAIN, None, "drive.box.com"),
        custom=(FLEET,),
    )
    assert {app_id: row["domains"] for app_id, row in moved.items()} == {
        OWN: ["fleet.example", "boxcdn.net"],
        BOX: ["box.com", "box.example"],
        DRIVE: [],
    }


class Files:
    """The files of a catalog with two apps."""

    apps = LISTED
    facts = FACTS
    suffixes = PublicSuffixes.parse("com\nexample\n")

    @property
    def hosts(self) -> HostTable:
        """Return the domains for matching."""
        return HostTable(compiled(rows_frame(SHIPPED)))

    def domains_within(self, domains: Sequence[str]) -> list[DomainRow]:
        """Return the rows at or below some domains."""
        return [row for row in SHIPPED if any(f".{row.domain}".endswith(f".{name}") for name in domains)]


@pytest.mark.parametrize(
    ("corrections", "host", "app_id", "domain", "instance"),
    [
        ([("box.com", DRIVE)], "acme.box.com", DRIVE, "box.com", "acme.box.com"),
        ([("box.com", OWN)], "x.drive.box.com", DRIVE, "box.com", None),
        ([("box.com", OWN), ("drive.box.com", BOX)], "x.drive.box.com", BOX, "box.com", None),
        ([("eu.drive.box.com", BOX)], "a.eu.drive.box.com", BOX, "box.com", None),
        ([("eu.drive.box.com", BOX)], "drive.box.com", DRIVE, "box.com", None),
        ([("eu.box.com", None)], "a.eu.box.com", None, "eu.box.com", None),
        ([("box.com", None)], "acme.box.com", None, "box.com", None),
        ([("a.fleet.example", BOX)], "x.a.fleet.example", BOX, "fleet.example", None),
        ([("fleet.example", BOX)], "fleet.example", OWN, "fleet.example", None),
    ],
)
def test_corrected_domains_are_matched_first(
    corrections: list[tuple[str, int | None]], host: str, app_id: int | None, domain: str | None, instance: str | None
) -> None:
    """They include subdomains except longer catalog domains; an equal domain of a custom app wins."""
    said = [correction(Kind.DOMAIN, owner, name) for name, owner in corrections]
    catalog = Catalog(cast("CatalogFiles", Files()), Overlay((FLEET,), tuple(said)))
    assert catalog.match_hosts(pl.Series([host])).row(0) == (host, app_id, domain, instance)


def test_attested_facts_are_believed_first() -> None:
    """They precede the catalog's facts, with author, date and evidence."""
    said = (fact(BOX, "is_supports_saml", "false"), fact(OWN, "founded", "2020"))
    frame = facts_with(FACTS, Overlay((), said), {BOX: 0, OWN: 1})
    assert frame.schema == FACTS.schema
    assert frame.rows() == [
        FACTS.row(0),
        (
            BOX,
            "is_supports_saml",
            "false",
            "tenant",
            "2025-11-20",
            "high",
            "attested by Cid",
            "https://box.example/trust",
        ),
        FACTS.row(1),
        (OWN, "founded", "2020", "tenant", "2025-11-20", "high", "attested by Cid", "https://box.example/trust"),
    ]


def test_a_fact_can_be_taken_away() -> None:
    """Attesting it as unknown removes the catalog's facts about that factor of that app."""
    frame = facts_with(FACTS, Overlay((), (fact(BOX, "founded", UNKNOWN), fact(BOX, "vendor", UNKNOWN))), {BOX: 0})
    assert frame.rows() == [FACTS.row(1)]
