"""``opencasb exclusion``: users, addresses and devices excluded from reports."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from opencasb.cli.help_text import Group
from opencasb.cli.options import CommandContext, actor, tenant_options
from opencasb.cli.output import echo_done, echo_list

if TYPE_CHECKING:
    from opencasb.store.exclusions import Kind

_KIND = click.Choice(["user", "ip", "device"])


@click.group("exclusion", cls=Group)
def command() -> None:
    """Exclude users, addresses and devices from reports. Only affects data that arrives from now on.

    Exit codes: 0 success; 1 failed, stderr says why; 2 wrong usage.
    """


@command.command("add")
@click.argument("kind", type=_KIND)
@click.argument("value")
@click.option("--comment", default="", help="Reason.")
@tenant_options
def add(context: CommandContext, as_json: bool, kind: Kind, value: str, comment: str) -> None:
    """Exclude a user name, a source address or block (CIDR), or a device name. JSON: the exclusion."""
    casb, tenant_id = context.casb, context.tenant_id
    try:
        made = casb.exclusions.add(tenant_id, kind, value, comment, by=actor())
    except ValueError as error:
        raise click.UsageError(str(error)) from None
    echo_done(made, as_json=as_json)


@command.command("remove")
@click.argument("kind", type=_KIND)
@click.argument("value")
@tenant_options
def remove(context: CommandContext, as_json: bool, kind: Kind, value: str) -> None:
    """Remove an exclusion. JSON: {"removed"}."""
    if not context.casb.exclusions.remove(context.tenant_id, kind, value, by=actor()):
        raise click.ClickException(f"VALUE: {kind} {value!r} is not excluded")
    echo_done({"removed": value}, as_json=as_json)


@command.command("list")
@tenant_options
def list_(context: CommandContext, as_json: bool) -> None:
    """List the exclusions. JSON: [{"tenant_id", "kind", "value", "comment", "created"}]."""
    found = context.casb.exclusions.all(context.tenant_id)
    echo_list(
        found, ("kind", "value", "comment"), ((each.kind, each.value, each.comment) for each in found), as_json=as_json
    )
