"""``opencasb app``: consent to the permissions an application requests, and assignment of users to it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from opencasb.cli.application import opened, report
from opencasb.cli.arguments import user_of
from opencasb.cli.options import CommandContext, actor, tenant_options
from opencasb.identity.errors import OAuthError

if TYPE_CHECKING:
    from opencasb.model.application import Application

_user_option = click.option("--user", help="Only for this user (name or id); default: tenant-wide.")


@click.command("grant-consent")
@click.argument("client_id")
@_user_option
@tenant_options
def grant_consent(context: CommandContext, as_json: bool, client_id: str, user: str | None) -> None:
    """Grant all permissions an application requests; with --user, the delegated ones for that user.

    A multitenant application of another tenant is added to this one. JSON: the application.
    """
    casb = context.casb
    found = _entered(context, client_id)
    user_id = user_of(context, user).user_id if user else None
    wanted = [each for each in casb.identity.registrations.requested(found) if not user or each.kind == "delegated"]
    casb.identity.consents.grant(found, wanted, user_id=user_id, by=actor())
    report(
        casb,
        found,
        f"granted: {' '.join(each.name for each in wanted) or 'nothing, because it requests nothing'}",
        as_json=as_json,
    )


@click.command("revoke-consent")
@click.argument("client_id")
@_user_option
@tenant_options
def revoke_consent(context: CommandContext, as_json: bool, client_id: str, user: str | None) -> None:
    """Revoke everything that was granted to an application; with --user, what that user granted.

    JSON: the application.
    """
    casb, found = opened(context, client_id)
    user_id = user_of(context, user).user_id if user else None
    gone = casb.identity.consents.revoke(found.tenant_id, found.client_id, user_id, by=actor())
    report(casb, found, "revoked" if gone else "nothing was granted", as_json=as_json)


@click.command("assign")
@click.argument("client_id")
@click.argument("user")
@tenant_options
def assign(context: CommandContext, as_json: bool, client_id: str, user: str) -> None:
    """Assign USER to an application that requires assignment. JSON: the application."""
    casb, found = opened(context, client_id)
    who = user_of(context, user)
    casb.identity.consents.grants.assign(found.tenant_id, found.client_id, who.user_id, by=actor())
    report(casb, found, f"assigned {who.upn}", as_json=as_json)


@click.command("unassign")
@click.argument("client_id")
@click.argument("user")
@tenant_options
def unassign(context: CommandContext, as_json: bool, client_id: str, user: str) -> None:
    """Remove the assignment of USER to an application. JSON: the application."""
    casb, found = opened(context, client_id)
    who = user_of(context, user)
    if not casb.identity.consents.grants.unassign(found.tenant_id, found.client_id, who.user_id, by=actor()):
        raise click.ClickException(f"USER: {who.upn!r} is not assigned to the application")
    report(casb, found, f"{who.upn} is no longer assigned", as_json=as_json)


def _entered(context: CommandContext, client_id: str) -> Application:
    """Return the application in this tenant; one of another tenant is added if it is multitenant."""
    applications = context.casb.identity.applications
    found = applications.get(context.tenant_id, client_id.lower()) or applications.home(client_id.lower())
    try:
        if found is not None:
            return context.casb.identity.consents.enter(context.tenant, found, actor())
    except OAuthError:
        pass
    raise click.ClickException(
        f"CLIENT_ID: {client_id!r} is neither an application of this tenant nor a multitenant one"
    )


COMMANDS = (grant_consent, revoke_consent, assign, unassign)
