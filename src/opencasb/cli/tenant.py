"""``opencasb tenant``: the organisations on this server."""

from __future__ import annotations

import functools
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from opencasb.cli.help_text import Group
from opencasb.cli.options import (
    CommandContext,
    actor,
    data_option,
    json_option,
    tenant_named,
    tenant_options,
    yes_option,
)
from opencasb.cli.output import echo_done, echo_list, explained, moment

if TYPE_CHECKING:
    from opencasb.model.tenant import Tenant
    from opencasb.program import Opener


@click.group("tenant", cls=Group)
def command() -> None:
    """Manage tenants: isolated organisations on this server.

    Exit codes: 0 success; 1 failed, stderr says why; 2 wrong usage.
    """


@command.command("create")
@click.argument("name", required=False)
@click.option("--name", "named", help="Name, if not given as NAME.")
@click.option("--domain", help="Domain name of the tenant in sign-in URLs; default: derived from the name.")
@data_option
@json_option
@click.pass_obj
def create(opener: Opener, data: Path, as_json: bool, name: str | None, named: str | None, domain: str | None) -> None:
    """Create a tenant. JSON: {"tenant_id", "name"}; tenant_id is the GUID used in OAuth."""
    chosen = one_name(name, named)
    casb = CommandContext(opener, data, None, new=True).casb
    with explained("tenant"):
        made = casb.tenants.create(chosen, domain=domain, by=actor())
    said = f"tenant {made.name!r}: {made.guid}, domain {made.domain}, number {made.tenant_id}"
    echo_done({"tenant_id": made.guid, "name": made.name}, said, as_json=as_json)


@command.command("list")
@data_option
@json_option
@click.pass_obj
def list_(opener: Opener, data: Path, as_json: bool) -> None:
    """List the tenants; the first is the default for other commands.

    JSON: [{"tenant_id", "name", "domain", "number", "password_grant", "api_tokens", "second_factor", "created"}].
    """
    found = opener.open(data).tenants.all()
    rows = ((each.name, each.guid, each.domain, each.tenant_id, moment(each.created)) for each in found)
    echo_list(
        [_record(tenant) for tenant in found],
        ("name", "tenant id", "domain", "number", "created"),
        rows,
        as_json=as_json,
    )


@command.command("set")
@click.option("--password-grant/--no-password-grant", default=None, help="Allow the password grant (a risk).")
@click.option("--api-tokens/--no-api-tokens", default=None, help="Allow API tokens.")
@click.option("--second-factor/--no-second-factor", default=None, help="Require a second factor.")
@tenant_options
def set_(context: CommandContext, as_json: bool, **switches: bool | None) -> None:
    """Allow, forbid or require ways to sign in; applies from the next sign-in or call.

    JSON: the tenant's record.
    """
    from opencasb.store.tenants import SWITCHES

    owner = context.tenant
    for name in SWITCHES:
        on = switches[name]
        if on is not None:
            context.casb.tenants.switch(owner.tenant_id, name, on=on, by=actor())
    echo_done(_record(context.casb.tenants.get(owner.tenant_id) or owner), as_json=as_json)


@command.command("delete")
@click.argument("name")
@yes_option
@data_option
@json_option
@click.pass_obj
def delete(opener: Opener, data: Path, as_json: bool, name: str, yes: bool) -> None:
    """Delete the tenant NAME (name, GUID, domain or number) and all of its data. JSON: {"deleted"}, its name.

    Can be repeated if interrupted.
    """
    from opencasb.governance.tenant_removal import remove_tenant

    casb = opener.open(data)
    tenant = tenant_named(casb, name, "NAME")
    if not yes:
        click.confirm("This deletes the tenant's users, reports, usage and records permanently. Continue?", abort=True)
    records = (casb.activities, casb.alerts, casb.files, casb.entities)
    told = functools.partial(click.echo, err=True)
    remove_tenant(tenant, casb.database, records, casb.lake, now=casb.clock(), by=actor(), told=told)
    echo_done({"deleted": tenant.name}, as_json=as_json)


@command.command("renew-pseudonyms")
@yes_option
@tenant_options
def renew_pseudonyms(context: CommandContext, as_json: bool, yes: bool) -> None:
    """Give people and devices other pseudonyms, if the key file behind the present ones is lost.

    The names behind the present pseudonyms can never be resolved again, and those who have usage under them appear
    twice until it expires. JSON: {"renewed"}, the tenant's name.
    """
    owner = context.tenant
    if not yes:
        click.confirm("The names behind the present pseudonyms are lost. Continue?", abort=True)
    context.casb.pseudonym_keys.renew(owner.tenant_id, by=actor())
    echo_done({"renewed": owner.name}, as_json=as_json)


@command.group("domain")
def domain_() -> None:
    """Manage a tenant's own e-mail domains: people with other addresses are external.

    A domain covers its subdomains. Applies to records that arrive from now on; without own domains, nobody is
    classified.
    """


@domain_.command("add")
@click.argument("domain")
@tenant_options
def add_domain(context: CommandContext, as_json: bool, domain: str) -> None:
    """Add an own domain, such as contoso.example. JSON: as for list."""
    casb, tenant_id = context.casb, context.tenant_id
    with explained("tenant"):
        casb.own_domains.add(tenant_id, domain, by=actor())
    echo_done(sorted(casb.own_domains.all(tenant_id)), as_json=as_json)


@domain_.command("remove")
@click.argument("domain")
@tenant_options
def remove_domain(context: CommandContext, as_json: bool, domain: str) -> None:
    """Remove an own domain. JSON: as for list."""
    casb, tenant_id = context.casb, context.tenant_id
    if not casb.own_domains.remove(tenant_id, domain, by=actor()):
        raise click.ClickException(f"DOMAIN: {domain!r} is not one of the tenant's own")
    echo_done(sorted(casb.own_domains.all(tenant_id)), as_json=as_json)


@domain_.command("list")
@tenant_options
def list_domains(context: CommandContext, as_json: bool) -> None:
    """List the tenant's own domains. JSON: a list of strings."""
    found = sorted(context.casb.own_domains.all(context.tenant_id))
    echo_list(found, ("domain",), ((each,) for each in found), as_json=as_json)


def one_name(argument: str | None, option: str | None) -> str:
    """Return the name, given as an argument or option. Raises ``UsageError`` unless it is given exactly once."""
    if (argument is None) == (option is None):
        raise click.UsageError("give the name once: as NAME or with --name")
    return str(option if argument is None else argument)


def _record(tenant: Tenant) -> dict[str, Any]:  # any JSON
    # Never the whole struct, which holds the pseudonym key.
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
