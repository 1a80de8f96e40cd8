"""``opencasb sign-in``."""

from __future__ import annotations

import json

import pytest
from click.testing import CliRunner, Result

from opencasb.cli.sign_in import command
from opencasb.identity.external.configuration import CLIENT_SECRET
from opencasb.model.roles import Role
from opencasb.model.tenant import Tenant
from tests.identity.standin import StandIn

ISSUER = "https://id.example/realms/contoso"


@pytest.fixture
def tenant(casb: StandIn) -> Tenant:
    """Make the default tenant with a user."""
    made = casb.tenants.create("Contoso")
    casb.users.create(made.tenant_id, "ann@contoso.example", Role.SECURITY_READER)
    return made


def _run(casb: StandIn, *words: str, code: int = 0, typed: str = "") -> Result:
    done = CliRunner().invoke(command, words, obj=casb, input=typed)
    assert done.exit_code == code, done.output
    return done


def test_a_provider_from_its_configuration_to_its_removal(casb: StandIn, tenant: Tenant) -> None:
    """The secret is read and never shown; the address to register is."""
    words = ("set", ISSUER, "--client-id", "opencasb", "--link", "sub:1=ann@contoso.example", "--name-claim", "email")
    made = json.loads(_run(casb, *words, "--json", typed="s3cret\n").stdout)
    assert made["redirect_uri"] == f"https://localhost:8443/{tenant.guid}/login/callback"
    kept = casb.identity.external_sign_in.get(tenant.tenant_id)
    assert kept is not None
    assert casb.identity.vault.open(kept.sealed_secret, CLIENT_SECRET) == b"s3cret"
    shown = _run(casb, "show").stdout
    assert "s3cret" not in shown
    assert f"issuer: {ISSUER}\n" in shown
    assert json.loads(_run(casb, "show", "--json").stdout) == made
    _run(casb, "remove")
    assert "no external sign-in" in _run(casb, "remove", code=1).stderr
    assert "no external sign-in" in _run(casb, "show", code=1).stderr


def test_what_is_wrong_is_one_line(casb: StandIn, tenant: Tenant) -> None:
    """Naming the field."""
    words = ("set", ISSUER, "--client-id", "x", "--public-client")
    assert "name_claim" in _run(casb, *words, code=1).stderr
    assert "issuer" in _run(casb, "set", "http://x", *words[2:], "--name-claim", "email", code=1).stderr
