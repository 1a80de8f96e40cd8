"""Scripts that keep IP ranges in step with a table, from the descriptions of their calls (api §3.1 b, §11).

Both are shell scripts that send JSON labelled as a form. One has a table with cells of several values; the other takes
the trusted locations of a directory and writes its JSON as text, with a key twice.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, Final

import httpx
import pytest

ROWS: Final = (
    {"name": "Oslo", "category": "1", "organization": "", "subnets": "198.18.1.0/24;198.18.2.9", "tags": "Lab;R&D"},
    {"name": "Oslo exit", "category": "1", "organization": "", "subnets": "203.0.113.71/32", "tags": "Public IP;Lab"},
    {"name": "Bergen", "category": "4", "organization": "Fjord", "subnets": "2001:db8:9::/48", "tags": "VPN hub"},
)


@pytest.fixture(autouse=True)
def labelled_as_a_form(http: httpx.Client) -> None:
    """Label every body of the scripts as a form."""
    http.headers["Content-Type"] = "application/x-www-form-urlencoded"


def body(row: Mapping[str, str], **changes: Any) -> str:
    """Return a row as the script sends it: cells split at semicolons, an empty cell as an empty text."""
    return json.dumps({**row, "subnets": row["subnets"].split(";"), "tags": row["tags"].split(";"), **changes})


def exported(http: httpx.Client) -> dict[str, dict[str, str]]:
    """Return the table of the ranges that the script made, by id."""
    found = http.post("/api/v1/subnet/").json()["data"]
    return {
        each["_id"]: {
            "name": each["name"],
            "category": str(each["category"]),
            "organization": each["organization"] or "",
            "subnets": ";".join(subnet["originalString"] for subnet in each["subnets"]),
            "tags": ";".join(tag["name"] for tag in each["tags"]),
        }
        for each in found
        if each["name"].split()[0] in {"Oslo", "Bergen"}
    }


def test_a_table_comes_back_as_it_was_sent(http: httpx.Client) -> None:
    """Created, exported, changed without ``_id``, and removed, row by row."""
    ids = []
    for row in ROWS:
        made = http.post("/api/v1/subnet/create_rule/", content=body(row, category=int(row["category"])))
        assert made.status_code == 200
        ids.append(made.text.replace('"', ""))
    table = exported(http)
    assert table == dict(zip(ids, ROWS, strict=True))
    changed = {**ROWS[1], "tags": "Public IP;Lab;Update"}
    answer = http.post(f"/api/v1/subnet/{ids[1]}/update_rule/", content=body(changed))
    assert [tag["name"] for tag in answer.json()["tags"]] == ["Public IP", "Lab", "Update"]
    assert http.delete(f"/api/v1/subnet/{ids[0]}/").json() == {}
    assert exported(http) == {ids[1]: changed, ids[2]: ROWS[2]}


def test_a_location_is_made_and_then_replaced(http: httpx.Client) -> None:
    """Numbers are text, and of the two values of ``tags`` the last counts: the first has the id of the range."""
    asked = '{ "skip": "0", "limit": "100", "filters":{"category":{"eq":[1,4]}} }'
    names = {each["name"] for each in http.post("/api/v1/subnet/", content=asked).json()["data"]}
    assert "Oslo" not in names
    written = '{"name": "Oslo", "category": "1", "organization": "Acme", "subnets": ["%s"], "tags": ["%s"]}'
    made = http.post("/api/v1/subnet/create_rule/", content=written % ('198.18.1.0/24","198.18.2.0/24', "Location"))
    range_id = made.json()
    again = written % ("198.18.1.0/24", "Synced")
    twice = f'{{"tags": ["{range_id}"], "_id": "{range_id}", {again[1:]}'
    answer = http.post(f"/api/v1/subnet/{range_id}/update_rule/", content=twice)
    assert answer.status_code == 200
    row = {"name": "Oslo", "category": "1", "organization": "Acme", "subnets": "198.18.1.0/24", "tags": "Synced"}
    assert exported(http) == {range_id: row}
