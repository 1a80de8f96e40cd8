"""``opencasb saas``: integrations that read discovered apps through a Graph API."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

import click

from opencasb.cli.arguments import integration_of
from opencasb.cli.help_text import Group
from opencasb.cli.options import CommandContext, actor, all_of, hidden_input, tenant_options
from opencasb.cli.output import echo_done, echo_facts, echo_json, echo_list, explained
from opencasb.cli.saas_output import changes, history, usage

if TYPE_CHECKING:
    from opencasb.model.saas import Integration
    from opencasb.saas.configuration import Given

_options = all_of(
    click.option("--authority", help="Token authority, https://HOST; default: the one for the Graph URL."),
    click.option("--graph", "graph_url", help="Graph URL, https://HOST; default: Microsoft's public cloud."),
    click.option("--ca", type=click.File("rb"), help="PEM file of the only CAs to trust; an empty file resets this."),
    click.option(
        "--period",
        "period_days",
        type=click.Choice(["7", "30", "90"]),
        help="Days to request (default when created: 90).",
    ),
    click.option("--schedule", help='off, "every 6h" or, in UTC, "daily 03:00" (default when created).'),
)


@click.group("saas", cls=Group)
def command() -> None:
    """Read discovered apps from a Microsoft tenant or another OpenCASB, and track changes.

    Exit codes: 0 success; 1 failed, stderr says why; 2 wrong usage.
    """


for _each in (history, usage, changes):
    command.add_command(_each)


@command.command("add")
@click.argument("name")
@click.option("--directory-id", required=True, help="Directory (Tenant) ID.")
@click.option("--client-id", required=True, help="Application (Client) ID.")
@_options
@tenant_options
def add(context: CommandContext, as_json: bool, name: str, **given: Any) -> None:
    """Add the integration NAME (lower-case letters, digits, hyphens). JSON: as for show.

    Prompts for the value of the client secret, or reads the first line of standard input.
    """
    owner = context.tenant_id
    with explained("saas"):
        made = context.casb.saas.add(owner, name, _given(given, secret=_secret()), by=actor())
    _show(made, as_json=as_json)
    if not as_json:
        click.echo(f"Next: opencasb saas authorize {name}", err=True)


@command.command("list")
@tenant_options
def list_(context: CommandContext, as_json: bool) -> None:
    """List the integrations. JSON: a list of objects as for show."""
    from opencasb.saas.configuration import record

    found = context.casb.saas.integrations.all(context.tenant_id)
    rows = (
        (each.name, each.state, each.directory_id, each.graph_url, f"{each.period_days} d", each.schedule)
        for each in found
    )
    echo_list(
        [record(each) for each in found],
        ("name", "state", "directory", "graph", "period", "schedule"),
        rows,
        as_json=as_json,
    )


@command.command("show")
@click.argument("name")
@tenant_options
def show(context: CommandContext, as_json: bool, name: str) -> None:
    """Show the integration NAME, without its secret.

    JSON: {"name", "directory_id", "client_id", "authority", "graph_url", "period_days", "schedule", "state", "own_ca",
    "private_addresses", "problem", "authorized", "roles", "created", "current_run"}.
    """
    _show(integration_of(context, name), as_json=as_json)


@command.command("set")
@click.argument("name")
@click.option("--directory-id", help="Directory (Tenant) ID.")
@click.option("--client-id", help="Application (Client) ID.")
@click.option(
    "--secret", "new_secret", is_flag=True, help="Replace the client secret (prompts, or reads standard input)."
)
@_options
@tenant_options
def set_(context: CommandContext, as_json: bool, name: str, new_secret: bool, **given: Any) -> None:
    """Change the given settings of the integration NAME. JSON: as for show.

    Changing the source or identity requires authorize again; a new secret does not.
    """
    found = integration_of(context, name)
    with explained("saas"):
        changed = context.casb.saas.change(found, _given(given, secret=_secret() if new_secret else None), by=actor())
    _show(changed, as_json=as_json)


@command.command("remove")
@click.argument("name")
@tenant_options
def remove(context: CommandContext, as_json: bool, name: str) -> None:
    """Delete the integration NAME and everything it read. JSON: {"removed"}."""
    context.casb.saas.integrations.remove(integration_of(context, name), by=actor())
    echo_done({"removed": name}, as_json=as_json)


@command.command("authorize")
@click.argument("name")
@tenant_options
def authorize(context: CommandContext, as_json: bool, name: str) -> None:
    """Check that the integration NAME works: token, permission and a first read.

    JSON: {"authorized", "token", "roles", "streams", "more_streams", "problem": {"code", "message"}}; exit code 1 if it
    fails.
    """
    from opencasb.saas.authorization import sentence

    found = context.casb.saas.authorize(integration_of(context, name), by=actor())
    if as_json:
        echo_json(found.record())
        sys.exit(not found.ok)
    if not found.ok:
        raise click.ClickException(f"{found.code}: {sentence(found)}")
    click.echo(sentence(found))


@command.command("run")
@click.argument("name")
@tenant_options
def run(context: CommandContext, as_json: bool, name: str) -> None:
    """Run the integration NAME now, or resume its unfinished run. JSON: as for history.

    Exit code 1 unless the run finished.
    """
    from opencasb.saas import json_records
    from opencasb.saas.saas import Busy
    from opencasb.store.saas_integrations import LeaseLost

    found = integration_of(context, name)
    try:
        with explained("NAME"):
            ended = context.casb.saas.run(found, "hand")
    except (Busy, LeaseLost):
        raise click.ClickException(f"NAME: {name!r} is being run by another process, or was removed") from None
    if as_json:
        echo_json(json_records.run(ended, context.casb.saas.runs.streams(ended)))
    else:
        counts = ended.counts or {"requests": ended.requests}
        click.echo(f"{ended.outcome}: {', '.join(f'{value} {key}' for key, value in counts.items())}")
        if ended.message:
            click.echo(ended.message, err=True)
    sys.exit(ended.outcome not in {"completed", "partial"})


def _given(options: dict[str, Any], secret: str | None) -> Given:
    from opencasb.saas.configuration import Given

    ca, days = options.pop("ca"), options.pop("period_days")
    content = None if ca is None else ca.read().decode("utf-8", "replace")
    period = None if days is None else int(days)
    return Given(**options, ca=content, period_days=period, secret=secret, anywhere=True)


def _secret() -> str:
    return hidden_input("Client secret (value)").strip()


def _show(found: Integration, *, as_json: bool) -> None:
    from opencasb.saas.configuration import record

    echo_facts(record(found), ("authorized", "created"), as_json=as_json)
