"""``opencasb notification``: where a tenant's warnings are sent."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from opencasb.cli.help_text import Group
from opencasb.cli.options import CommandContext, actor, tenant_options
from opencasb.cli.output import echo_done, echo_json, echo_list, explained, moment

if TYPE_CHECKING:
    from opencasb.model.notification import Channel


@click.group("notification", cls=Group)
def command() -> None:
    """Manage notification channels (mail, webhooks) for warnings such as expiring client secrets.

    Exit codes: 0 success; 1 failed, stderr says why; 2 wrong usage.
    """


@command.command("add")
@click.argument("kind")
@click.argument("address")
@tenant_options
def add(context: CommandContext, as_json: bool, kind: str, address: str) -> None:
    """Add a channel: KIND is mail, with a mail address, or webhook, with a URL.

    The URL must be https://, or http:// for a receiver on this machine. A webhook's signing secret is shown only once.
    JSON: as for list, plus "secret" for a webhook.
    """
    owner = context.tenant_id
    with explained("channel"):
        made = context.casb.notifications.channels.add(owner, kind, address, anywhere=True, by=actor())
    if as_json:
        secret = {"secret": made.secret} if made.secret else {}
        echo_json({**context.casb.notifications.channels.record(made.channel), **secret})
        return
    click.echo(f"id: {made.channel.channel_id}")
    if made.secret:
        click.echo(f"secret: {made.secret}")
        click.echo("Keep the secret: it cannot be shown again. The receiver checks signatures with it.", err=True)
    click.echo(f"Next: opencasb notification test {made.channel.channel_id}", err=True)


@command.command("list")
@tenant_options
def list_(context: CommandContext, as_json: bool) -> None:
    """List the channels, oldest first, and their delivery status.

    JSON: [{"id", "kind", "address", "private_addresses", "created", "created_by", "waiting", "given_up",
    "last_delivered", "problem"}].
    """
    found = context.casb.notifications.channels.records(context.tenant_id)
    names = ("id", "kind", "address", "waiting", "given_up", "last_delivered", "problem")
    shown = ({**each, "last_delivered": moment(each["last_delivered"])} for each in found)
    rows = (["-" if each[name] is None else each[name] for name in names] for each in shown)
    echo_list(found, [name.replace("_", " ") for name in names], rows, as_json=as_json)


@command.command("remove")
@click.argument("channel_id")
@tenant_options
def remove(context: CommandContext, as_json: bool, channel_id: str) -> None:
    """Remove the channel CHANNEL_ID and its waiting notifications. JSON: {"removed"}."""
    context.casb.notifications.channels.remove(_channel(context, channel_id), by=actor())
    echo_done({"removed": channel_id}, as_json=as_json)


@command.command("test")
@click.argument("channel_id")
@tenant_options
def test(context: CommandContext, as_json: bool, channel_id: str) -> None:
    """Send a test message through the channel CHANNEL_ID.

    JSON: {"delivered", "problem"}; exit code 1 if it was not accepted.
    """
    channel = _channel(context, channel_id)
    problem = context.casb.notifications.channels.test(channel, context.tenant, by=actor())
    if as_json:
        echo_json({"delivered": not problem, "problem": problem or None})
    elif not problem:
        click.echo(f"{channel.place} accepted it")
    else:
        click.echo(f"Error: {problem}", err=True)
    click.get_current_context().exit(bool(problem))


def _channel(context: CommandContext, channel_id: str) -> Channel:
    found = context.casb.notifications.channels.get(context.tenant_id, channel_id)
    if found is None:
        known = "opencasb notification list"
        raise click.ClickException(f"CHANNEL_ID: {channel_id!r} is not a channel of this tenant ({known})")
    return found
