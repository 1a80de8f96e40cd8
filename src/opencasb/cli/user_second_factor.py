"""``opencasb user second-factor``: codes of an authenticator app."""

from __future__ import annotations

import click

from opencasb.cli.arguments import user_of
from opencasb.cli.help_text import Group
from opencasb.cli.options import CommandContext, actor, tenant_options
from opencasb.cli.output import echo_done, echo_json


@click.group("second-factor", cls=Group)
def second_factor() -> None:
    """Manage a user's second factor (authenticator app)."""


@second_factor.command("add")
@click.argument("user")
@tenant_options
def add(context: CommandContext, as_json: bool, user: str) -> None:
    """Create a secret for the user's app; active after `confirm`. JSON: {"otpauth"}."""
    found = user_of(context, user)
    if context.casb.identity.second_factors.has_app(
        found
    ):  # until the new one is confirmed, the password would suffice
        raise click.ClickException(f"user: {user!r} has an authenticator app; remove it first")
    address = context.casb.identity.second_factors.begin(found)
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
def confirm(context: CommandContext, as_json: bool, user: str, code: str) -> None:
    """Activate the second factor; CODE is what the app shows. JSON: {"user", "second_factor"}."""
    found = user_of(context, user)
    if not context.casb.identity.second_factors.confirm(found, code, by=actor()):
        raise click.ClickException("CODE: that is not the code that the app shows now")
    echo_done({"user": found.upn, "second_factor": True}, as_json=as_json)


@second_factor.command("remove")
@click.argument("user")
@tenant_options
def remove(context: CommandContext, as_json: bool, user: str) -> None:
    """Remove the second factor, for example after losing the device. JSON: {"user", "second_factor"}."""
    found = user_of(context, user)
    if not context.casb.identity.second_factors.remove(found, by=actor()):
        raise click.ClickException(f"user: {user!r} has no second factor")
    echo_done({"user": found.upn, "second_factor": False}, as_json=as_json)
