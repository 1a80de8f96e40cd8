"""Profiles of a tenant's unlisted apps."""

from __future__ import annotations

import polars as pl
import pytest

from opencasb.app import Casb
from opencasb.model.trace import HOST, Trace
from opencasb.store.unlisted_apps import FIRST_ID
from tests.lake.rows import names, usage

TENANT = 1


@pytest.fixture
def casb(casb: Casb) -> Casb:
    """An installation with usage of two unlisted domains, the second one with a sign-in host."""
    casb.unlisted_apps.ids(TENANT, ["plain.example.org", "service.example.net"])
    casb.unlisted_apps.traces.note(
        TENANT, [Trace("service.example.net", HOST, "login.service.example.net")], casb.clock()
    )
    apps = pl.Series([FIRST_ID, FIRST_ID, FIRST_ID + 1], dtype=pl.Int32)
    casb.lake.append(TENANT, usage().with_columns(app_id=apps), names(), "one")
    return casb


def test_the_most_confident_comes_first(casb: Casb) -> None:
    """With users and days from the lake; a domain without usage has no profile, nor does another tenant."""
    found = casb.unlisted.all(TENANT)
    assert [(each.domain, each.app_id, each.users) for each in found] == [
        ("service.example.net", FIRST_ID + 1, 1),
        ("plain.example.org", FIRST_ID, 2),
    ]
    assert found[0].hosts == ("login.service.example.net",)
    assert casb.unlisted.all(TENANT + 1) == []


def test_a_profile_is_found_by_domain_or_number(casb: Casb) -> None:
    """In any case; None if it does not exist."""
    assert casb.unlisted.find(TENANT, " Plain.Example.ORG ") == casb.unlisted.find(TENANT, str(FIRST_ID))
    assert casb.unlisted.find(TENANT, "example") is None


def test_sizes_are_those_of_the_report(casb: Casb) -> None:
    """A log may record only the sum of both directions."""
    sums = usage().with_columns(uploaded_bytes=pl.lit(0), downloaded_bytes=pl.lit(0), total_bytes=pl.lit(700))
    apps = pl.Series([FIRST_ID, FIRST_ID, FIRST_ID + 1], dtype=pl.Int32)
    casb.lake.append(TENANT, sums.with_columns(app_id=apps), names(), "of a firewall")
    assert {each.domain: each.total_bytes for each in casb.unlisted.all(TENANT)} == {
        "plain.example.org": 2 * 30 + 2 * 700,
        "service.example.net": 30 + 700,
    }
