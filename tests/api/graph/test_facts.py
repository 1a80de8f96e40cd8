"""Facts from the catalog as properties."""

from __future__ import annotations

from collections.abc import Collection
from datetime import UTC, date, datetime
from typing import Any

import polars as pl
import pytest

from opencasb.api.graph.entities import APP_INFO
from opencasb.api.graph.facts import KEYS, PREFIX, Lookup, join, lookup, nothing
from tests.api.graph.standin import Catalog, catalog_frame

ROWS = pl.DataFrame({"app_id": [12260, 10980, 99999, 11599]})


def values(name: str, apps: pl.DataFrame) -> list[Any]:  # any value
    """Return the values of one fact for :data:`ROWS`."""
    return join(ROWS, plain(apps), [f"{PREFIX}{name}"])[f"{PREFIX}{name}"].to_list()


def plain(apps: pl.DataFrame) -> Lookup:
    """Return a look-up in a frame whose columns are properties."""
    return lambda _app_ids, names: apps.select("app_id", *(name for name in names if name in apps.columns))


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("vendor", [None, "Okta, Inc.", None, "Google LLC"]),
        ("founded", [None, 2009, None, 1998]),
        ("domainRegistrationDateTime", [None, 978_307_200_000, None, None]),
        ("isHipaaCompliant", ["unknown", "true", "unknown", "false"]),
        ("isSoc2Compliant", ["unknown", "true", "unknown", "unknown"]),
        ("dataCenter", [None, "US, IE", None, ""]),
        ("dataTypes", ["unknown", "documents,mediaFiles", "unknown", "none"]),
        ("logonUrls", [None, ["https://login.okta.com/"], None, None]),
        ("encryptionProtocol", ["unknown", "tls1_2", "unknown", "ssl3"]),
        ("dataAtRestEncryptionMethod", ["unknown", "rsA", "unknown", "unknown"]),
        ("headquarters", [None] * 4),
        ("isDmca", ["unknown"] * 4),
    ],
)
def test_facts_are_converted_and_the_unknown_stays_unknown(name: str, expected: list[Any]) -> None:
    """States may be Boolean or text, enumerations in any spelling; missing columns, rows and values are unknown."""
    assert values(name, catalog_frame()) == expected


@pytest.mark.parametrize("known", [date(2024, 1, 1), datetime(2024, 1, 1, tzinfo=UTC), 1_704_067_200_000])
def test_instants_may_be_dates(known: object) -> None:
    """Dates are accepted as well as ms."""
    apps = pl.DataFrame({"app_id": [10980], "latestBreachDateTime": [known]})
    assert values("latestBreachDateTime", apps) == [None, 1_704_067_200_000, None, None]


@pytest.mark.parametrize(
    ("name", "known", "shown"),
    [
        ("fedRampLevel", "20xModerate", "moderate"),
        ("fedRampLevel", "20xLow", "low"),
        ("pciDssVersion", "v4_0_1", "v4"),
        ("dataAtRestEncryptionMethod", "encrypted", "unknown"),
        ("csaStarLevel", "notSupported", "unknown"),
        ("encryptionProtocol", "notApplicable", "notApplicable"),
    ],
)
def test_values_that_upstream_does_not_have_are_the_nearest_member(name: str, known: str, shown: str) -> None:
    """Values without one are unknown."""
    assert values(name, pl.DataFrame({"app_id": [10980], name: [known]}))[1] == shown


def test_every_property_has_a_factor_and_survives_an_empty_catalog() -> None:
    """All 83 facts can be requested at once, whatever the catalog has."""
    assert KEYS.keys() == {name for name in APP_INFO.properties if name != "id"}
    names = [*(f"{PREFIX}{name}" for name in KEYS), "description"]
    for facts in (lookup(Catalog(catalog_frame())), lookup(Catalog(pl.DataFrame())), nothing):  # type: ignore[arg-type]  # a stand-in
        joined = join(ROWS, facts, names)
        assert joined["app_id"].to_list() == ROWS["app_id"].to_list()
        assert set(joined.columns) == {"app_id", *names}


def test_one_fact_may_be_two_properties() -> None:
    """The Graph API lists impact assessments and cross-border transfers twice."""
    frame = pl.DataFrame({"app_id": [10980], "isGdprImpactAssessment": [True]})

    class Assessed(Catalog):
        def known(self, app_ids: pl.Series, keys: Collection[str]) -> pl.DataFrame:
            assert (app_ids.to_list(), keys) == (ROWS["app_id"].to_list(), ["is_gdpr_impact_assessment"])
            return self.facts.rename({"isGdprImpactAssessment": "is_gdpr_impact_assessment"})

    names = ["appInfo/isGdprImpactAssessment", "appInfo/isGdprDataProtectionImpactAssessment"]
    joined = join(ROWS, lookup(Assessed(frame)), names)  # type: ignore[arg-type]  # a stand-in
    assert [joined[name].to_list() for name in names] == [["unknown", "true", "unknown", "unknown"]] * 2


def test_countries_are_told_by_their_names() -> None:
    """The catalog stores codes, and upstream returns names; other attested text stays unchanged."""
    apps = pl.DataFrame(
        {
            "app_id": [12260, 10980, 11599],
            "headquarters": ["US", "GB", "Lund, Sweden"],
            "dataCenter": [["US", "NL"], [], None],
        }
    )
    joined = join(ROWS, lookup(Catalog(apps)), ["appInfo/headquarters", "appInfo/dataCenter"])  # type: ignore[arg-type]  # a stand-in
    assert joined["appInfo/headquarters"].to_list() == ["United States", "United Kingdom", None, "Lund, Sweden"]
    assert joined["appInfo/dataCenter"].to_list() == ["United States, Netherlands", "", None, None]


def test_rows_stay_as_they_are_when_an_app_is_twice_in_the_catalog() -> None:
    """The first entry of an app wins, as a tenant's own apps come first; existing facts are not joined again."""
    apps = pl.DataFrame({"app_id": [10980, 10980], "vendor": ["Ours", "Theirs"]})
    once = join(ROWS, plain(apps), ["appInfo/vendor"])
    assert once["appInfo/vendor"].to_list() == [None, "Ours", None, None]
    assert join(once, plain(apps), ["appInfo/vendor"]).equals(once)
