"""``opencasb sign-in``."""

from __future__ import annotations

import json

import pytest

from opencasb.cli.sign_in import command
from opencasb.identity.external.configuration import CLIENT_SECRET
from opencasb.model.roles import Role
from opencasb.model.tenant import Tenant
from tests.cli.commands import Commands
from tests.identity.standin import StandIn

ISSUER = "https://id.example/realms/contoso"


@pytest.fixture
def tenant(casb: StandIn) -> Tenant:
    """Create the default tenant with a user."""
    made = casb.tenants.create("Contoso")
    casb.users.create(made.tenant_id, "ann@contoso.example", Role.SECURITY_READER)
    return made


@pytest.fixture
def commands(casb: StandIn) -> Commands:
    """Run ``opencasb sign-in …``."""
    return Commands(command, casb)


def test_a_provider_from_its_configuration_to_its_removal(casb: StandIn, commands: Commands, tenant: Tenant) -> None:
    """The secret is read but never shown; the redirect URI to register is shown."""
    words = ("set", ISSUER, "--client-id", "opencasb", "--link", "sub:1=ann@contoso.example", "--name-claim", "email")
    made = json.loads(commands.run(*words, "--json", typed="s3cret\n").stdout)
    assert made["redirect_uri"] == f"https://localhost:8443/{tenant.guid}/login/callback"
    assert made["private_addresses"] is True
    kept = casb.identity.external_sign_in.get(tenant.tenant_id)
    assert kept is not None
    assert casb.identity.vault.open(kept.sealed_secret, CLIENT_SECRET) == b"s3cret"
    shown = commands.text("show")
    assert "s3cret" not in shown
    assert f"issuer: {ISSUER}\n" in shown
    assert commands.json("show") == made
    commands.text("remove")
    assert "no external sign-in" in commands.refused("remove")
    assert "no external sign-in" in commands.refused("show")


def test_what_is_wrong_is_one_line(commands: Commands, tenant: Tenant) -> None:
    """The message names the field."""
    words = ("set", ISSUER, "--client-id", "x", "--public-client")
    assert "name_claim" in commands.refused(*words)
    assert "issuer" in commands.refused("set", "http://x", *words[2:], "--name-claim", "email")
