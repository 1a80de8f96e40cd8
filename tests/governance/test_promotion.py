"""Promotion of unlisted domains to custom apps."""

from __future__ import annotations

import polars as pl
import pytest

from opencasb.app import Casb
from opencasb.governance.blocking import unsanctioned_domains
from opencasb.model.trace import HOST, Trace
from opencasb.store.conflict import Conflict
from opencasb.store.unlisted_apps import FIRST_ID
from tests.lake.rows import names, usage

TENANT = 1
SERVICE = "service.example.net"


@pytest.fixture
def casb(casb: Casb) -> Casb:
    """An installation with usage of an unlisted domain that has a sign-in host."""
    casb.unlisted_apps.ids(TENANT, [SERVICE])
    casb.unlisted_apps.traces.note(TENANT, [Trace(SERVICE, HOST, f"login.{SERVICE}")], casb.clock())
    casb.lake.append(TENANT, usage().with_columns(app_id=pl.lit(FIRST_ID, pl.Int32)), names(), "one")
    return casb


def test_a_promoted_domain_is_a_custom_app_and_unlisted_no_more(casb: Casb) -> None:
    """It keeps usage and tags; the notes give the reason, and a second promotion is a conflict."""
    found = casb.unlisted.find(TENANT, SERVICE)
    assert found is not None
    casb.tags.add(TENANT, FIRST_ID, "Unsanctioned", by="ana")
    made = casb.promotion.promote(TENANT, found, by="ana", category="SAASDB_CATEGORY_CRM", name=None)
    assert (made.name, made.domains, made.category) == (SERVICE, (SERVICE,), "SAASDB_CATEGORY_CRM")
    assert made.notes == f"Was unlisted, confidence {found.confidence}. " + "; ".join(
        reason.text for reason in found.reasons
    )
    assert "hosts for signing in: login.service.example.net" in made.notes
    assert casb.unlisted.all(TENANT) == []
    assert "Unsanctioned" in casb.tags.by_app(TENANT)[made.app_id]
    now = casb.reports.usage(TENANT)
    assert set(now.collect()["app_id"]) == {made.app_id}
    with pytest.raises(Conflict, match="taken"):
        casb.promotion.promote(TENANT, found, by="ana")


def test_a_promoted_domain_is_blocked_only_while_its_app_is_unsanctioned(casb: Casb) -> None:
    """Its tags move: what would stay on the domain's old number, no report shows."""
    found = casb.unlisted.find(TENANT, SERVICE)
    assert found is not None
    casb.tags.add(TENANT, FIRST_ID, "Unsanctioned", by="ana")
    made = casb.promotion.promote(TENANT, found, by="ana", name="Service")

    def blocked() -> list[str]:
        return unsanctioned_domains(TENANT, casb.tags, casb.reports.catalog(TENANT), casb.unlisted_apps)

    assert blocked() == [SERVICE]
    casb.tagging.add(TENANT, made, "Sanctioned", by="ana")
    assert blocked() == []
    assert FIRST_ID not in casb.tags.by_app(TENANT)
