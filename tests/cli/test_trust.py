"""``opencasb trust``."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from opencasb.cli.trust import command
from opencasb.identity.trust.configuration import Given
from opencasb.model.permissions import MDCA
from opencasb.model.tenant import Tenant
from tests.cli.commands import Commands
from tests.identity.standin import StandIn
from tests.identity.trust.directory import APP, DIRECTORY, GROUP, Directory, trusting
from tests.local_http import name_this_machine


@pytest.fixture
def commands(casb: StandIn, tenant: Tenant) -> Commands:
    """Run ``opencasb trust …`` for the tenant."""
    del tenant  # it only has to exist
    return Commands(command, casb)


def test_an_issuer_from_its_addition_to_its_removal(commands: Commands) -> None:
    """Added, changed, listed, shown and removed."""
    more = ("--graph-audience", "urn:graph", "--map", f"group:{GROUP}=global-reader")
    made = commands.json("add", DIRECTORY, "--audience", APP, *more)
    assert (made["issuer"], made["audiences"], made["graph_audiences"]) == (DIRECTORY, [APP], ["urn:graph"])
    assert made["role_mapping"] == [f"group:{GROUP}=global-reader"]
    assert commands.json("list") == [made]
    assert commands.json("show", DIRECTORY.upper()) == made
    assert commands.json("add", DIRECTORY, "--audience", APP, "--directory-roles")["role_mapping"] == []
    printed = commands.text("show", DIRECTORY)
    assert f"audiences: {APP}\n" in printed
    assert "directory_roles: True" in printed
    assert DIRECTORY in commands.text("list")
    commands.text("remove", DIRECTORY)
    assert "opencasb trust list" in commands.refused("remove", DIRECTORY)
    assert commands.json("list") == []


def test_the_risk_of_the_vendors_audience_is_told(commands: Commands) -> None:
    """It is a separate option, and not accepted as an ordinary audience."""
    assert "vendor audience" in commands.refused("add", DIRECTORY, "--audience", MDCA.app_id)
    assert "Warning" in commands.run("add", DIRECTORY, "--vendor-audience").stderr


def test_what_is_wrong_is_one_line(casb: StandIn, commands: Commands, tenant: Tenant) -> None:
    """An invalid role, our own directory, and one that another tenant trusts."""
    assert "king" in commands.refused("add", DIRECTORY, "--audience", APP, "--map", f"oid:{GROUP}=king")
    assert "tenant of this server" in commands.refused("add", tenant.guid, "--audience", APP)
    casb.tenants.create("Fabrikam")
    commands.text("add", DIRECTORY, "--audience", APP, "--tenant", "Fabrikam")
    here = ("--tenant", "Contoso")
    assert "another tenant" in commands.refused("add", DIRECTORY, "--audience", APP, *here)
    assert "not trusted by this tenant" in commands.refused("show", DIRECTORY, *here)


def test_keys_can_be_tried(casb: StandIn, commands: Commands, tmp_path: Path) -> None:
    """Published keys and those from a file; an outage gives one line."""
    directory = Directory()
    trusting(casb, directory.fetch)
    commands.text("add", DIRECTORY, "--audience", APP)
    assert commands.json("check", DIRECTORY) == {"issuers": [directory.v2, directory.v1], "key_ids": ["key-1"]}
    assert "key_ids: key-1" in commands.text("check", DIRECTORY)
    directory.answers = dict.fromkeys(directory.documents())
    assert "nobody there" in commands.refused("check", DIRECTORY)
    file = tmp_path / "keys.json"
    file.write_text(json.dumps(directory.jwks()))
    assert commands.json("add", DIRECTORY, "--audience", APP, "--keys", str(file))["pinned_keys"] is True
    assert commands.json("check", DIRECTORY)["key_ids"] == ["key-1"]


def test_addresses_of_the_servers_network_are_for_the_operator(
    casb: StandIn, commands: Commands, tenant: Tenant, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What came over the API is not even looked for there, until the operator sets the same."""
    name_this_machine("adfs.example.org", monkeypatch)
    trusting(casb, Directory(authority="adfs.example.org:9").fetch)
    casb.identity.trust.put(tenant.tenant_id, Given(DIRECTORY, "adfs.example.org:9", [APP]), by="ann")
    assert "adfs.example.org has an address that is not public" in commands.refused("check", DIRECTORY)
    made = commands.json("add", DIRECTORY, "--audience", APP, "--authority", "adfs.example.org:9")
    assert made["private_addresses"] is True
    assert commands.json("check", DIRECTORY)["key_ids"]
    changed = casb.identity.trust.put(tenant.tenant_id, Given(DIRECTORY, "ADFS.example.org:9", ["urn:x"]), by="ann")
    assert changed.anywhere
    with pytest.raises(ValueError, match="authority 'localhost:9' must have a public host name"):
        casb.identity.trust.put(tenant.tenant_id, Given(DIRECTORY, "localhost:9", [APP]), by="ann")
