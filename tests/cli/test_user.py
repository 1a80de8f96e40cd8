"""``opencasb user``."""

from __future__ import annotations

import json

import pyotp
import pytest
from click.testing import CliRunner, Result

from opencasb.cli.user import command
from opencasb.identity.passwords import verify_password
from opencasb.identity.second_factor import STEP
from opencasb.model.role_scope import AppInstance, RoleScope
from opencasb.model.roles import Role
from opencasb.model.stream import StreamType
from opencasb.model.tenant import Tenant
from opencasb.model.user import User
from tests.identity.standin import StandIn


def _run(casb: StandIn, *arguments: str, typed: str | None = None) -> Result:
    return CliRunner().invoke(command, arguments, obj=casb, input=typed)


def _ann(casb: StandIn, tenant: Tenant) -> User:
    found = casb.users.by_upn(tenant.tenant_id, "ann")
    assert found is not None
    return found


@pytest.mark.parametrize("name", [["Ann"], ["--name", "Ann"]])
def test_create_adds_a_user_with_a_role(casb: StandIn, tenant: Tenant, name: list[str]) -> None:
    """The JSON is the user's record; the role may be written as a slug."""
    outcome = _run(casb, "create", *name, "--role", "security-reader", "--json")
    record = json.loads(outcome.stdout)
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


def test_create_takes_a_password_from_standard_input(casb: StandIn, tenant: Tenant) -> None:
    """Only its hash is kept, and nothing of it is shown."""
    outcome = _run(casb, "create", "ann", "--role", "Global administrator", "--password-stdin", typed="correct horse\n")
    assert outcome.exit_code == 0
    assert "horse" not in outcome.output
    stored = casb.users.password_hash(tenant.tenant_id, _ann(casb, tenant).user_id)
    assert verify_password("correct horse", stored)


def test_a_report_admin_gets_reports_by_name(casb: StandIn, tenant: Tenant) -> None:
    """Reports are found by name or id; for other roles they make no sense."""
    stream = casb.streams.create(tenant.tenant_id, "proxy-1", StreamType.INPUT)
    role = "cloud-discovery-report-admin"
    assert _run(casb, "create", "ann", "--role", role, "--report", "proxy-1").exit_code == 0
    assert _ann(casb, tenant).stream_ids == frozenset({stream.stream_id})
    unknown = _run(casb, "set-role", "ann", role, "--report", "nothing")
    assert (unknown.exit_code, "'nothing'" in unknown.stderr) == (1, True)
    assert _run(casb, "set-role", "ann", "global-reader", "--report", "proxy-1").exit_code == 2
    assert _run(casb, "set-role", "ann", "global-reader").exit_code == 0
    assert (_ann(casb, tenant).role, _ann(casb, tenant).stream_ids) == (Role.GLOBAL_READER, None)


def test_limits_of_a_role_are_given_with_it(casb: StandIn, tenant: Tenant) -> None:
    """Apps and instances, imported groups by either id, and whether the records are only to be read."""
    group = casb.user_groups.take_over(tenant.tenant_id, 11161, "g")["_id"]
    limited = ("--app", "11161", "--app", "11770|7", "--read-only")
    assert _run(casb, "create", "ann", "--role", "app-instance-admin", *limited).exit_code == 0
    assert _ann(casb, tenant).scope == RoleScope(apps=(AppInstance(11161), AppInstance(11770, 7)), read_only=True)
    assert json.loads(_run(casb, "list", "--json").stdout)[0]["scope"] == {
        "apps": ["11161", "11770|7"],
        "read_only": True,
    }
    assert _run(casb, "set-role", "ann", "user-group-admin", "--group", "g").exit_code == 0
    assert _ann(casb, tenant).scope == RoleScope(groups=(group,))
    assert _run(casb, "set-role", "ann", "cloud-discovery-global-admin", "--allow-anonymization").exit_code == 0
    assert _ann(casb, tenant).scope == RoleScope(allowed_anonymization=True)


@pytest.mark.parametrize(
    ("role", "given", "said"),
    [
        ("app-instance-admin", ["--app", "x"], "--app: 'x' is no app"),
        ("user-group-admin", ["--group", "x"], "--group: 'x' is not an imported user group"),
        ("user-group-admin", ["--app", "1"], "--app: only for the role 'App/instance admin'"),
        ("security-reader", ["--read-only"], "--read-only: only for the role"),
        ("app-instance-admin", ["--allow-anonymization"], "--allow-anonymization: only for the role"),
    ],
)
def test_limits_that_make_no_sense_are_wrong_usage(
    casb: StandIn, tenant: Tenant, role: str, given: list[str], said: str
) -> None:
    """The option is named; nobody is made."""
    outcome = _run(casb, "create", "ann", "--role", role, *given)
    assert (outcome.exit_code, said in outcome.stderr) == (2, True)
    assert casb.users.by_upn(tenant.tenant_id, "ann") is None


def test_set_password_replaces_the_hash(casb: StandIn, tenant: Tenant) -> None:
    """The first line of standard input is the password; a short one is refused."""
    casb.users.create(tenant.tenant_id, "ann", Role.GLOBAL_READER)
    assert _run(casb, "set-password", "ann", typed="correct horse\n").exit_code == 0
    short = _run(casb, "set-password", "ann", typed="short\n")
    assert (short.exit_code, "8 to 256" in short.stderr, "short" in short.output) == (1, True, False)
    assert verify_password("correct horse", casb.users.password_hash(tenant.tenant_id, _ann(casb, tenant).user_id))


def test_disable_takes_a_user_by_name_or_id(casb: StandIn, tenant: Tenant) -> None:
    """A disabled user stays in the list, marked."""
    casb.users.create(tenant.tenant_id, "ann", Role.GLOBAL_READER)
    assert _run(casb, "disable", _ann(casb, tenant).user_id).exit_code == 0
    assert not _ann(casb, tenant).active
    assert "disabled" in _run(casb, "list").stdout
    [record] = json.loads(_run(casb, "list", "--json").stdout)
    assert record["active"] is False


def test_users_of_another_tenant_are_out_of_reach(casb: StandIn, tenant: Tenant) -> None:
    """A command sees the users of its tenant only."""
    casb.users.create(tenant.tenant_id, "ann", Role.GLOBAL_READER)
    casb.tenants.create("Fabrikam", domain="fabrikam.example")
    outcome = _run(casb, "disable", "ann", "--tenant", "Fabrikam")
    assert (outcome.exit_code, "'ann' is not a user" in outcome.stderr) == (1, True)
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
def test_refusals_are_explained(casb: StandIn, tenant: Tenant, arguments: list[str], code: int, words: str) -> None:
    """Wrong usage ends with 2, everything else with 1; the reason is on stderr."""
    casb.users.create(tenant.tenant_id, "ann", Role.GLOBAL_READER)
    outcome = _run(casb, *arguments)
    assert (outcome.exit_code, outcome.stdout) == (code, "")
    assert words in " ".join(outcome.stderr.split())


def test_a_second_factor_is_added_confirmed_and_removed(casb: StandIn, tenant: Tenant) -> None:
    """The secret is printed once; a wrong code confirms nothing; a second one would let the password suffice."""
    user = casb.users.create(tenant.tenant_id, "ann", Role.SECURITY_READER)
    address = json.loads(_run(casb, "second-factor", "add", user.upn, "--json").stdout)["otpauth"]
    assert _run(casb, "second-factor", "confirm", user.upn, "x").exit_code == 1
    code = pyotp.parse_uri(address).generate_otp(casb.clock() // STEP)
    assert _run(casb, "second-factor", "confirm", user.upn, code).exit_code == 0
    assert "remove it first" in _run(casb, "second-factor", "add", user.upn).stderr
    assert casb.identity.second_factors.is_required(user)
    assert _run(casb, "second-factor", "remove", user.upn).exit_code == 0
    assert _run(casb, "second-factor", "remove", user.upn).exit_code == 1


def test_a_guest_signs_in_elsewhere(casb: StandIn, tenant: Tenant) -> None:
    """Invited by name, without a password."""
    other = casb.tenants.create("Provider", domain="provider.example")
    casb.users.create(other.tenant_id, "pat@provider.example", Role.GLOBAL_READER)
    invite = ("create", "pat@provider.example", "--guest", "--role", "security-reader", "--tenant", "Contoso")
    assert _run(casb, *invite, "--password-stdin").exit_code == 2
    outcome = _run(casb, *invite, "--json")
    assert outcome.exit_code == 0, outcome.stderr
    assert json.loads(outcome.stdout)["guest"] is True
    guest = casb.users.by_upn(tenant.tenant_id, "pat@provider.example")
    assert guest is not None
    assert guest.home_tenant_id == other.tenant_id
    refused = _run(casb, "set-password", "pat@provider.example", "--tenant", "Contoso", typed="long enough\n")
    assert "signs in at home" in refused.stderr
    assert "no user of another tenant" in _run(casb, *invite[:1], "x@y.example", *invite[2:]).stderr


def test_another_password_is_demanded(casb: StandIn, tenant: Tenant) -> None:
    """At the next sign-in."""
    _run(casb, "create", "Ann", "--role", "security-reader")
    assert _run(casb, "expire-password", "ann").exit_code == 0
    assert _ann(casb, tenant).password_expired
