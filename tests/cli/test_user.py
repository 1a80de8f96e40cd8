"""``opencasb user``."""

from __future__ import annotations

import pyotp
import pytest

from opencasb.cli.user import command
from opencasb.identity.passwords import verify_password
from opencasb.identity.second_factor import STEP
from opencasb.model.role_scope import AppInstance, RoleScope
from opencasb.model.roles import Role
from opencasb.model.stream import StreamType
from opencasb.model.tenant import Tenant
from opencasb.model.user import User
from tests.cli.commands import Commands
from tests.identity.standin import StandIn


@pytest.fixture
def commands(casb: StandIn) -> Commands:
    """Run ``opencasb user …``."""
    return Commands(command, casb)


def _ann(casb: StandIn, tenant: Tenant) -> User:
    found = casb.users.by_upn(tenant.tenant_id, "ann")
    assert found is not None
    return found


@pytest.mark.parametrize("name", [["Ann"], ["--name", "Ann"]])
def test_create_adds_a_user_with_a_role(casb: StandIn, commands: Commands, tenant: Tenant, name: list[str]) -> None:
    """The JSON is the user's record; the role may be given as a slug."""
    record = commands.json("create", *name, "--role", "security-reader")
    ann = _ann(casb, tenant)
    assert record == {
        "id": ann.user_id,
        "name": "ann",
        "display_name": "Ann",
        "role": "Security reader",
        "active": True,
        "guest": False,
        "password_expired": False,
        "created": ann.created,
        "reports": None,
        "scope": None,
    }


def test_create_takes_a_password_from_standard_input(casb: StandIn, commands: Commands, tenant: Tenant) -> None:
    """Only its hash is stored, and it is never shown."""
    outcome = commands.run(
        "create", "ann", "--role", "Global administrator", "--password-stdin", typed="correct horse\n"
    )
    assert outcome.exit_code == 0
    assert "horse" not in outcome.output
    stored = casb.users.password_hash(tenant.tenant_id, _ann(casb, tenant).user_id)
    assert verify_password("correct horse", stored)


def test_a_report_admin_gets_reports_by_name(casb: StandIn, commands: Commands, tenant: Tenant) -> None:
    """Reports are found by name or id; other roles cannot have them."""
    stream = casb.streams.create(tenant.tenant_id, "proxy-1", StreamType.INPUT)
    role = "cloud-discovery-report-admin"
    commands.text("create", "ann", "--role", role, "--report", "proxy-1")
    assert _ann(casb, tenant).stream_ids == frozenset({stream.stream_id})
    assert "'nothing'" in commands.refused("set-role", "ann", role, "--report", "nothing")
    commands.refused("set-role", "ann", "global-reader", "--report", "proxy-1", code=2)
    commands.text("set-role", "ann", "global-reader")
    assert (_ann(casb, tenant).role, _ann(casb, tenant).stream_ids) == (Role.GLOBAL_READER, None)


def test_limits_of_a_role_are_given_with_it(casb: StandIn, commands: Commands, tenant: Tenant) -> None:
    """Apps and instances, imported groups by either id, and read-only access."""
    group = casb.user_groups.take_over(tenant.tenant_id, 11161, "g")["_id"]
    limited = ("--app", "11161", "--app", "11770|7", "--read-only")
    commands.text("create", "ann", "--role", "app-instance-admin", *limited)
    assert _ann(casb, tenant).scope == RoleScope(apps=(AppInstance(11161), AppInstance(11770, 7)), read_only=True)
    assert commands.json("list")[0]["scope"] == {
        "apps": ["11161", "11770|7"],
        "read_only": True,
    }
    commands.text("set-role", "ann", "user-group-admin", "--group", "g")
    assert _ann(casb, tenant).scope == RoleScope(groups=(group,))
    commands.text("set-role", "ann", "cloud-discovery-global-admin", "--allow-anonymization")
    assert _ann(casb, tenant).scope == RoleScope(allowed_anonymization=True)


@pytest.mark.parametrize(
    ("role", "given", "said"),
    [
        ("app-instance-admin", ["--app", "x"], "--app: 'x' is not an app"),
        ("user-group-admin", ["--group", "x"], "--group: 'x' is not an imported user group"),
        ("user-group-admin", ["--app", "1"], "--app: only for the role 'App/instance admin'"),
        ("security-reader", ["--read-only"], "--read-only: only for the role"),
        ("app-instance-admin", ["--allow-anonymization"], "--allow-anonymization: only for the role"),
    ],
)
def test_limits_that_make_no_sense_are_wrong_usage(
    casb: StandIn, commands: Commands, tenant: Tenant, role: str, given: list[str], said: str
) -> None:
    """The message names the option; no user is created."""
    assert said in commands.refused("create", "ann", "--role", role, *given, code=2)
    assert casb.users.by_upn(tenant.tenant_id, "ann") is None


def test_set_password_replaces_the_hash(casb: StandIn, commands: Commands, tenant: Tenant) -> None:
    """The first line of standard input is the password; a short one is rejected."""
    casb.users.create(tenant.tenant_id, "ann", Role.GLOBAL_READER)
    assert commands.run("set-password", "ann", typed="correct horse\n").exit_code == 0
    short = commands.run("set-password", "ann", typed="short\n")
    assert (short.exit_code, "8 to 256" in short.stderr, "short" in short.output) == (1, True, False)
    assert verify_password("correct horse", casb.users.password_hash(tenant.tenant_id, _ann(casb, tenant).user_id))


def test_disable_takes_a_user_by_name_or_id(casb: StandIn, commands: Commands, tenant: Tenant) -> None:
    """A disabled user stays in the list, marked."""
    casb.users.create(tenant.tenant_id, "ann", Role.GLOBAL_READER)
    commands.text("disable", _ann(casb, tenant).user_id)
    assert not _ann(casb, tenant).active
    assert "disabled" in commands.text("list")
    [record] = commands.json("list")
    assert record["active"] is False


def test_somebody_keeps_full_access(casb: StandIn, commands: Commands, tenant: Tenant) -> None:
    """The last administrator can be disabled or demoted only if there is another one."""
    casb.users.create(tenant.tenant_id, "ann", Role.GLOBAL_ADMINISTRATOR)
    for words in (("disable", "ann"), ("set-role", "ann", "security-reader")):
        assert "user: 'ann' is the last one with full access" in commands.refused(*words)
    assert (_ann(casb, tenant).active, _ann(casb, tenant).role) == (True, Role.GLOBAL_ADMINISTRATOR)
    casb.users.create(tenant.tenant_id, "bob", Role.SECURITY_ADMINISTRATOR)
    commands.text("set-role", "ann", "security-reader")
    commands.text("disable", "ann")
    assert not _ann(casb, tenant).active


def test_users_of_another_tenant_are_out_of_reach(casb: StandIn, commands: Commands, tenant: Tenant) -> None:
    """A command only sees the users of its own tenant."""
    casb.users.create(tenant.tenant_id, "ann", Role.GLOBAL_READER)
    casb.tenants.create("Fabrikam", domain="fabrikam.example")
    assert "'ann' is not a user" in commands.refused("disable", "ann", "--tenant", "Fabrikam")
    assert _ann(casb, tenant).active


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (["create", "bob", "--role", "wizard"], 2, "Cloud Discovery report admin"),
        (["create", "bob"], 2, "--role"),
        (["create", "ann", "--role", "global-reader"], 1, "'ann' exists"),
        (["create", "b b", "--role", "global-reader"], 1, "white space"),
        (["set-role", "bob", "global-reader"], 1, "'bob' is not a user"),
        (["set-role", "ann", "wizard"], 2, "the roles are"),
        (["list", "--tenant", "nobody"], 1, "'nobody' is not a tenant"),
    ],
)
def test_refusals_are_explained(
    casb: StandIn, commands: Commands, tenant: Tenant, arguments: list[str], code: int, words: str
) -> None:
    """Wrong usage gives exit code 2, everything else 1; the reason is on stderr."""
    casb.users.create(tenant.tenant_id, "ann", Role.GLOBAL_READER)
    assert words in " ".join(commands.refused(*arguments, code=code).split())


def test_a_second_factor_is_added_confirmed_and_removed(casb: StandIn, commands: Commands, tenant: Tenant) -> None:
    """The secret is printed once; a wrong code confirms nothing; a second secret is rejected."""
    user = casb.users.create(tenant.tenant_id, "ann", Role.SECURITY_READER)
    address = commands.json("second-factor", "add", user.upn)["otpauth"]
    commands.refused("second-factor", "confirm", user.upn, "x")
    code = pyotp.parse_uri(address).generate_otp(casb.clock() // STEP)
    commands.text("second-factor", "confirm", user.upn, code)
    assert "remove it first" in commands.run("second-factor", "add", user.upn).stderr
    assert casb.identity.second_factors.is_required(user)
    commands.text("second-factor", "remove", user.upn)
    commands.refused("second-factor", "remove", user.upn)


def test_a_guest_signs_in_elsewhere(casb: StandIn, commands: Commands, tenant: Tenant) -> None:
    """Guests are invited by name, without a password."""
    other = casb.tenants.create("Provider", domain="provider.example")
    casb.users.create(other.tenant_id, "pat@provider.example", Role.GLOBAL_READER)
    invite = ("create", "pat@provider.example", "--guest", "--role", "security-reader", "--tenant", "Contoso")
    commands.refused(*invite, "--password-stdin", code=2)
    assert commands.json(*invite)["guest"] is True
    guest = casb.users.by_upn(tenant.tenant_id, "pat@provider.example")
    assert guest is not None
    assert guest.home_tenant_id == other.tenant_id
    refused = commands.run("set-password", "pat@provider.example", "--tenant", "Contoso", typed="long enough\n")
    assert "signs in at home" in refused.stderr
    assert "not a user of another tenant" in commands.run(*invite[:1], "x@y.example", *invite[2:]).stderr


def test_another_password_is_demanded(casb: StandIn, commands: Commands, tenant: Tenant) -> None:
    """At the next sign-in."""
    commands.run("create", "Ann", "--role", "security-reader")
    commands.text("expire-password", "ann")
    assert _ann(casb, tenant).password_expired
