"""Reviewed facts about well-known apps."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest

from opencasb.catalog.builder.facts.gather import findings, well_known
from opencasb.catalog.builder.materials import Materials, gather
from opencasb.catalog.catalog import Catalog
from opencasb.catalog.gold import WELL_KNOWN, Claim, GoldApp, GoldSet, gold_set

APP = GoldApp(
    names=("Tasklane",),
    domains=("tasklane.com", "tasklane.net"),
    categories=("PRODUCTIVITY",),
    page="https://tasklane.com",
    vendors=("Tasklane",),
    countries=("DE",),
    company="https://tasklane.com/imprint",
    mfa=Claim(page="https://tasklane.com/mfa", origin="read", has=False),
)


def said(**changes: object) -> list[tuple[str, object, str | None]]:
    gold = GoldSet(reviewed="2026-01-02", app=(msgspec.structs.replace(APP, **changes),))
    found = list(well_known(gold))
    assert all((each.address, each.source, each.date) == ("tasklane.com", WELL_KNOWN, "2026-01-02") for each in found)
    return [(each.factor, each.value, each.evidence) for each in found]


def test_what_was_read_is_said_with_its_page() -> None:
    assert said() == [
        ("headquarters", "DE", "https://tasklane.com/imprint"),
        ("is_multi_factor_authentication", False, "https://tasklane.com/mfa"),
    ]


@pytest.mark.parametrize(
    "changes", [{"company": None}, {"countries": ()}, {"countries": ("DE", "US")}], ids=["unread", "unknown", "several"]
)
def test_headquarters_are_said_where_one_was_read(changes: dict[str, object]) -> None:
    assert [factor for factor, _, _ in said(**changes)] == ["is_multi_factor_authentication"]


@pytest.mark.parametrize("mfa", [None, Claim(page="https://list", origin="open-data")])
def test_second_factors_are_said_where_they_were_read(mfa: Claim | None) -> None:
    assert [factor for factor, _, _ in said(mfa=mfa)] == ["headquarters"]


def test_the_build_of_the_package_has_all_of_it(sources: Path, materials: Materials) -> None:
    """A build with other reviewed facts has none."""
    found = [each for each in findings("core", gather(sources), ()) if each.source == WELL_KNOWN]
    assert found == list(well_known(gold_set()))
    assert not any(each.source == WELL_KNOWN for each in findings("core", materials, ()))


def test_the_shipped_catalog_believes_it() -> None:
    """Nearly every app of the gold set is found, and reviewed facts precede those from open data."""
    facts = Catalog.shipped().facts
    first = facts.unique(("app_id", "factor"), keep="first", maintain_order=True)
    read = facts.filter(source=WELL_KNOWN)
    assert read.height >= 0.95 * len(list(well_known(gold_set())))
    believed = first.filter(source=WELL_KNOWN).height
    assert believed >= 0.95 * read.height
