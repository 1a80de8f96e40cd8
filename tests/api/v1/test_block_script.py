"""Block scripts over HTTP (api §13)."""

from __future__ import annotations

import pytest

from opencasb.discovery import block_scripts
from opencasb.model.roles import Role
from tests.api.v1.conftest import Client
from tests.api.v1.installation import BOX, UNLISTED

PATH = "discovery_block_scripts/"


def test_the_script_is_plain_text_of_all_unsanctioned_domains(client: Client) -> None:
    """Including apps outside the catalog, under every path that clients use."""
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


@pytest.mark.parametrize("number", block_scripts.formats())
def test_every_format_is_served_and_nothing_to_block_is_200(reader: Client, number: int) -> None:
    """A client may omit the type."""
    assert reader.call("GET", f"{PATH}?format={number}").status_code == 200


@pytest.mark.parametrize(
    ("query", "text"),
    [
        ("", "format: this parameter is required; allowed: 102 (BlueCoat"),
        ("format=", "format: this parameter is required; allowed: 102 (BlueCoat"),
        ("format=zscaler", "format: zscaler is not a format; allowed: 102 (BlueCoat"),
        ("format=103", "format: 103 is not a format; allowed: 102 (BlueCoat"),
        ("format=102&type=allowed", "type: 'allowed' is allowed for format 120 only"),
        ("limit=1&type=other", "type: 'other' is not a type; allowed: banned"),
    ],
)
def test_a_wrong_format_or_type_lists_the_right_ones(reader: Client, query: str, text: str) -> None:
    """400 with numbers and names."""
    answer = reader.call("GET", f"{PATH}?{query}")
    assert answer.status_code == 400
    assert answer.json()["errors"][0]["error"].startswith(text)


def test_a_client_pages_through_the_apps(client: Client) -> None:
    """A client that fetches domains for a proxy gives no format, tests with a limit of 1 and then pages by 50."""
    for app_id in (BOX, UNLISTED):
        client.post(f"discovery/discovery_app/{app_id}/add_tag/", {"tagName": "Unsanctioned"})
    client.post("discovery/custom_apps/", {"name": "Leak", "domains": ["leak.example.net"]})
    client.post("discovery/discovery_app/500000000/add_tag/", {"tagName": "Unsanctioned"})
    path = "/api/discovery_block_scripts/?type=banned&limit="
    assert client.get(f"{path}1")["total"] == 3
    page = client.get(f"{path}50&skip=0")
    assert page["hasNext"] is False
    assert [each["domainList"] for each in page["data"]] == [
        ["box.com", "boxcdn.net"],
        ["leak.example.net"],
        ["shadow.example"],
    ]
    assert [each["name"] for each in client.get(f"{path}2&skip=2")["data"]] == ["shadow.example"]
    assert client.get(f"{path}{10**20}")["max"] == 100


def test_a_client_asks_for_what_is_allowed(client: Client) -> None:
    """The domains of sanctioned apps; only in the form that does not imply blocking."""
    client.post(f"discovery/discovery_app/{BOX}/add_tag/", {"tagName": "Sanctioned"})
    assert client.call("GET", f"{PATH}?format=120&type=allowed").text == ".box.com\n.boxcdn.net\n"
    assert [each["appId"] for each in client.get(f"{PATH}?type=allowed&limit=50")["data"]] == [BOX]
    assert client.get(f"{PATH}?type=banned&limit=50")["data"] == []


def test_scripts_are_for_those_who_manage(reader: Client) -> None:
    """Read permission for discovery does not suffice (api §2.3)."""
    assert reader.call("GET", f"{PATH}?format=102", role=Role.GLOBAL_READER).status_code == 403
