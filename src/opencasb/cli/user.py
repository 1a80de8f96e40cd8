"""``opencasb user``: the people who administer a tenant."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from opencasb.cli.options import actor, json_option, tenant_of, tenant_options
from opencasb.cli.output import echo_json, echo_table, explained

if TYPE_CHECKING:
    from opencasb.app import Casb, Opener
    from opencasb.model.role_scope import RoleScope
    from opencasb.model.roles import Role
    from opencasb.model.user import User

_report_option = click.option(
    "--report", "reports", multiple=True, help="Report that a Cloud Discovery report admin may see; can be repeated."
)
_LIMITS = {
    "apps": "--app",
    "groups": "--group",
    "read_only": "--read-only",
    "allowed_anonymization": "--allow-anonymization",
}
_limit_options = (
    click.option(
        "--app", "apps", multiple=True, help="App of an App/instance admin: number, or app|instance; repeatable."
    ),
    click.option("--group", "groups", multiple=True, help="Imported group of a User group admin, by id; repeatable."),
    click.option("--read-only", is_flag=True, help="An App/instance or User group admin changes nothing."),
    click.option(
        "--allow-anonymization",
        "allowed_anonymization",
        is_flag=True,
        help="Let a Cloud Discovery global admin resolve pseudonyms.",
    ),
)


def _limits(function: Callable[..., None]) -> Callable[..., None]:
    for option in (_report_option, *reversed(_limit_options)):
        function = option(function)
    return function


@click.group("user")
def command() -> None:
    """Keep users and their roles. USER is a user name or user id.

    Exit codes: 0 done; 1 it could not be done, stderr says why; 2 wrong usage.
    """


@command.command("create")
@click.argument("name", required=False)
@click.option("--name", "named", help="The user name, where it is not given as NAME.")
@click.option("--role", required=True, help="Role, for example security-reader; a wrong one lists them all.")
@click.option("--display-name", default="", help="The name that people read.")
@click.option("--password-stdin", is_flag=True, help="Read a password from standard input.")
@click.option("--guest", is_flag=True, help="A user of another tenant of this server, who signs in there.")
@_limits
@tenant_options
@json_option
def create(opener: Opener, /, data: Path, tenant: str | None, as_json: bool, **given: Any) -> None:  # option values
    """Add a user; NAME looks like ann@contoso.example. JSON: the user's record."""
    from opencasb.cli.tenant import one_name
    from opencasb.identity.passwords import hash_password
    from opencasb.identity.user_record import user_record

    if given["guest"] and given["password_stdin"]:
        raise click.UsageError("--password-stdin: a guest signs in at home and has no password here")
    name = one_name(given["name"], given["named"])
    role = _role(given["role"])
    casb = opener.open(data)
    owner = tenant_of(casb, tenant)
    streams = _streams(casb, owner.tenant_id, role, given["reports"])
    scope = _scope(casb, owner.tenant_id, role, given)
    limits: dict[str, Any] = {"stream_ids": streams, "scope": scope, "by": actor()}
    with explained("user"):
        if given["guest"]:
            made = casb.users.invite(
                owner.tenant_id, casb.identity.guests.at_home(owner.tenant_id, name), role, **limits
            )
        else:
            digest, shown = hash_password(_password()) if given["password_stdin"] else None, given["display_name"]
            made = casb.users.create(owner.tenant_id, name, role, display_name=shown, password_hash=digest, **limits)
    if as_json:
        echo_json(user_record(made))
        return
    click.echo(f"user {made.upn}: {made.role}, {made.user_id}")


@command.command("list")
@tenant_options
@json_option
def list_(opener: Opener, data: Path, tenant: str | None, as_json: bool) -> None:
    """List the users of a tenant, the disabled ones too."""
    from opencasb.identity.user_record import user_record

    casb = opener.open(data)
    found = casb.users.all(tenant_of(casb, tenant).tenant_id)
    if as_json:
        echo_json([user_record(user) for user in found])
        return
    rows = [(each.upn, each.role, "active" if each.active else "disabled", each.user_id) for each in found]
    echo_table(("name", "role", "state", "user id"), rows)


@command.command("set-role")
@click.argument("user")
@click.argument("role")
@_limits
@tenant_options
def set_role(opener: Opener, data: Path, tenant: str | None, **given: Any) -> None:  # option values
    """Give a user another role; the user's API tokens follow at once."""
    chosen = _role(given["role"])
    casb = opener.open(data)
    found = user_of(casb, tenant_of(casb, tenant).tenant_id, given["user"])
    streams = _streams(casb, found.tenant_id, chosen, given["reports"])
    scope = _scope(casb, found.tenant_id, chosen, given)
    casb.users.set_role(found.tenant_id, found.user_id, chosen, stream_ids=streams, scope=scope, by=actor())


@command.command("disable")
@click.argument("user")
@tenant_options
def disable(opener: Opener, data: Path, tenant: str | None, user: str) -> None:
    """Take every right from a user, for good; calls with the user's API tokens are answered 403."""
    casb = opener.open(data)
    found = user_of(casb, tenant_of(casb, tenant).tenant_id, user)
    casb.users.deprovision(found.tenant_id, found.user_id, by=actor())


@command.command("set-password")
@click.argument("user")
@tenant_options
def set_password(opener: Opener, data: Path, tenant: str | None, user: str) -> None:
    """Set a user's password: asked for on a terminal, else the first line of standard input."""
    from opencasb.identity.passwords import hash_password

    casb = opener.open(data)
    found = _user_with_password(casb, tenant_of(casb, tenant).tenant_id, user)
    with explained("password"):
        digest = hash_password(_password())
    casb.users.set_password(found.tenant_id, found.user_id, digest, by=actor())


@command.command("expire-password")
@click.argument("user")
@tenant_options
def expire_password(opener: Opener, data: Path, tenant: str | None, user: str) -> None:
    """Have a user choose another password at the next sign-in."""
    casb = opener.open(data)
    found = _user_with_password(casb, tenant_of(casb, tenant).tenant_id, user)
    casb.users.expire_password(found.tenant_id, found.user_id, by=actor())


@command.group("second-factor")
def second_factor() -> None:
    """Keep the second factor of a user: codes of an authenticator app, asked for at every sign-in."""


@second_factor.command("add")
@click.argument("user")
@tenant_options
@json_option
def add_second_factor(opener: Opener, data: Path, tenant: str | None, as_json: bool, user: str) -> None:
    """Make a secret for the user's app; it counts after `confirm`. JSON: {"otpauth"}."""
    casb = opener.open(data)
    found = user_of(casb, tenant_of(casb, tenant).tenant_id, user)
    address = casb.identity.second_factors.begin(found)
    if as_json:
        echo_json({"otpauth": address})
        return
    click.echo(address)
    click.echo(
        "Put this into the authenticator app; it cannot be shown again. Then: user second-factor confirm", err=True
    )


@second_factor.command("confirm")
@click.argument("user")
@click.argument("code")
@tenant_options
def confirm_second_factor(opener: Opener, data: Path, tenant: str | None, user: str, code: str) -> None:
    """Have the second factor count; CODE is what the app shows."""
    casb = opener.open(data)
    found = user_of(casb, tenant_of(casb, tenant).tenant_id, user)
    if not casb.identity.second_factors.confirm(found, code, by=actor()):
        raise click.ClickException("CODE: that is not the code that the app shows now")


@second_factor.command("remove")
@click.argument("user")
@tenant_options
def remove_second_factor(opener: Opener, data: Path, tenant: str | None, user: str) -> None:
    """Have the password suffice again, for a user who lost the app."""
    casb = opener.open(data)
    found = user_of(casb, tenant_of(casb, tenant).tenant_id, user)
    if not casb.identity.second_factors.remove(found, by=actor()):
        raise click.ClickException(f"user: {user!r} has no second factor")


def user_of(casb: Casb, tenant_id: int, text: str) -> User:
    """Return the user of that name or id. Raises ``ClickException``."""
    found = casb.users.by_upn(tenant_id, text) or casb.users.get(tenant_id, text)
    if found is None:
        raise click.ClickException(f"user: {text!r} is not a user of this tenant (opencasb user list)")
    return found


def _user_with_password(casb: Casb, tenant_id: int, text: str) -> User:
    found = user_of(casb, tenant_id, text)
    if found.is_guest:
        raise click.ClickException(f"user: {text!r} is a guest, who signs in at home and has no password here")
    return found


def owner_of(casb: Casb, tenant_id: int, text: str) -> User:
    """Return the user like :func:`user_of`; a tenant without any user gets that one as its first administrator."""
    from opencasb.model.roles import Role

    if casb.users.all(tenant_id):
        return user_of(casb, tenant_id, text)
    with explained("--user"):
        made = casb.users.create(tenant_id, text, Role.GLOBAL_ADMINISTRATOR, by=actor())
    click.echo(f"Made the first user, {made.upn}, a {made.role.value.lower()}.", err=True)
    return made


def _role(text: str) -> Role:
    from opencasb.model.roles import Role

    try:
        return Role.parse(text)
    except ValueError as error:
        raise click.BadParameter(str(error), param_hint="role") from None


def _streams(casb: Casb, tenant_id: int, role: Role, reports: tuple[str, ...]) -> list[str] | None:
    """Return the ids of the reports a report admin is limited to, None for other roles."""
    from opencasb.model.roles import Role

    if role is not Role.CLOUD_DISCOVERY_REPORT_ADMIN:
        if reports:
            raise click.UsageError(f"--report is for the role {Role.CLOUD_DISCOVERY_REPORT_ADMIN.value!r} only")
        return None
    return [_stream_id(casb, tenant_id, report) for report in reports]


def _scope(casb: Casb, tenant_id: int, role: Role, given: Mapping[str, Any]) -> RoleScope | None:  # option values
    """Return what a role is limited to besides reports, None for one that is not."""
    from opencasb.identity.refusals import InvalidValue
    from opencasb.identity.role_scopes import role_scope

    try:
        return role_scope(casb.user_groups, tenant_id, role, **{name: given[name] for name in _LIMITS})
    except InvalidValue as error:
        raise click.UsageError(f"{_LIMITS[error.field]}: {error}") from None


def _stream_id(casb: Casb, tenant_id: int, report: str) -> str:
    found = casb.streams.get(tenant_id, report) or casb.streams.by_name(tenant_id, report)
    if found is None:
        raise click.ClickException(f"--report: {report!r} is not a report (opencasb report list)")
    return found.stream_id


def _password() -> str:
    if sys.stdin.isatty():
        return str(click.prompt("Password", hide_input=True, confirmation_prompt=True, err=True))
    return sys.stdin.readline().rstrip("\r\n")
