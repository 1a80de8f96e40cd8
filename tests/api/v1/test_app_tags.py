"""App tags (api §12.5)."""

from __future__ import annotations

import pytest

from opencasb.model.roles import Role
from tests.api.v1.conftest import Client
from tests.api.v1.installation import BOX, DROPBOX, UNLISTED


def change(client: Client, app_id: object, action: str, name: object, **more: Role) -> int:
    """Add or remove a tag and return the status."""
    path = f"discovery/discovery_app/{app_id}/{action}/"
    return client.call("POST", path, json={"tagName": name}, **more).status_code


def tags(client: Client) -> dict[str, list[int]]:
    """Return tag → app ids."""
    return {tag["name"]: tag["appIds"] for tag in client.post("discovery/app_tags/")}


def test_the_list_is_an_array_by_post_and_wrapped_by_get(client: Client) -> None:
    """Built-in tags always exist, followed by custom ones."""
    change(client, BOX, "add_tag", "Mine")
    listed = client.post("discovery/app_tags/")
    assert client.get("discovery/app_tags/") == {"data": listed}
    assert [tag["name"] for tag in listed] == ["Sanctioned", "Unsanctioned", "Monitored", "Custom app", "Mine"]
    assert listed[-1] == {
        "id": listed[-1]["id"],
        "name": "Mine",
        "target": 6,
        "_tid": client.known.tenant_id,
        "appIds": [BOX],
    }


def test_tags_are_given_and_taken(client: Client) -> None:
    """Verdicts are mutually exclusive; repeated calls change nothing; each change is in the governance log."""
    assert change(client, BOX, "add_tag", "Sanctioned") == 200
    assert change(client, BOX, "add_tag", "Unsanctioned") == 200
    assert change(client, UNLISTED, "add_tag", "Unsanctioned") == 200
    assert change(client, UNLISTED, "add_tag", "unsanctioned") == 200
    found = tags(client)
    assert (found["Sanctioned"], found["Unsanctioned"]) == ([], [BOX, UNLISTED])
    assert [change(client, BOX, "remove_tag", "Unsanctioned") for _ in range(2)] == [200, 200]
    assert tags(client)["Unsanctioned"] == [UNLISTED]
    tasks = client.post("governance/", {"filters": {"type": {"eq": "DiscoveryTagAppTask"}}})
    assert tasks["total"] == 4
    by = {entry.actor for entry in client.casb.identity.audit_log.latest(client.known.tenant_id, 4)}
    assert by == {"global-administrator@contoso.example"}


@pytest.mark.parametrize("name", ["HR\u00a0apps", "\U0001f468\u200d\U0001f469\u200d\U0001f467"])
def test_names_are_what_people_write(client: Client, name: str) -> None:
    """No-break spaces, and joined emoji; apps are found by them."""
    assert change(client, BOX, "add_tag", f" {name} ") == 200
    assert tags(client)[name] == [BOX]
    page = client.post("discovery/discovered_apps/", {"filters": {"tag": {"eq": [name]}}})
    assert [each["appId"] for each in page["data"]] == [BOX]
    assert change(client, BOX, "remove_tag", name) == 200


@pytest.mark.parametrize(
    ("app_id", "name", "status"),
    [
        (BOX, None, 400),
        (BOX, "", 400),
        (BOX, "x" * 65, 400),
        (BOX, "None", 400),
        (BOX, "Custom app", 400),
        (BOX, ["x"], 400),
        (BOX, "a\u0000b", 400),
        (999, "x", 404),
        ("x", "x", 404),
    ],
)
def test_a_tag_that_cannot_be_given_says_why(reader: Client, app_id: object, name: object, status: int) -> None:
    """400 names the tag, 404 is for an unknown app."""
    assert change(reader, app_id, "add_tag", name) == status
    if status == 400:
        said = reader.refusal(400, f"discovery/discovery_app/{app_id}/add_tag/", {"tagName": name})
        assert said.startswith("tagName: ")


def test_readers_may_not_tag(reader: Client) -> None:
    """Tagging needs the permission to manage discovery; the list does not."""
    assert change(reader, DROPBOX, "add_tag", "x", role=Role.SECURITY_READER) == 403
    assert reader.post("discovery/app_tags/", role=Role.SECURITY_READER)
