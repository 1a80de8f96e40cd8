"""``opencasb trust``: the external directories whose tokens a tenant accepts."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from opencasb.cli.help_text import Group
from opencasb.cli.options import CommandContext, actor, tenant_options
from opencasb.cli.output import echo_done, echo_facts, echo_list, explained, moment

if TYPE_CHECKING:
    from opencasb.model.trusted_issuer import TrustedIssuer


@click.group("trust", cls=Group)
def command() -> None:
    """Manage trusted Microsoft Entra ID (or compatible) directories, whose access tokens are accepted.

    Exit codes: 0 success; 1 failed, stderr says why; 2 wrong usage.
    """


@command.command("add")
@click.argument("issuer")
@click.option("--audience", "audiences", multiple=True, help="Application id or URI of the REST API there; repeatable.")
@click.option("--graph-audience", "graph_audiences", multiple=True, help="The same for the Graph API; repeatable.")
@click.option("--authority", default="", help="Host of the directory; default: Microsoft's public cloud.")
@click.option(
    "--map", "role_mapping", multiple=True, help="Role: oid:GUID=ROLE, upn:NAME=ROLE or group:GUID=ROLE; repeatable."
)
@click.option("--directory-roles", is_flag=True, help="Honour the directory's own roles (wids).")
@click.option("--vendor-audience", is_flag=True, help="Accept tokens issued for the Microsoft product (a risk).")
@click.option("--keys", type=click.File("rb"), help="File with a JWK set to use instead of fetching keys.")
@tenant_options
def add(context: CommandContext, as_json: bool, **given: Any) -> None:  # of each option's type
    """Trust the directory with the GUID ISSUER; replaces its configuration. JSON: as for show."""
    from opencasb.identity.trust.configuration import Given

    owner = context.tenant
    keys = given.pop("keys")
    with explained("trust"):
        content = "" if keys is None else keys.read().decode("utf-8", "replace")
        wanted = Given(**given, keys=content, anywhere=True)
        made = context.casb.identity.trust.put(owner.tenant_id, wanted, by=actor())
    if made.vendor_audience:
        click.echo("Warning: whoever gets hold of a token for the upstream product can now use it here.", err=True)
    _show(context, made.issuer, as_json=as_json)


@command.command("list")
@tenant_options
def list_(context: CommandContext, as_json: bool) -> None:
    """List the trusted directories. JSON: a list of objects as for show."""
    from opencasb.identity.trust.configuration import record

    found = context.casb.identity.trust.all(context.tenant_id)
    rows = (
        (each.issuer, each.authority, " ".join((*each.audiences, *each.graph_audiences)), moment(each.created))
        for each in found
    )
    echo_list([record(each) for each in found], ("issuer", "authority", "audiences", "since"), rows, as_json=as_json)


@command.command("show")
@click.argument("issuer")
@tenant_options
def show(context: CommandContext, as_json: bool, issuer: str) -> None:
    """Show the configuration of ISSUER.

    JSON: {"issuer", "authority", "audiences", "graph_audiences", "directory_roles", "vendor_audience", "role_mapping",
    "pinned_keys", "private_addresses", "created"}.
    """
    _show(context, issuer, as_json=as_json)


@command.command("check")
@click.argument("issuer")
@tenant_options
def check(context: CommandContext, as_json: bool, issuer: str) -> None:
    """Fetch the keys of ISSUER now, as a test. JSON: {"issuers", "key_ids"}."""
    from opencasb.identity.trust.documents import BadDocument
    from opencasb.identity.trust.fetch import Unreachable

    found = _found(context, issuer)
    try:
        keys = context.casb.identity.trust.keys_of(found).read()
    except (Unreachable, BadDocument) as error:
        raise click.ClickException(f"ISSUER: the keys of {found.issuer} at {found.authority}: {error}") from None
    answer = {"issuers": sorted(keys.issuers), "key_ids": sorted(keys.keys)}
    echo_facts(answer, as_json=as_json)


@command.command("remove")
@click.argument("issuer")
@tenant_options
def remove(context: CommandContext, as_json: bool, issuer: str) -> None:
    """Stop trusting the directory ISSUER; its tokens are refused within five seconds. JSON: {"removed"}."""
    found = _found(context, issuer)
    context.casb.identity.trust.remove(found.tenant_id, found.issuer, by=actor())
    echo_done({"removed": found.issuer}, as_json=as_json)


def _found(context: CommandContext, issuer: str) -> TrustedIssuer:
    found = context.casb.identity.trust.get(context.tenant_id, issuer)
    if found is None:
        raise click.ClickException(f"ISSUER: {issuer!r} is not trusted by this tenant (opencasb trust list)")
    return found


def _show(context: CommandContext, issuer: str, *, as_json: bool) -> None:
    from opencasb.identity.trust.configuration import record

    facts = record(_found(context, issuer))
    echo_facts(facts, ("created",), as_json=as_json)
