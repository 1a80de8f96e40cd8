"""``opencasb app``: consent and assignment."""

from __future__ import annotations

import pytest

from opencasb.model.roles import Role
from tests.cli.applications import Desk


@pytest.fixture
def desk(desk: Desk) -> Desk:
    """A desk with two tenants; Ann belongs to Contoso."""
    desk.casb.users.create(desk.contoso.tenant_id, "ann@contoso.example", Role.SECURITY_READER)
    return desk


def test_consent_grants_what_was_asked_and_is_taken_back(desk: Desk) -> None:
    """Consent is tenant-wide with application permissions, or covers the delegated ones for one user."""
    client_id = desk.created()
    assert "requests nothing" in desk.text("grant-consent", client_id)
    desk.text("add-permission", client_id, "discovery.read")
    desk.text("add-permission", client_id, "investigation.read", "--delegated")
    record = desk.json("grant-consent", client_id, "--user", "ann@contoso.example")
    ann = desk.casb.users.by_upn(desk.contoso.tenant_id, "ann@contoso.example")
    assert ann is not None
    own = {"user_id": ann.user_id, "resource": "mdca", "name": "investigation.read"}
    assert (record["permissions"], record["delegated"]) == ([], [own])
    record = desk.json("grant-consent", client_id)
    assert (record["permissions"], record["delegated"]) == (["discovery.read"], [{**own, "user_id": None}, own])
    record = desk.json("revoke-consent", client_id, "--user", ann.user_id)
    assert record["delegated"] == [{**own, "user_id": None}]
    record = desk.json("revoke-consent", client_id)
    assert (record["permissions"], record["delegated"]) == ([], [])
    assert desk.text("revoke-consent", client_id) == "nothing was granted\n"


def test_a_multitenant_application_enters_by_consent(desk: Desk) -> None:
    """Before consent it is unknown in the tenant; a single-tenant application can never be added."""
    client_id = desk.created("--permission", "discovery.read")
    assert "nor a multitenant one" in desk.refused("grant-consent", client_id, "--tenant", "Fabrikam")
    desk.text("change", client_id, "--multitenant")
    assert "is not an application" in desk.refused("show", client_id, "--tenant", "Fabrikam")
    record = desk.json("grant-consent", client_id, "--tenant", "Fabrikam")
    assert (record["permissions"], record["registered_here"]) == (["discovery.read"], False)
    desk.text("change", client_id, "--single-tenant")
    assert "is not an application" in desk.refused("show", client_id, "--tenant", "Fabrikam")
    assert "nor a multitenant one" in desk.refused("grant-consent", "nothing")


def test_users_are_assigned(desk: Desk) -> None:
    """Users are given by name or id."""
    client_id = desk.created("--require-assignment")
    record = desk.json("assign", client_id, "ann@contoso.example")
    [user_id] = record["assigned"]
    assert desk.json("unassign", client_id, user_id)["assigned"] == []
    assert "is not assigned" in desk.refused("unassign", client_id, user_id)
    assert "is not a user" in desk.refused("assign", client_id, "bob@contoso.example")
