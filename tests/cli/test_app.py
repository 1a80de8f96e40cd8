"""``opencasb app``."""

from __future__ import annotations

from urllib.parse import urlencode

import pytest

from opencasb.cli.app import command
from opencasb.identity.errors import OAuthError
from opencasb.identity.grants.token_request import TokenRequest
from opencasb.model.permissions import MDCA
from opencasb.model.tenant import Tenant
from tests.cli.commands import Commands
from tests.identity.standin import StandIn


@pytest.fixture
def commands(casb: StandIn) -> Commands:
    """Run ``opencasb app …``."""
    return Commands(command, casb)


def _create(commands: Commands, *permissions: str) -> dict[str, str]:
    options = [part for permission in permissions for part in ("--permission", permission)]
    made: dict[str, str] = commands.json("create", "--name", "script", *options)
    return made


def _code(casb: StandIn, made: dict[str, str], secret: str | None = None) -> int:
    """Request a token; return 0 if it is issued, else the error code."""
    form = {
        "grant_type": "client_credentials",
        "client_id": made["client_id"],
        "client_secret": secret or made["client_secret"],
        "scope": f"{MDCA.app_id}/.default",
    }
    try:
        casb.identity.token_endpoint.answer(TokenRequest(made["tenant_id"], 2, urlencode(form).encode()))
    except OAuthError as refusal:
        return refusal.code
    return 0


def test_create_answers_with_all_that_a_client_needs(casb: StandIn, commands: Commands, tenant: Tenant) -> None:
    """The four fields of the JSON output suffice to get a token."""
    made = _create(commands, "Discovery.Manage", "cloudapp-discovery.read.all")
    assert set(made) == {"client_id", "client_secret", "tenant_id", "permissions"}
    assert made["tenant_id"] == tenant.guid
    assert set(made["permissions"]) == {"CloudApp-Discovery.Read.All", "discovery.manage"}
    assert _code(casb, made) == 0


def test_names_are_what_people_write(casb: StandIn, commands: Commands, tenant: Tenant) -> None:
    """Names may contain the spaces and joiners of any script."""
    name = "\u793e\u5185\u3000\u30c4\u30fc\u30eb \U0001f469\u200d\U0001f4bb"
    commands.text("create", "--name", name)
    assert [each.name for each in casb.identity.applications.all(tenant.tenant_id)] == [name]


def test_people_see_the_secret_once(commands: Commands, tenant: Tenant) -> None:
    """The secret appears in the output of its creation and in no list."""
    outcome = commands.run("create", "--name", "script", "--permission", "discovery.read")
    [line] = [line for line in outcome.stdout.splitlines() if line.startswith("client_secret: ")]
    secret = line.removeprefix("client_secret: ")
    assert "permissions: discovery.read" in outcome.stdout
    assert "cannot be shown again" in outcome.stderr
    listed = commands.text("list")
    assert f"{secret[:3]}…" in listed
    assert secret not in listed + commands.text("list", "--json")


def test_secrets_that_end_soon_are_marked_in_the_list(commands: Commands, tenant: Tenant) -> None:
    """The list shows their expiry time."""
    made = _create(commands, "discovery.read")
    assert "expires" not in commands.text("list")
    commands.run("add-secret", made["client_id"], "--days", "30")
    assert "… (expires 2025-12-20 12:00Z)" in commands.text("list")
    assert "permissions_changed: never" in commands.text("show", made["client_id"])


def test_secrets_are_rotated(casb: StandIn, commands: Commands, tenant: Tenant) -> None:
    """A second secret works beside the first until the first is removed by its key id."""
    made = _create(commands, "discovery.read")
    client_id = made["client_id"]
    second = commands.json("add-secret", client_id.upper(), "--days", "30")
    assert set(second) == {"client_secret", "key_id", "expires"}
    assert (_code(casb, made), _code(casb, made, second["client_secret"])) == (0, 0)
    [record] = commands.json("list")
    [first] = [secret["key_id"] for secret in record["secrets"] if secret["key_id"] != second["key_id"]]
    commands.text("remove-secret", client_id, first)
    assert (_code(casb, made), _code(casb, made, second["client_secret"])) == (7000215, 0)
    assert "has no secret" in commands.refused("remove-secret", client_id, first)


def test_an_application_is_disabled_enabled_and_deleted(casb: StandIn, commands: Commands, tenant: Tenant) -> None:
    """Each change takes effect at once."""
    made = _create(commands, "discovery.read")
    client_id = made["client_id"]
    commands.text("disable", client_id)
    assert _code(casb, made) == 7000112
    assert "disabled" in commands.text("list")
    commands.text("enable", client_id)
    assert _code(casb, made) == 0
    commands.text("delete", client_id)
    assert _code(casb, made) == 700016
    assert commands.text("list", "--json") == "[]\n"


@pytest.mark.parametrize("verb", ["disable", "enable", "delete", "add-secret"])
def test_an_application_of_another_tenant_is_out_of_reach(
    casb: StandIn, commands: Commands, tenant: Tenant, verb: str
) -> None:
    """A command only sees the applications of its own tenant."""
    made = _create(commands, "discovery.read")
    casb.tenants.create("Fabrikam")
    assert "is not an application of this tenant" in commands.refused(verb, made["client_id"], "--tenant", "Fabrikam")
    assert _code(casb, made) == 0


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (["create", "--name", "x", "--permission", "discovery.reed"], 1, "--permission: permission 'discovery.reed'"),
        (["create", "--name", " "], 2, "--name"),
        (["create", "--name", "a\x1b[2J"], 2, "--name: 'a\\x1b[2J' must have 1 to 256 printable characters"),
        (["create", "--name", "n" * 257], 2, f"--name: '{'n' * 100}…' must have 1 to 256 printable characters"),
        (["create"], 2, "--name"),
        (["create", "--name", "x", "--days", "731"], 2, "--days"),
        (["delete", "nothing"], 1, "'nothing' is not an application"),
    ],
)
def test_refusals_are_explained(
    casb: StandIn, commands: Commands, tenant: Tenant, arguments: list[str], code: int, words: str
) -> None:
    """The reason is on stderr, stdout is empty, and nothing is registered."""
    assert words in commands.refused(*arguments, code=code)
    assert casb.identity.applications.all(tenant.tenant_id) == []


def test_settings_are_changed_one_by_one(commands: Commands, tenant: Tenant) -> None:
    """Settings that are not given stay unchanged; an empty name is rejected; the JSON output is the application."""
    client_id = _create(commands, "discovery.read")["client_id"]
    commands.text("change", client_id, "--multitenant", "--public-client", "--name", "tool")
    record = commands.json("change", client_id, "--single-tenant", "--require-assignment")
    flags = ("name", "multitenant", "public_client", "assignment_required", "permissions")
    assert [record[name] for name in flags] == ["tool", False, True, True, ["discovery.read"]]
    commands.refused("change", client_id, "--name", " ", code=2)
    assert commands.json("disable", client_id)["enabled"] is False
    assert commands.json("enable", client_id)["enabled"] is True
    assert commands.json("delete", client_id) == {"deleted": client_id}


def test_another_tenant_changes_only_what_is_its_own(casb: StandIn, commands: Commands, tenant: Tenant) -> None:
    """Each tenant sets whether assignment is required; only the home tenant changes the name."""
    client_id = _create(commands)["client_id"]
    casb.identity.applications.change(tenant.tenant_id, client_id, multitenant=True)
    other = casb.tenants.create("Fabrikam")
    found = casb.identity.consents.find(tenant, client_id)
    casb.identity.consents.enter(other, found, "test")
    there = ("--tenant", "Fabrikam")
    assert "name: only the home tenant" in commands.refused("change", client_id, "--name", "mine", *there)
    assert commands.json("change", client_id, "--require-assignment", *there)["assignment_required"]
    assert not commands.json("show", client_id, "--tenant", "Contoso")["assignment_required"]
