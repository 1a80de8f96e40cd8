"""``opencasb user``: the administrators of a tenant."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from opencasb.cli.arguments import user_of
from opencasb.cli.help_text import Group, examples
from opencasb.cli.options import CommandContext, actor, first_options, hidden_input, tenant_options
from opencasb.cli.output import echo_done, echo_json, echo_list, explained
from opencasb.cli.tenant import one_name
from opencasb.cli.user_role import report_ids, role_named, role_options, scope_of
from opencasb.cli.user_second_factor import second_factor

if TYPE_CHECKING:
    from opencasb.model.user import User


@click.group("user", cls=Group)
def command() -> None:
    """Manage users and their roles. USER is a user name or id.

    Exit codes: 0 success; 1 failed, stderr says why; 2 wrong usage.
    """


@command.command(
    "create",
    epilog=examples(
        "user create ann@contoso.example --role security-reader",
        "user create bob@contoso.example --role app-instance-admin --app 11161 --read-only",
    ),
)
@click.argument("name", required=False)
@click.option("--name", "named", help="User name, if not given as NAME.")
@click.option("--role", required=True, help="Role, for example security-reader; an invalid one lists them all.")
@click.option("--display-name", default="", help="Display name.")
@click.option("--password-stdin", is_flag=True, help="Read the password from standard input.")
@click.option("--guest", is_flag=True, help="Guest: a user of another tenant on this server, who signs in there.")
@role_options
@first_options
def create(context: CommandContext, /, as_json: bool, **given: Any) -> None:  # option values
    """Create a user; NAME looks like ann@contoso.example. JSON: the user's record."""
    from opencasb.identity.passwords import hash_password
    from opencasb.identity.user_record import user_record

    if given["guest"] and given["password_stdin"]:
        raise click.UsageError("--password-stdin: a guest signs in at home and has no password here")
    name = one_name(given["name"], given["named"])
    role = role_named(given["role"])
    casb = context.casb
    owner = context.tenant
    streams = report_ids(casb, owner.tenant_id, role, given["reports"])
    scope = scope_of(casb, owner.tenant_id, role, given)
    limits: dict[str, Any] = {"stream_ids": streams, "scope": scope, "by": actor()}
    with explained("user"):
        if given["guest"]:
            made = casb.users.invite(
                owner.tenant_id, casb.identity.guests.at_home(owner.tenant_id, name), role, **limits
            )
        else:
            digest = hash_password(hidden_input("Password", twice=True)) if given["password_stdin"] else None
            shown = given["display_name"]
            made = casb.users.create(owner.tenant_id, name, role, display_name=shown, password_hash=digest, **limits)
    echo_done(user_record(made), f"user {made.upn}: {made.role}, {made.user_id}", as_json=as_json)


@command.command("list")
@tenant_options
def list_(context: CommandContext, as_json: bool) -> None:
    """List the users of a tenant, including disabled ones.

    JSON: [{"id", "name", "display_name", "role", "active", "guest", "password_expired", "created", "reports",
    "scope"}].
    """
    from opencasb.identity.user_record import user_record

    found = context.casb.users.all(context.tenant_id)
    rows = ((each.upn, each.role, "active" if each.active else "disabled", each.user_id) for each in found)
    echo_list([user_record(user) for user in found], ("name", "role", "state", "user id"), rows, as_json=as_json)


@command.command("set-role")
@click.argument("user")
@click.argument("role")
@role_options
@tenant_options
def set_role(context: CommandContext, as_json: bool, **given: Any) -> None:  # option values
    """Change a user's role; applies to the user's API tokens at once. JSON: the user's record."""
    chosen = role_named(given["role"])
    casb = context.casb
    found = user_of(context, given["user"])
    streams = report_ids(casb, found.tenant_id, chosen, given["reports"])
    scope = scope_of(casb, found.tenant_id, chosen, given)
    with explained("user"):
        casb.users.set_role(
            found.tenant_id, found.user_id, chosen, stream_ids=streams, scope=scope, keep_one=True, by=actor()
        )
    _tell(context, found, as_json=as_json)


@command.command("disable")
@click.argument("user")
@tenant_options
def disable(context: CommandContext, as_json: bool, user: str) -> None:
    """Disable a user permanently; calls with the user's API tokens get 403.

    JSON: the user's record.
    """
    found = user_of(context, user)
    with explained("user"):
        context.casb.users.deprovision(found.tenant_id, found.user_id, keep_one=True, by=actor())
    _tell(context, found, as_json=as_json)


@command.command("set-password")
@click.argument("user")
@tenant_options
def set_password(context: CommandContext, as_json: bool, user: str) -> None:
    """Set a user's password: prompts, or reads the first line of standard input.

    JSON: the user's record.
    """
    from opencasb.identity.passwords import hash_password

    found = _user_with_password(context, user)
    with explained("password"):
        digest = hash_password(hidden_input("Password", twice=True))
    context.casb.users.set_password(found.tenant_id, found.user_id, digest, by=actor())
    _tell(context, found, as_json=as_json)


@command.command("expire-password")
@click.argument("user")
@tenant_options
def expire_password(context: CommandContext, as_json: bool, user: str) -> None:
    """Require a new password at the user's next sign-in. JSON: the user's record."""
    found = _user_with_password(context, user)
    context.casb.users.expire_password(found.tenant_id, found.user_id, by=actor())
    _tell(context, found, as_json=as_json)


command.add_command(second_factor)


def _tell(context: CommandContext, user: User, *, as_json: bool) -> None:
    """With ``--json``, print the user's current state."""
    from opencasb.identity.user_record import user_record

    if as_json:
        echo_json(user_record(context.casb.users.get(user.tenant_id, user.user_id) or user))


def _user_with_password(context: CommandContext, text: str) -> User:
    found = user_of(context, text)
    if found.is_guest:
        raise click.ClickException(f"user: {text!r} is a guest, who signs in at home and has no password here")
    return found
