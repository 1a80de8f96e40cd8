"""``opencasb token``."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from opencasb.cli.token import command
from opencasb.identity.errors import Unauthenticated
from opencasb.model.roles import Role
from opencasb.model.tenant import Tenant
from tests.cli.commands import Commands, Shell
from tests.identity.standin import StandIn


@pytest.fixture
def tenant(casb: StandIn) -> Tenant:
    """Create the default tenant with two users."""
    made = casb.tenants.create("Contoso")
    casb.users.create(made.tenant_id, "ann", Role.SECURITY_READER)
    casb.users.create(made.tenant_id, "bob", Role.GLOBAL_ADMINISTRATOR)
    return made


@pytest.fixture
def commands(casb: StandIn) -> Commands:
    """Run ``opencasb token …``."""
    return Commands(command, casb)


def test_a_token_works_from_its_making_to_its_revocation(casb: StandIn, commands: Commands, tenant: Tenant) -> None:
    """The JSON has three fields; the token is accepted until it is revoked by its id."""
    made = commands.json("create", "--user", "ann", "--name", "siem")
    assert set(made) == {"token", "id", "name"}
    assert made["name"] == "siem"
    principal = casb.identity.access.authenticate(f"Token {made['token']}", "mdca")
    assert (principal.tenant_id, principal.role) == (tenant.tenant_id, Role.SECURITY_READER)
    commands.text("revoke", made["id"])
    with pytest.raises(Unauthenticated):
        casb.identity.access.authenticate(f"Token {made['token']}", "mdca")
    assert "there is no token" in commands.refused("revoke", made["id"])


def test_a_token_can_be_piped(commands: Commands, tenant: Tenant) -> None:
    """In text output, too, stdout has only the token; the advice is on stderr."""
    outcome = commands.run("create", "--user", "ann", "--name", "siem")
    assert re.fullmatch(r"[0-9a-f]{64}\n", outcome.stdout)
    assert "cannot be shown again" in outcome.stderr


def test_list_shows_state_and_never_the_token(casb: StandIn, commands: Commands, tenant: Tenant) -> None:
    """Owner, state and prefix identify a token; the list can be limited to one user."""
    made = [commands.json("create", "--user", user, "--name", user) for user in ("ann", "bob")]
    casb.identity.access.authenticate(f"Token {made[0]['token']}", "mdca")
    records = commands.json("list")
    assert {(record["user"], record["state"], record["prefix"]) for record in records} == {
        ("ann", "Active", made[0]["token"][:4]),
        ("bob", "Generated", made[1]["token"][:4]),
    }
    shown = commands.text("list", "--user", "bob")
    assert "Generated" in shown
    assert "ann" not in shown
    assert commands.text("list", "--user", "bob").splitlines()[0].split()[:2] == ["id", "name"]
    for each in made:
        assert each["token"] not in commands.text("list") + commands.text("list", "--json")


def test_an_empty_list_is_empty(commands: Commands, tenant: Tenant) -> None:
    """There is no text, and JSON is an empty list."""
    assert commands.text("list") == ""
    assert commands.text("list", "--json") == "[]\n"


def test_a_token_needs_an_active_owner_and_a_name(casb: StandIn, commands: Commands, tenant: Tenant) -> None:
    """An unknown or disabled owner and a blank name give exit code 1."""
    [ann, _] = casb.users.all(tenant.tenant_id)
    casb.users.deprovision(tenant.tenant_id, ann.user_id, keep_one=False)
    for user, name, words in (("carol", "x", "'carol'"), ("ann", "x", "disabled"), ("bob", " ", "--name")):
        outcome = commands.run("create", "--user", user, "--name", name)
        assert (outcome.exit_code, outcome.stdout) == (1, "")
        assert words in outcome.stderr
    assert casb.identity.api_tokens.all(tenant.tenant_id) == []


def test_a_lost_key_file_is_told_once(tmp_path: Path) -> None:
    """The new one makes all earlier tokens worthless; a new installation has none to lose."""
    shell = Shell(tmp_path / "data")
    assert "key file missing" not in shell.run("init", "--admin", "ann@contoso.example").stderr
    (shell.data / "keys" / "pepper").unlink()
    made = shell.run("token", "create", "--user", "ann@contoso.example", "--name", "a")
    assert "key file missing" in made.stderr
    assert str(shell.data / "keys" / "pepper") in made.stderr
    assert "key file missing" not in shell.run("token", "create", "--user", "ann@contoso.example", "--name", "b").stderr
