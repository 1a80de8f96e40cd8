"""``opencasb app``: secrets of applications from another tenant (see also test_app)."""

from __future__ import annotations

from tests.cli.applications import Desk


def test_only_the_home_tenant_gives_secrets(desk: Desk) -> None:
    """A tenant that consented to an application can neither see nor add secrets; removal needs the right key id."""
    client_id = desk.created("--multitenant")
    desk.json("grant-consent", client_id, "--tenant", "Fabrikam")
    assert "registered in another tenant" in desk.refused("add-secret", client_id, "--tenant", "Fabrikam")
    assert desk.json("show", client_id, "--tenant", "Fabrikam")["secrets"] == []
    [secret] = desk.json("show", client_id)["secrets"]
    assert "has no secret" in desk.refused("remove-secret", client_id, secret["key_id"], "--tenant", "Fabrikam")
    assert desk.json("remove-secret", client_id, secret["key_id"]) == {"removed": secret["key_id"]}
