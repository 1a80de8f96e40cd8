"""``opencasb tenant``: the organisations on this server."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from opencasb.cli.options import actor, data_option, json_option
from opencasb.cli.output import echo_json, echo_table, explained, moment

if TYPE_CHECKING:
    from opencasb.app import Opener
    from opencasb.model.tenant import Tenant


@click.group("tenant")
def command() -> None:
    """Keep tenants: organisations that share this server and never see each other.

    Exit codes: 0 done; 1 it could not be done, stderr says why; 2 wrong usage.
    """


@command.command("create")
@click.argument("name", required=False)
@click.option("--name", "named", help="The name, where it is not given as NAME.")
@click.option("--domain", help="Domain name of the tenant in sign-in addresses; default: made from the name.")
@data_option
@json_option
@click.pass_obj
def create(opener: Opener, data: Path, as_json: bool, name: str | None, named: str | None, domain: str | None) -> None:
    """Add a tenant. JSON: {"tenant_id", "name"}; tenant_id is the guid that OAuth uses."""
    chosen = one_name(name, named)
    casb = opener.open(data)
    with explained("tenant"):
        made = casb.tenants.create(chosen, domain=domain, by=actor())
    if as_json:
        echo_json({"tenant_id": made.guid, "name": made.name})
        return
    click.echo(f"tenant {made.name!r}: {made.guid}, domain {made.domain}, number {made.tenant_id}")


@command.command("list")
@data_option
@json_option
@click.pass_obj
def list_(opener: Opener, data: Path, as_json: bool) -> None:
    """List the tenants; the first one is the default of other commands."""
    found = opener.open(data).tenants.all()
    if as_json:
        echo_json([_record(tenant) for tenant in found])
        return
    rows = [(each.name, each.guid, each.domain, each.tenant_id, moment(each.created)) for each in found]
    echo_table(("name", "tenant id", "domain", "number", "created"), rows)


def one_name(argument: str | None, option: str | None) -> str:
    """Return the name given as an argument or as an option. Raises ``UsageError`` unless there is exactly one."""
    if (argument is None) == (option is None):
        raise click.UsageError("give the name once: as NAME or with --name")
    return str(argument or option)


def _record(tenant: Tenant) -> dict[str, Any]:  # any JSON
    # Never the whole struct: it holds the pseudonym key.
    return {
        "tenant_id": tenant.guid,
        "name": tenant.name,
        "domain": tenant.domain,
        "number": tenant.tenant_id,
        "created": tenant.created,
    }
