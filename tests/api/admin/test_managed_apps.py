"""The list of managed applications over the administration API."""

from __future__ import annotations

import csv
import io

import httpx
import pytest

from opencasb.model.managed_app import ManagedApp
from tests.api.admin.conftest import House
from tests.reporting import house as reporting
from tests.reporting.conftest import filled

__all__ = ["filled"]

LIST = 'name,app_id,domains,owner,yearly_cost\nBox,10489,,Ana,1200.50\nOld,,old.example,"=Ben",\nbad,,,,\n'


def test_a_list_is_replaced_and_its_bad_lines_are_told(house: House) -> None:
    """The imported list keeps the order of the file; another tenant has its own list."""
    answer = house.ok("POST", "managed-apps", {"csv": LIST})
    assert answer == {"imported": 2, "refused": [{"line": 4, "reason": "'bad' needs an app_id or domains"}]}
    box, old = house.ok("GET", "managed-apps")["managed_apps"]
    assert box == {"name": "Box", "app_id": 10489, "domains": [], "owner": "Ana", "yearly_cost": "1200.50"}
    assert old["domains"] == ["old.example"]
    house.ok("POST", "managed-apps", {"csv": "name,app_id\nDropbox,11627\n"})
    assert [each["name"] for each in house.ok("GET", "managed-apps")["managed_apps"]] == ["Dropbox"]
    other = house.token(tenant_id=house.fabrikam.tenant_id)
    assert house.ok("GET", "managed-apps", token=other) == {"managed_apps": []}


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ({}, "csv: the list as CSV text is needed"),
        ({"csv": 5}, "csv: the list as CSV text is needed"),
        ({"csv": "title\nx\n"}, "heading 'title' is unknown; allowed: name, app_id, domains, owner, yearly_cost"),
        ({"csv": "x" * 250_001}, "at most 250000 characters"),
    ],
)
def test_what_is_no_list_changes_nothing(house: House, body: dict[str, object], words: str) -> None:
    """The error says what is wrong."""
    house.ok("POST", "managed-apps", {"csv": LIST})
    assert words in house.refusal(400, "POST", "managed-apps", body)
    assert len(house.ok("GET", "managed-apps")["managed_apps"]) == 2


def test_the_view_tells_managed_unmanaged_and_unused(filled: reporting.House) -> None:
    """As JSON and as CSV, in which formulas are neutralised."""
    token = f"Token {filled.token()}"

    def get(path: str) -> httpx.Response:
        return filled.get(f"/admin/v1/managed-apps{path}", token)

    filled.casb.managed_apps.replace(filled.tenant_id, _list())
    found = get("/view").json()
    statuses = {row["Name"]: row["Status"] for row in found["apps"]}
    assert statuses["=Old"] == "unused"
    assert (statuses["Our Box"], statuses["Okta"]) == ("managed", "unmanaged")
    (overlap,) = found["overlap"]
    assert (overlap["CategoryKey"], overlap["AppNames"], overlap["ManagedCount"]) == ("cloudStorage", "Box, Dropbox", 1)
    rows = list(csv.DictReader(io.StringIO(get("/view?form=csv").text, newline="")))
    assert len(rows) == len(found["apps"])
    assert "'=Old" in {row["Name"] for row in rows}
    for query, words in (("period=P1D", "P7D, P30D, P90D"), ("form=xml", "json, csv")):
        answer = get(f"/view?{query}")
        assert answer.status_code == 400
        assert words in answer.json()["errors"][0]["error"]


def _list() -> list[ManagedApp]:
    return [
        ManagedApp(name="Our Box", domains=("box.com",)),
        ManagedApp(name="=Old", app_id=33626),
    ]
