"""IP tags over HTTP (api §11.4)."""

from __future__ import annotations

from opencasb.model.roles import Role
from opencasb.store.ip_tags import BUILT_IN
from tests.api.v1.conftest import Client


def test_the_tags_are_listed_as_a_client_asks_for_them(client: Client) -> None:
    """Built-in and custom ones, in one response and in the requested order."""
    client.post("subnet/create_rule/", {"name": "A", "category": 1, "subnets": ["10.0.0.1"], "tags": ["my office"]})
    path = "/cas/api/tags/?enabledOnly=true&sort=name&sortDirectory=asc&target=ip"
    page = client.get(path)
    listed = [tag["name"] for tag in page["data"]]
    assert listed == sorted([*BUILT_IN.values(), "my office"], key=str.lower)
    assert page["total"] == len(listed)
    assert client.get(path.replace("asc", "desc"))["data"] == page["data"][::-1]
    own = next(tag for tag in page["data"] if tag["name"] == "my office")
    assert own == {
        "_id": own["id"],
        "id": own["id"],
        "name": "my office",
        "target": 1,
        "type": 0,
        "status": 0,
        "_tid": client.known.tenant_id,
    }


def test_a_built_in_tag(reader: Client) -> None:
    """It has the templates that clients look for, and belongs to no tenant."""
    tags = {tag["name"]: tag for tag in reader.post("tags/", {"target": "ip"})["data"]}
    assert tags["Amazon Web Services"] == {
        "_id": "000000290000000000000000",
        "id": "000000290000000000000000",
        "name": "Amazon Web Services",
        "target": 1,
        "type": 2,
        "status": 0,
        "visibility": 0,
        "description": "Amazon Web Services",
        "nameTemplate": {"template": "SAGE_BUILTIN_TAG_AMAZON_WEB_SERVICES_NAME"},
        "descriptionTemplate": {"template": "SAGE_BUILTIN_TAG_AMAZON_WEB_SERVICES_DESCRIPTION"},
        "_tid": 0,
    }


def test_other_targets_and_callers_without_the_right_are_refused(reader: Client) -> None:
    """Tags are part of the settings."""
    assert reader.refusal(400, "tags/", {"target": "moon"}) == "target: 'moon' is not known; allowed: ip"
    assert reader.call("GET", "tags/", role=Role.SECURITY_READER).status_code == 403
