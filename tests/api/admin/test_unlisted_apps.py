"""Unlisted apps over the administration API."""

from __future__ import annotations

import polars as pl
import pytest

from opencasb.model.trace import HOST, Trace
from opencasb.store.unlisted_apps import FIRST_ID
from tests.api.admin.conftest import House
from tests.conftest import NOW
from tests.lake.rows import names, usage

NEWS, SERVICE = "news.example.org", "service.example.net"


@pytest.fixture
def used(house: House) -> House:
    """A house whose first tenant uses a news site and a service outside the catalog."""
    tenant_id, apps = house.contoso.tenant_id, house.casb.unlisted_apps
    apps.ids(tenant_id, [NEWS, SERVICE])
    apps.traces.note(tenant_id, [Trace(SERVICE, HOST, f"login.{SERVICE}")], NOW)
    ids = pl.Series([FIRST_ID, FIRST_ID + 1, FIRST_ID + 1], dtype=pl.Int32)
    house.casb.lake.append(tenant_id, usage().with_columns(app_id=ids), names(), "one")
    return house


def test_likely_ones_come_first(used: House) -> None:
    """In pages; an invalid number is rejected with what is allowed, and other tenants see none."""
    listed = used.ok("GET", "unlisted-apps")
    assert [each["domain"] for each in listed["unlisted_apps"]] == [SERVICE, NEWS]
    assert listed["unlisted_apps"][0]["reasons"] == [
        {"kind": "sign-in-host", "text": f"hosts for signing in: login.{SERVICE}", "points": 30}
    ]
    second = used.ok("GET", "unlisted-apps?skip=1&limit=1")
    assert ([each["domain"] for each in second["unlisted_apps"]], second["total"]) == ([NEWS], 2)
    assert used.ok("GET", "unlisted-apps?confidence=50")["total"] == 1
    assert "allowed: 0 to 100" in used.refusal(400, "GET", "unlisted-apps?confidence=101")
    other = used.token(tenant_id=used.fabrikam.tenant_id)
    assert used.ok("GET", "unlisted-apps", token=other) == {"unlisted_apps": [], "total": 0}
    used.refusal(404, "GET", f"unlisted-apps/{FIRST_ID}", token=other)


def test_an_unlisted_app_is_shown_and_promoted(used: House) -> None:
    """By id or domain; once promoted to a custom app it is no longer unlisted."""
    assert used.ok("GET", f"unlisted-apps/{FIRST_ID + 1}") == used.ok("GET", f"unlisted-apps/{SERVICE}")
    path = f"unlisted-apps/{SERVICE}/promote"
    assert "category" in used.refusal(400, "POST", path, {"category": "crm"})
    made = used.ok("POST", path, {"name": "Fleet", "category": "SAASDB_CATEGORY_CRM", "score": 7})
    assert (made["name"], made["domains"], made["score"]) == ("Fleet", [SERVICE], 7)
    used.refusal(404, "POST", path)
    assert used.ok("GET", "unlisted-apps")["total"] == 1
