"""Custom apps and overlay files over the administration API."""

from __future__ import annotations

import json

from opencasb.api.admin import app as admin_app
from opencasb.model.roles import Role
from tests.api.admin.conftest import House

PATH, APPS = "catalog/overlay", "catalog/custom-apps"
FLEET = {"name": "Fleet", "domains": ["Fleet.example"], "networks": ["192.0.2.1"], "vendor": "Fleet Inc", "score": 0}


def test_custom_apps(house: House) -> None:
    """Created, shown, changed and deleted."""
    made = house.ok("POST", APPS, FLEET)
    assert (made["domains"], made["networks"], made["score"]) == (["fleet.example"], ["192.0.2.1/32"], 0)
    assert house.ok("GET", APPS) == {"custom_apps": [made]}
    path = f"{APPS}/{made['app_id']}"
    changed = house.ok("PATCH", path, {"notes": "a\nb", "domains": "f.example"})
    assert changed == {**made, "notes": "a\nb", "domains": ["f.example"]} == house.ok("GET", path)
    foreign = house.token(tenant_id=house.fabrikam.tenant_id)
    for method in ("GET", "PATCH", "DELETE"):
        assert house.refusal(404, method, path, {"score": 3}, token=foreign) == "Not found."
    assert house.ok("DELETE", path) == {}
    assert house.refusal(404, "DELETE", path) == "Not found."


def test_what_is_wrong_with_a_custom_app_is_named(house: House) -> None:
    """In one sentence."""
    assert house.refusal(400, "POST", APPS, {"domains": ["a.example"]}) == "name: this parameter is required"
    assert "needs at least one domain" in house.refusal(400, "POST", APPS, {"name": "a"})
    assert "score 11" in house.refusal(400, "POST", APPS, {**FLEET, "score": 11})
    assert house.refusal(400, "POST", APPS, {**FLEET, "notes": [1]}) == "notes: text is expected"
    house.ok("POST", APPS, FLEET)
    assert "name 'Fleet' is taken" in house.refusal(400, "POST", APPS, FLEET)
    assert house.refusal(404, "GET", f"{APPS}/fleet") == "Not found."


def test_an_overlay_goes_out_and_in(house: House) -> None:
    """As JSON and as CSV, into another tenant; invalid rows are reported."""
    house.ok("POST", APPS, FLEET)
    house.ok("POST", "catalog/corrections", {"kind": "note", "app_id": 10489, "value": "ask"})
    foreign = house.token(tenant_id=house.fabrikam.tenant_id)
    exported = house.ok("GET", PATH)
    assert [row["kind"] for row in exported["rows"]] == ["custom_app", "note"]
    exported["rows"].append({"kind": "note", "app_id": 7, "value": "x"})
    done = house.ok("POST", PATH, exported, token=foreign)
    assert {name: done[name] for name in ("rows", "added", "unchanged")} == {"rows": 3, "added": 2, "unchanged": 0}
    assert [each["line"] for each in done["refused"]] == [3]
    table = house.call("GET", f"{PATH}?format=csv")
    assert table.headers["content-type"] == "text/csv; charset=utf-8"
    assert table.headers["content-disposition"] == 'attachment; filename="catalog-overlay.csv"'
    assert house.ok("POST", PATH, content=table.content, token=foreign)["unchanged"] == 2
    assert house.call("GET", f"{PATH}?format=csv", token=foreign).content == table.content


def test_what_is_wrong_with_a_file_is_named(house: House) -> None:
    """In one sentence; nothing is imported."""
    assert "format: 'xml' is not allowed" in house.refusal(400, "GET", f"{PATH}?format=xml")
    assert "body: the first line must name" in house.refusal(400, "POST", PATH)
    assert "body: the file is not UTF-8" in house.refusal(400, "POST", PATH, content=b"\xff")


def test_large_files_are_taken_of_people_with_full_access_only(house: House) -> None:
    """Larger than other bodies; from other callers they are not even read, and there is a limit for all."""
    rows = [{"kind": "note", "app_id": 10489, "value": "x"} for _ in range(10_000)]
    content = json.dumps({"opencasb_overlay": 1, "rows": rows}).encode()
    assert len(content) > admin_app.LARGEST_BODY
    reader = house.token(Role.GLOBAL_READER)
    house.refusal(403, "POST", PATH, content=content, token=reader)
    assert house.call("POST", PATH, content=content, token=None).status_code == 401
    done = house.ok("POST", PATH, content=content)
    assert (done["added"], len(done["refused"])) == (1, 9_999)
    assert house.call("POST", PATH, content=b"x" * (16 * 1024 * 1024 + 1)).status_code == 413
    assert house.call("POST", APPS, content=content).status_code == 413
