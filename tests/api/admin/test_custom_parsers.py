"""Custom parsers over the administration API."""

from __future__ import annotations

from typing import Any

from opencasb.model.stream import StreamType
from tests.api.admin.conftest import House

PATH = "parsers"
DEFINITION: dict[str, Any] = {
    "name": "gateway",
    "kind": "delimiter",
    "delimiter": ";",
    "columns": ["when", "client", "who", "host", "up", "down", "verdict"],
    "time": {"fields": ["when"], "format": "unix"},
    "fields": {
        "source_ip": "client",
        "user": "who",
        "destination_host": "host",
        "uploaded_bytes": "up",
        "downloaded_bytes": "down",
        "action": "verdict",
    },
    "actions": {"no*": "block"},
}
SAMPLE = """1763640000;10.0.0.1;ann;files.contoso.com;10;200;yes
1763640001;10.0.0.2;bob;files.contoso.com;;x;nope
too;short
"""


def test_a_parser_is_kept_by_version(house: House) -> None:
    """The same definition again changes nothing, another is the next version, and earlier ones stay readable."""
    first = house.ok("POST", PATH, {"definition": DEFINITION})
    assert (first["name"], first["version"], first["kind"], first["data_sources"]) == ("gateway", 1, "delimiter", [])
    assert house.ok("POST", PATH, {"definition": DEFINITION}) == first
    changed = house.ok("POST", PATH, {"definition": {**DEFINITION, "delimiter": "|"}})
    assert changed["version"] == 2
    assert house.ok("GET", PATH) == {"parsers": [changed]}
    assert house.ok("GET", f"{PATH}/gateway")["definition"]["delimiter"] == "|"
    assert house.ok("GET", f"{PATH}/gateway?version=1")["definition"] == DEFINITION
    assert "allowed: 1 to 2" in house.refusal(400, "GET", f"{PATH}/gateway?version=3")
    assert house.ok("DELETE", f"{PATH}/gateway") == {}
    assert house.refusal(404, "GET", f"{PATH}/gateway") == "Not found."
    assert house.refusal(404, "DELETE", f"{PATH}/gateway") == "Not found."
    assert house.ok("POST", PATH, {"definition": DEFINITION})["version"] == 3


def test_a_parser_is_attached_and_cannot_be_removed_then(house: House) -> None:
    """A parser in use stays; it belongs to the tenant, and only data sources have parsers."""
    house.ok("POST", PATH, {"definition": DEFINITION})
    tenant_id = house.contoso.tenant_id
    house.casb.streams.create(tenant_id, "edge", StreamType.INPUT, source="OTHER")
    house.casb.streams.global_view(tenant_id)
    attached = house.ok("POST", f"{PATH}/gateway/data-sources", {"data_source": "edge"})
    assert attached["data_sources"] == ["edge"]
    assert "edge" in house.refusal(400, "DELETE", f"{PATH}/gateway")
    assert "known: edge" in house.refusal(400, "POST", f"{PATH}/gateway/data-sources", {"data_source": "Global View"})
    assert house.ok("DELETE", f"{PATH}/gateway/data-sources?data_source=edge")["data_sources"] == []
    assert "not read by" in house.refusal(400, "DELETE", f"{PATH}/gateway/data-sources?data_source=edge")
    other = house.token(tenant_id=house.fabrikam.tenant_id)
    assert house.ok("GET", PATH, token=other) == {"parsers": []}
    assert house.refusal(404, "POST", f"{PATH}/gateway/data-sources", {"data_source": "edge"}, token=other)


def test_a_definition_is_tried_on_a_sample(house: House) -> None:
    """The response has the first transactions, the coverage, and rejected lines with reasons."""
    seen = house.ok("POST", "parser-previews", {"definition": DEFINITION, "sample": SAMPLE, "rows": 1})
    assert seen["lines"] == {"read": 3, "used": 2, "ignored": 0, "rejected": 1}
    assert seen["coverage"]["uploaded_bytes"] == seen["coverage"]["downloaded_bytes"] == 0.5
    assert seen["blocked"] == 0.5
    (row,) = seen["rows"]
    assert (row["user"], row["uploaded_bytes"], row["timestamp"]) == ("ann", 10, 1_763_640_000_000)
    assert seen["rejected_samples"] == [{"line": 3, "reason": "fewer than 7 columns", "text": "too;short"}]


def test_a_definition_is_proposed(house: House) -> None:
    """The proposal can be sent back unchanged."""
    lines = [f"1763640{n:03}.1 10.0.0.{n} ann{n} https://files{n}.contoso.com/a {n}777" for n in range(1, 30)]
    found = house.ok("POST", "parser-proposals", {"sample": "\n".join(lines), "name": "seen"})
    assert found["definition"]["name"] == "seen"
    assert found["preview"]["lines"]["used"] == 29
    assert house.ok("POST", PATH, {"definition": found["definition"]})["name"] == "seen"


def test_refusals_name_what_is_wrong(house: House) -> None:
    """Field, value and what is allowed."""
    wrong = {**DEFINITION, "kind": "csv"}
    assert house.refusal(400, "POST", PATH, {"definition": wrong}) == (
        "definition: kind: 'csv' does not fit; allowed: delimiter or pairs or json or cef or leef or w3c or regex"
    )
    assert "required" in house.refusal(400, "POST", PATH, {})
    assert "neither YAML nor JSON" in house.refusal(400, "POST", PATH, {"definition": "{"})
    assert "sample" in house.refusal(400, "POST", "parser-previews", {"definition": DEFINITION})
    asked = {"definition": DEFINITION, "sample": SAMPLE}
    assert "Mars" in house.refusal(400, "POST", "parser-previews", {**asked, "timezone": "Mars"})
    assert "0 to 100" in house.refusal(400, "POST", "parser-previews", {**asked, "rows": 101})
    assert "client's address" in house.refusal(400, "POST", "parser-proposals", {"sample": "nothing\nat all"})
    assert "1-64" in house.refusal(400, "POST", "parser-proposals", {"sample": SAMPLE, "name": "a b"})
