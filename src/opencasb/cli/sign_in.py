"""``opencasb sign-in``: the external OpenID provider of a tenant's users."""

from __future__ import annotations

from typing import Any

import click

from opencasb.cli.help_text import Group
from opencasb.cli.options import CommandContext, actor, hidden_input, tenant_options
from opencasb.cli.output import echo_done, echo_facts, explained


@click.group("sign-in", cls=Group)
def command() -> None:
    """Configure single sign-on with an external OpenID Connect provider.

    Exit codes: 0 success; 1 failed, stderr says why; 2 wrong usage.
    """


@command.command("set")
@click.argument("issuer")
@click.option("--client-id", required=True, help="Client id registered at the provider.")
@click.option("--public-client", is_flag=True, help="Registered without a client secret.")
@click.option("--label", default="", help='Text of the button; default: "Sign in with your organisation".')
@click.option(
    "--name-claim", default="", help="Claim that identifies users: upn, preferred_username, or email (if verified)."
)
@click.option(
    "--link", "links", multiple=True, help="Identity of a user at the provider: oid:ID=USER or sub:ID=USER; repeatable."
)
@tenant_options
def set_(context: CommandContext, as_json: bool, public_client: bool, **given: Any) -> None:
    """Let users sign in at ISSUER, an https:// URL; replaces the previous provider.

    Prompts for the client secret, or reads the first line of standard input. JSON: as for show.
    """
    from opencasb.identity.external.configuration import GivenProvider

    casb, tenant_id = context.casb, context.tenant_id
    secret = "" if public_client else hidden_input("Client secret")
    with explained("sign-in"):
        provider = GivenProvider(**given, client_secret=secret, anywhere=True)
        casb.identity.external_sign_in.put(tenant_id, provider, by=actor())
    _show(context, as_json=as_json)


@command.command("show")
@tenant_options
def show(context: CommandContext, as_json: bool) -> None:
    """Show the provider and the redirect URI to register there.

    The URI starts with the setting public_url, else it is made of host and port; options of serve are unknown here.
    JSON: {"issuer", "client_id", "redirect_uri", "label", "name_claim", "links", "private_addresses",
    "created"}.
    """
    _show(context, as_json=as_json)


@command.command("remove")
@tenant_options
def remove(context: CommandContext, as_json: bool) -> None:
    """Remove the provider: users sign in with passwords only; open sessions continue. JSON: {"removed"}, its issuer."""
    tenant_id, flow = context.tenant_id, context.casb.identity.external_sign_in
    found = flow.get(tenant_id)
    if found is None or not flow.remove(tenant_id, by=actor()):
        raise click.ClickException("the tenant has no external sign-in")
    echo_done({"removed": found.issuer}, as_json=as_json)


def _show(context: CommandContext, *, as_json: bool) -> None:
    from opencasb.identity.external.configuration import record

    owner, flow = context.tenant, context.casb.identity.external_sign_in
    found = flow.get(owner.tenant_id)
    if found is None:
        raise click.ClickException("the tenant has no external sign-in")
    echo_facts(record(found, flow.redirect_uri(owner)), ("created",), as_json=as_json)
