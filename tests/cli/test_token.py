"""``opencasb token``."""

from __future__ import annotations

import json
import re

import pytest
from click.testing import CliRunner, Result

from opencasb.cli.token import command
from opencasb.identity.errors import Unauthenticated
from opencasb.model.roles import Role
from opencasb.model.tenant import Tenant
from tests.identity.standin import StandIn


@pytest.fixture
def tenant(casb: StandIn) -> Tenant:
    """Make the default tenant with two users."""
    made = casb.tenants.create("Contoso")
    casb.users.create(made.tenant_id, "ann", Role.SECURITY_READER)
    casb.users.create(made.tenant_id, "bob", Role.GLOBAL_ADMINISTRATOR)
    return made


def _run(casb: StandIn, *arguments: str) -> Result:
    return CliRunner().invoke(command, arguments, obj=casb)


def test_a_token_works_from_its_making_to_its_revocation(casb: StandIn, tenant: Tenant) -> None:
    """The JSON has three members; the token is accepted until it is revoked by its id."""
    made = json.loads(_run(casb, "create", "--user", "ann", "--name", "siem", "--json").stdout)
    assert set(made) == {"token", "id", "name"}
    assert made["name"] == "siem"
    principal = casb.identity.access.authenticate(f"Token {made['token']}", "mdca")
    assert (principal.tenant_id, principal.role) == (tenant.tenant_id, Role.SECURITY_READER)
    assert _run(casb, "revoke", made["id"]).exit_code == 0
    with pytest.raises(Unauthenticated):
        casb.identity.access.authenticate(f"Token {made['token']}", "mdca")
    again = _run(casb, "revoke", made["id"])
    assert (again.exit_code, "there is no token" in again.stderr) == (1, True)


def test_a_token_can_be_piped(casb: StandIn, tenant: Tenant) -> None:
    """For people, too, stdout holds the token alone; the advice is on stderr."""
    outcome = _run(casb, "create", "--user", "ann", "--name", "siem")
    assert re.fullmatch(r"[0-9a-f]{64}\n", outcome.stdout)
    assert "cannot be shown again" in outcome.stderr


def test_list_shows_state_and_never_the_token(casb: StandIn, tenant: Tenant) -> None:
    """Owner, state and prefix are enough to know a token; a list can be narrowed to one user."""
    made = [
        json.loads(_run(casb, "create", "--user", user, "--name", user, "--json").stdout) for user in ("ann", "bob")
    ]
    casb.identity.access.authenticate(f"Token {made[0]['token']}", "mdca")
    records = json.loads(_run(casb, "list", "--json").stdout)
    assert {(record["user"], record["state"], record["prefix"]) for record in records} == {
        ("ann", "Active", made[0]["token"][:4]),
        ("bob", "Generated", made[1]["token"][:4]),
    }
    shown = _run(casb, "list", "--user", "bob").stdout
    assert "Generated" in shown
    assert "ann" not in shown
    assert _run(casb, "list", "--user", "bob").stdout.splitlines()[0].split()[:2] == ["id", "name"]
    for each in made:
        assert each["token"] not in _run(casb, "list").stdout + _run(casb, "list", "--json").stdout


def test_an_empty_list_is_empty(casb: StandIn, tenant: Tenant) -> None:
    """Nothing for people, an empty list for machines."""
    assert _run(casb, "list").stdout == ""
    assert _run(casb, "list", "--json").stdout == "[]\n"


def test_a_token_needs_an_active_owner_and_a_name(casb: StandIn, tenant: Tenant) -> None:
    """An unknown or disabled owner and a blank name are refused with exit code 1."""
    [ann, _] = casb.users.all(tenant.tenant_id)
    casb.users.deprovision(tenant.tenant_id, ann.user_id)
    for user, name, words in (("carol", "x", "'carol'"), ("ann", "x", "disabled"), ("bob", " ", "--name")):
        outcome = _run(casb, "create", "--user", user, "--name", name)
        assert (outcome.exit_code, outcome.stdout) == (1, "")
        assert words in outcome.stderr
    assert casb.identity.api_tokens.all(tenant.tenant_id) == []
