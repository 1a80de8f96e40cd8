"""``opencasb tenant``."""

from __future__ import annotations

import json
from contextlib import closing
from pathlib import Path

import pytest

from opencasb.app import Casb
from opencasb.cli.tenant import command
from opencasb.settings import Settings
from tests.cli.commands import Commands, Shell
from tests.identity.standin import StandIn


@pytest.fixture
def commands(casb: StandIn) -> Commands:
    """Run ``opencasb tenant …``."""
    return Commands(command, casb)


@pytest.mark.parametrize("name", [["Contoso"], ["--name", "Contoso"]])
def test_create_answers_machines(casb: StandIn, commands: Commands, name: list[str]) -> None:
    """The id in the JSON is the guid used in OAuth."""
    made = commands.json("create", *name)
    [tenant] = casb.tenants.all()
    assert made == {"tenant_id": tenant.guid, "name": "Contoso"}
    [entry] = casb.identity.audit_log.latest(tenant.tenant_id)
    assert entry.actor.startswith("cli")


def test_list_shows_every_tenant_and_no_key(casb: StandIn, commands: Commands) -> None:
    """Text and JSON list the same tenants; the pseudonym key is never shown."""
    casb.tenants.create("Contoso", domain="contoso.example")
    tenant = casb.tenants.create("Fabrikam")
    shown = commands.text("list")
    assert "Contoso" in shown
    assert tenant.guid in shown
    records = commands.json("list")
    assert {(record["name"], record["number"]) for record in records} >= {("Fabrikam", tenant.tenant_id)}
    assert {record["domain"] for record in records} == {"contoso.example", tenant.domain}
    assert not any("key" in name for record in records for name in record)


def test_delete_takes_the_tenant_that_is_named(tmp_path: Path) -> None:
    """By name, guid, domain or number, after confirmation; the steps are printed to stderr."""
    shell = Shell(tmp_path)
    records = [shell.json("tenant", "create", name) for name in ("Contoso", "Fabrikam")]
    shell.text("user", "create", "ann@contoso.example", "--role", "security-reader", "--tenant", "Contoso")
    assert shell.run("tenant", "delete", "Contoso").exit_code == 1  # not confirmed
    assert "NAME: 'Northwind' is not a tenant; known: Contoso, Fabrikam" in shell.refused(
        "tenant", "delete", "Northwind"
    )
    done = shell.run("tenant", "delete", records[0]["tenant_id"], "--yes", "--json")
    assert json.loads(done.stdout) == {"deleted": "Contoso"}
    assert "activities\n" in done.stderr
    assert [each["name"] for each in shell.json("tenant", "list")] == ["Fabrikam"]
    assert "known: Fabrikam" in shell.refused("tenant", "delete", "Contoso", "--yes")


def test_pseudonyms_are_renewed_after_confirmation(tmp_path: Path) -> None:
    """Of one tenant."""
    shell = Shell(tmp_path)
    for name in ("Contoso", "Fabrikam"):
        shell.json("tenant", "create", name)

    def keys() -> list[bytes]:
        with closing(Casb.open(Settings(data=tmp_path))) as casb:
            return [casb.pseudonym_keys.of(tenant.tenant_id) for tenant in casb.tenants.all()]

    before = keys()
    assert shell.run("tenant", "renew-pseudonyms").exit_code == 1  # not confirmed
    assert keys() == before
    assert shell.json("tenant", "renew-pseudonyms", "--tenant", "Fabrikam", "--yes") == {"renewed": "Fabrikam"}
    assert [one == other for one, other in zip(before, keys(), strict=True)] == [True, False]


@pytest.mark.parametrize("arguments", [[], ["a", "--name", "b"]])
def test_create_wants_one_name(commands: Commands, arguments: list[str]) -> None:
    """No name, or two, is wrong usage: exit code 2, message on stderr."""
    assert "NAME or with --name" in commands.refused("create", *arguments, code=2)


@pytest.mark.parametrize(
    "arguments", [["Contoso"], ["x", "--domain", "contoso.example"], ["x", "--domain", "y"], [" "], [""]]
)
def test_create_explains_its_refusal(casb: StandIn, commands: Commands, arguments: list[str]) -> None:
    """A taken or malformed name gives exit code 1 and a message on stderr; no tenant is created."""
    casb.tenants.create("Contoso", domain="contoso.example")
    assert "tenant" in commands.refused("create", *arguments, "--json")
    assert len(casb.tenants.all()) == 1


def test_own_domains_are_added_listed_and_removed(tmp_path: Path) -> None:
    """Invalid and unknown domains are reported."""
    shell = Shell(tmp_path / "data")
    shell.text("tenant", "domain", "add", "Contoso.example")
    assert shell.json("tenant", "domain", "list") == ["contoso.example"]
    assert "contoso.example" in shell.text("tenant", "domain", "list")
    assert "is not a domain name" in shell.refused("tenant", "domain", "add", "contoso")
    shell.text("tenant", "domain", "remove", "contoso.example")
    assert "is not one of the tenant's own" in shell.refused("tenant", "domain", "remove", "contoso.example")


def test_ways_to_sign_in_are_switched(casb: StandIn, commands: Commands) -> None:
    """Only the given switches change."""
    casb.tenants.create("Contoso", domain="contoso.example")
    commands.text("set", "--password-grant")
    commands.text("set", "--no-api-tokens")
    commands.text("set", "--second-factor")
    [shown] = commands.json("list")
    assert (shown["password_grant"], shown["api_tokens"], shown["second_factor"]) == (True, False, True)
