"""Block scripts over HTTP (api §13)."""

from __future__ import annotations

import pytest

from opencasb.discovery import block_scripts
from opencasb.model.roles import Role
from tests.api.v1.conftest import Client
from tests.api.v1.installation import BOX, UNLISTED

PATH = "discovery_block_scripts/"


def test_the_script_is_plain_text_of_all_unsanctioned_domains(client: Client) -> None:
    """Also of apps outside the catalog, and under every path that clients know."""
    for app_id in (BOX, UNLISTED):
        client.post(f"discovery/discovery_app/{app_id}/add_tag/", {"tagName": "Unsanctioned"})
    client.post("discovery/custom_apps/", {"name": "Leak", "domains": ["leak.example.net"]})
    client.post("discovery/discovery_app/500000000/add_tag/", {"tagName": "Unsanctioned"})
    expected = block_scripts.render(102, ["box.com", "boxcdn.net", "shadow.example", "leak.example.net"])
    assert expected.count("\n") == 4
    for path in (PATH, f"discovery/{PATH}", "discovery/block_script/", "/api/discovery_block_scripts/"):
        answer = client.call("GET", f"{path}?format=102&type=banned")
        assert answer.text == expected
        assert answer.headers["content-type"] == "text/plain; charset=utf-8"
        disposition = 'attachment; filename="2025-11-20_CAS_BlueCoat_ProxySG_block_script.txt"'
        assert answer.headers["content-disposition"] == disposition


@pytest.mark.parametrize("number", block_scripts.FORMATS)
def test_every_format_is_served_and_nothing_to_block_is_200(reader: Client, number: int) -> None:
    """A client may leave out the type."""
    assert reader.call("GET", f"{PATH}?format={number}").status_code == 200


@pytest.mark.parametrize("query", ["", "format=", "format=x", "format=103", "format=102&type=allowed"])
def test_a_wrong_format_or_type_lists_the_right_ones(reader: Client, query: str) -> None:
    """400, with numbers and names."""
    answer = reader.call("GET", f"{PATH}?{query}")
    assert answer.status_code == 400
    said = answer.json()["errors"][0]["error"]
    assert "allowed" in said or "whole number" in said


def test_scripts_are_for_those_who_manage(reader: Client) -> None:
    """Reading discovery is not enough (api §2.3)."""
    assert reader.call("GET", f"{PATH}?format=102", role=Role.GLOBAL_READER).status_code == 403
