"""``opencasb token``: API tokens."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from opencasb.cli.arguments import owner_of, user_of
from opencasb.cli.help_text import Group
from opencasb.cli.options import CommandContext, actor, tenant_options
from opencasb.cli.output import echo_done, echo_json, echo_records, explained

if TYPE_CHECKING:
    from opencasb.model.api_token import ApiToken


@click.group("token", cls=Group)
def command() -> None:
    """Manage API tokens for scripts; they have the rights of their owner's current role.

    Exit codes: 0 success; 1 failed, stderr says why; 2 wrong usage.
    """


@command.command("create")
@click.option("--user", required=True, help="Owner (user name or id).")
@click.option("--name", required=True, help="Purpose of the token.")
@tenant_options
def create(context: CommandContext, as_json: bool, user: str, name: str) -> None:
    """Create a token, which is shown only once. JSON: {"token", "id", "name"}."""
    owner = owner_of(context, user)
    if not owner.active:
        raise click.ClickException(f"--user: {owner.upn!r} is disabled")
    with explained("--name"):
        made = context.casb.identity.credentials.new_api_token(owner.tenant_id, owner.user_id, name, by=actor())
    if as_json:
        echo_json({"token": made.value, "id": made.token.token_id, "name": made.token.name})
        return
    click.echo(made.value)
    click.echo("Keep it: it cannot be shown again. Send it as: Authorization: Token <token>", err=True)


@command.command("list")
@click.option("--user", help="Only this user's tokens.")
@tenant_options
def list_(context: CommandContext, as_json: bool, user: str | None) -> None:
    """List tokens with their state: Generated (never used), Active (used within seven days) or Inactive.

    JSON: [{"id", "name", "user", "prefix", "state", "created", "last_used"}].
    """
    casb, tenant_id = context.casb, context.tenant_id
    owner = None if user is None else user_of(context, user).user_id
    names = {each.user_id: each.upn for each in casb.users.all(tenant_id)}
    found = [
        _record(token, names.get(token.user_id, token.user_id), casb.clock())
        for token in casb.identity.api_tokens.all(tenant_id, owner)
    ]
    echo_records(found, ("created", "last_used"), as_json=as_json)


@command.command("revoke")
@click.argument("token_id")
@tenant_options
def revoke(context: CommandContext, as_json: bool, token_id: str) -> None:
    """Revoke a token by its id, immediately and permanently. JSON: {"revoked"}."""
    if not context.casb.identity.api_tokens.revoke(context.tenant_id, token_id, by=actor()):
        raise click.ClickException(f"TOKEN_ID: there is no token {token_id!r} (opencasb token list)")
    echo_done({"revoked": token_id}, as_json=as_json)


def _record(token: ApiToken, owner: str, now: int) -> dict[str, Any]:  # any JSON
    return {
        "id": token.token_id,
        "name": token.name,
        "user": owner,
        "prefix": token.prefix,
        "state": token.state(now),
        "created": token.created,
        "last_used": token.last_used,
    }
