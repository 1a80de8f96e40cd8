"""Catalog corrections over the administration API."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from opencasb.model.roles import Role
from tests.api.admin.conftest import House

PATH = "catalog/corrections"
BOX, DROPBOX = 10489, 11627
MFA = {
    "kind": "fact",
    "app_id": BOX,
    "key": "is_multi_factor_authentication",
    "value": "no",
    "link": "https://box.example/trust",
    "attested_by": "Cid of Box",
}


@pytest.fixture
def reviewed(tmp_path: Path) -> Iterator[House]:
    """An installation with review of corrections."""
    made = House(tmp_path, catalog_review=True)
    yield made
    made.casb.close()


def test_a_fact_is_attested_and_withdrawn(house: House) -> None:
    """It takes effect at once, for the own tenant; when repeated, the existing correction is returned."""
    made = house.ok("POST", PATH, MFA)
    assert (made["app"], made["value"], made["state"], made["orphan"]) == ("Box", False, "accepted", False)
    assert (made["author"], made["attested_by"]) == (
        f"global-administrator@{house.contoso.tenant_id}.example",
        "Cid of Box",
    )
    again = house.call("POST", PATH, MFA)
    assert (again.status_code, again.json()) == (200, made)
    facts = house.casb.tenant_catalogs.of(house.contoso.tenant_id).facts
    assert facts.filter(source="tenant", app_id=BOX)["value"].to_list() == ["false"]
    assert house.ok("GET", f"{PATH}/{made['id']}") == made
    assert house.ok("GET", PATH) == {"corrections": [made], "next": None, "review": False}
    withdrawn = house.ok("DELETE", f"{PATH}/{made['id']}?reason=outdated")
    assert (withdrawn["state"], withdrawn["reason"]) == ("withdrawn", "outdated")
    assert "is withdrawn already" in house.refusal(400, "DELETE", f"{PATH}/{made['id']}")
    assert house.casb.tenant_catalogs.of(house.contoso.tenant_id).facts.filter(source="tenant").is_empty()


def test_somebody_else_reviews(reviewed: House) -> None:
    """A pending correction has no effect; its author cannot accept it, and a rejection needs a reason."""
    waiting = reviewed.ok("POST", PATH, MFA)
    other = reviewed.ok("POST", PATH, {**MFA, "app_id": DROPBOX})
    assert waiting["state"] == "pending"
    tenant_id = reviewed.contoso.tenant_id
    assert reviewed.casb.tenant_catalogs.of(tenant_id).facts.filter(source="tenant").is_empty()
    review = f"{PATH}/{waiting['id']}/review"
    assert "somebody else has to review it" in reviewed.refusal(400, "POST", review, {"accept": True})
    ben = reviewed.token(Role.SECURITY_ADMINISTRATOR)
    assert reviewed.refusal(400, "POST", review, token=ben) == "accept: this parameter is required"
    assert reviewed.refusal(400, "POST", review, {"accept": False}, token=ben) == "reason: this parameter is required"
    accepted = reviewed.ok("POST", review, {"accept": True}, token=ben)
    assert (accepted["state"], accepted["decided_by"]) == ("accepted", f"security-administrator@{tenant_id}.example")
    assert reviewed.casb.tenant_catalogs.of(tenant_id).facts.filter(source="tenant").height == 1
    assert "it is accepted" in reviewed.refusal(400, "POST", review, {"accept": True}, token=ben)
    no = {"accept": False, "reason": "the page does not say so"}
    rejected = reviewed.ok("POST", f"{PATH}/{other['id']}/review", no, token=ben)
    assert (rejected["state"], rejected["reason"]) == ("rejected", "the page does not say so")
    assert reviewed.ok("GET", PATH)["review"] is True


def test_corrections_are_listed_in_pages(house: House) -> None:
    """By state, kind or app."""
    ids = [house.ok("POST", PATH, {"kind": "note", "app_id": BOX, "value": f"{n}"})["id"] for n in range(3)]
    fact = house.ok("POST", PATH, MFA)["id"]
    everything = [each["id"] for each in house.ok("GET", PATH)["corrections"]]
    assert sorted(everything) == sorted([*ids, fact])
    first = house.ok("GET", f"{PATH}?limit=3")
    assert [each["id"] for each in first["corrections"]] == everything[:3]
    rest = house.ok("GET", f"{PATH}?limit=3&after={first['next']}")
    assert ([each["id"] for each in rest["corrections"]], rest["next"]) == (everything[3:], None)
    open_facts = house.ok("GET", PATH, {"state": ["pending", "accepted"], "kind": "fact"})
    assert [each["id"] for each in open_facts["corrections"]] == [fact]
    assert house.ok("GET", f"{PATH}?app_id={DROPBOX}")["corrections"] == []


def test_domains_and_names(house: House) -> None:
    """A domain without an app has no app id; corrections are visible at once."""
    house.ok("POST", PATH, {"kind": "domain", "key": "Box.com"})
    house.ok("POST", PATH, {"kind": "name", "app_id": BOX, "value": "Boxes"})
    app = house.casb.tenant_catalogs.of(house.contoso.tenant_id).app(BOX)
    assert app is not None
    assert (app.name, "box.com" in app.domains) == ("Boxes", False)


def test_what_is_wrong_is_named(house: House) -> None:
    """In one sentence."""
    assert house.refusal(400, "POST", PATH) == "kind: this parameter is required"
    assert "value: is_multi_factor_authentication 'maybe'" in house.refusal(
        400, "POST", PATH, {**MFA, "value": "maybe"}
    )
    assert "app_id 7 is neither an app" in house.refusal(400, "POST", PATH, {**MFA, "app_id": 7})
    assert "state: 'open' is not a valid" in house.refusal(400, "GET", f"{PATH}?state=open")
    assert "kind: 'facts' is not a valid" in house.refusal(400, "GET", f"{PATH}?kind=facts")
    assert "limit: 0 is not allowed" in house.refusal(400, "GET", f"{PATH}?limit=0")
    assert "after: 'x' is not the id of a correction" in house.refusal(400, "GET", f"{PATH}?after=x")


def test_only_full_access_and_the_own_tenant(house: House) -> None:
    """Readers are rejected; another tenant sees nothing."""
    made = house.ok("POST", PATH, MFA)
    reader = house.token(Role.CLOUD_DISCOVERY_GLOBAL_ADMIN)
    house.refusal(403, "GET", PATH, token=reader)
    foreign = house.token(tenant_id=house.fabrikam.tenant_id)
    assert house.ok("GET", PATH, token=foreign)["corrections"] == []
    for method, path in (("GET", ""), ("DELETE", ""), ("POST", "/review")):
        body = {"accept": True}
        assert house.refusal(404, method, f"{PATH}/{made['id']}{path}", body, token=foreign) == "Not found."
