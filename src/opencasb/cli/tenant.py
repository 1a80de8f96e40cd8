"""``opencasb tenant``: the organisations on this server."""

from __future__ import annotations

import functools
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from opencasb.cli.options import Here, actor, data_option, json_option, tenant_named, tenant_options, yes_option
from opencasb.cli.output import echo_done, echo_json, echo_list, explained, moment

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
    casb = Here(opener, data, None, new=True).casb
    with explained("tenant"):
        made = casb.tenants.create(chosen, domain=domain, by=actor())
    said = f"tenant {made.name!r}: {made.guid}, domain {made.domain}, number {made.tenant_id}"
    echo_done({"tenant_id": made.guid, "name": made.name}, said, as_json=as_json)


@command.command("list")
@data_option
@json_option
@click.pass_obj
def list_(opener: Opener, data: Path, as_json: bool) -> None:
    """List the tenants; the first one is the default of other commands."""
    found = opener.open(data).tenants.all()
    rows = ((each.name, each.guid, each.domain, each.tenant_id, moment(each.created)) for each in found)
    echo_list(
        [_record(tenant) for tenant in found],
        ("name", "tenant id", "domain", "number", "created"),
        rows,
        as_json=as_json,
    )


@command.command("set")
@click.option("--password-grant/--no-password-grant", default=None, help="Applications may send passwords (a risk).")
@click.option("--api-tokens/--no-api-tokens", default=None, help="Users may have API tokens.")
@click.option("--second-factor/--no-second-factor", default=None, help="Whoever signs in must have a second factor.")
@tenant_options
def set_(here: Here, as_json: bool, **switches: bool | None) -> None:
    """Allow, forbid or demand ways to sign in; it takes effect at the next sign-in or call.

    JSON: the tenant's record.
    """
    from opencasb.store.tenants import SWITCHES

    owner = here.tenant
    for name in SWITCHES:
        on = switches[name]
        if on is not None:
            here.casb.tenants.switch(owner.tenant_id, name, on=on, by=actor())
    if as_json:
        echo_json(_record(here.casb.tenants.get(owner.tenant_id) or owner))


@command.command("delete")
@click.argument("name")
@yes_option
@data_option
@json_option
@click.pass_obj
def delete(opener: Opener, data: Path, as_json: bool, name: str, yes: bool) -> None:
    """Remove the tenant NAME (its name, guid, domain or number) and everything it has. JSON: {"deleted"}, its name.

    Stopped on the way it can be given again.
    """
    from opencasb.governance.tenant_removal import remove_tenant

    casb = opener.open(data)
    tenant = tenant_named(casb, name, "NAME")
    if not yes:
        click.confirm("This deletes the tenant's people, reports, usage and records, for ever. Go on?", abort=True)
    records, told = (casb.activities, casb.alerts), functools.partial(click.echo, err=True)
    remove_tenant(tenant, casb.database, records, casb.lake, now=casb.clock(), by=actor(), told=told)
    echo_done({"deleted": tenant.name}, as_json=as_json)


@command.group("domain")
def domain_() -> None:
    """Keep a tenant's own domains: whoever has an address of another one is external.

    A domain covers those below it. Records that arrive from now on are judged by it; without any domain, nobody is.
    """


@domain_.command("add")
@click.argument("domain")
@tenant_options
def add_domain(here: Here, as_json: bool, domain: str) -> None:
    """Make a domain, such as contoso.example, the tenant's own. JSON: as of list."""
    casb, tenant_id = here.casb, here.tenant_id
    with explained("tenant"):
        casb.own_domains.add(tenant_id, domain, by=actor())
    if as_json:
        echo_json(sorted(casb.own_domains.all(tenant_id)))


@domain_.command("remove")
@click.argument("domain")
@tenant_options
def remove_domain(here: Here, as_json: bool, domain: str) -> None:
    """Make a domain a foreign one. JSON: as of list."""
    casb, tenant_id = here.casb, here.tenant_id
    if not casb.own_domains.remove(tenant_id, domain, by=actor()):
        raise click.ClickException(f"DOMAIN: {domain!r} is not one of the tenant's own")
    if as_json:
        echo_json(sorted(casb.own_domains.all(tenant_id)))


@domain_.command("list")
@tenant_options
def list_domains(here: Here, as_json: bool) -> None:
    """List the tenant's own domains. JSON: a list of texts."""
    found = sorted(here.casb.own_domains.all(here.tenant_id))
    echo_list(found, ("domain",), ((each,) for each in found), as_json=as_json)


def one_name(argument: str | None, option: str | None) -> str:
    """Return the name given as an argument or as an option. Raises ``UsageError`` unless there is exactly one."""
    if (argument is None) == (option is None):
        raise click.UsageError("give the name once: as NAME or with --name")
    return str(option if argument is None else argument)


def _record(tenant: Tenant) -> dict[str, Any]:  # any JSON
    # Never the whole struct: it holds the pseudonym key.
    return {
        "tenant_id": tenant.guid,
        "name": tenant.name,
        "domain": tenant.domain,
        "number": tenant.tenant_id,
        "password_grant": tenant.password_grant,
        "api_tokens": tenant.api_tokens,
        "second_factor": tenant.second_factor,
        "created": tenant.created,
    }
