"""``opencasb app``: applications that sign in with a secret or certificate, or on behalf of a user."""

from __future__ import annotations

from typing import Any, Final

import click

from opencasb.cli import app_consent, app_registration
from opencasb.cli.app_secrets import add_secret, days_option, remove_secret, show_once
from opencasb.cli.application import echo_record, opened, report
from opencasb.cli.help_text import Group, examples
from opencasb.cli.options import CommandContext, actor, first_options, tenant_options
from opencasb.cli.output import echo_done, echo_json, echo_list, explained, moment
from opencasb.filters.errors import shown
from opencasb.identity.application_record import full_record
from opencasb.model.durations import DAY
from opencasb.model.permissions import parse_permission
from opencasb.model.written_line import is_name

LONGEST_NAME: Final = 256
SOON: Final = 30 * DAY
"""Time before expiry (ms) from which a secret is shown with its expiry."""


@click.group("app", cls=Group)
def command() -> None:
    """Manage applications: client ids, secrets and certificates, redirects, permissions and consent.

    Exit codes: 0 success; 1 failed, stderr says why; 2 wrong usage.
    """


for _each in (add_secret, remove_secret, *app_registration.COMMANDS, *app_consent.COMMANDS):
    command.add_command(_each)


@command.command(
    "create",
    epilog=examples(
        "app create --name script --permission discovery.manage --permission CloudApp-Discovery.Read.All",
    ),
)
@click.option("--name", required=True, help="Name of the application.")
@click.option("--permission", "permissions", multiple=True, help="Permission to grant; repeatable.")
@click.option("--multitenant", is_flag=True, help="Other tenants may consent to it.")
@click.option("--public-client", is_flag=True, help="Public client: signs users in without a secret, as devices do.")
@click.option(
    "--require-assignment", "assignment_required", is_flag=True, help="Only assigned users may sign in to it."
)
@days_option
@first_options
def create(context: CommandContext, /, as_json: bool, **given: Any) -> None:  # option values
    """Register an application and create a secret, which is shown only once.

    Permissions: investigation.read|manage, discovery.read|manage, settings.read|manage (REST API) and
    CloudApp-Discovery.Read.All (Graph API). JSON: {"client_id", "client_secret", "tenant_id", "permissions"}.
    """
    with explained("--permission"):
        granted = [parse_permission(permission) for permission in given.pop("permissions")]
    name, days = _checked_name(given.pop("name")), given.pop("days")
    owner = context.tenant
    made = context.casb.identity.applications.create(owner.tenant_id, name, granted, by=actor(), **given)
    secret = context.casb.identity.credentials.new_client_secret(owner.tenant_id, made.client_id, days=days, by=actor())
    record = {
        "client_id": made.client_id,
        "client_secret": secret.value,
        "tenant_id": owner.guid,
        "permissions": [permission.name for permission in made.permissions],
    }
    show_once(record, secret, as_json=as_json)


@command.command("list")
@tenant_options
def list_(context: CommandContext, as_json: bool) -> None:
    """List applications and the first characters of their secrets. JSON: a list of objects as for show."""
    casb = context.casb
    owner = context.tenant
    found = [full_record(casb.identity, application) for application in casb.identity.applications.all(owner.tenant_id)]
    rows = (
        (
            each["name"],
            each["client_id"],
            "enabled" if each["enabled"] else "disabled",
            " ".join(each["permissions"]) or "-",
            ", ".join(_secret(secret, casb.clock()) for secret in each["secrets"]) or "-",
        )
        for each in found
    )
    echo_list(found, ("name", "client id", "state", "permissions", "secrets"), rows, as_json=as_json)


@command.command("show")
@click.argument("client_id")
@tenant_options
def show(context: CommandContext, as_json: bool, client_id: str) -> None:
    """Show an application, without its secrets.

    JSON: {"client_id", "service_principal_id", "name", "enabled", "created", "registered_here", "multitenant",
    "public_client", "assignment_required", "permissions_changed", "permissions", "secrets": [{"key_id", "hint",
    "description", "created", "expires"}], "certificates" as for list-certificates, "redirects", "requested",
    "delegated", "assigned"}.
    """
    casb, found = opened(context, client_id)
    (echo_json if as_json else echo_record)(full_record(casb.identity, found))


@command.command("change")
@click.argument("client_id")
@click.option("--name", help="New name.")
@click.option("--multitenant/--single-tenant", default=None, help="Whether other tenants may consent to it.")
@click.option("--public-client/--no-public-client", default=None, help="Whether it may sign users in without a secret.")
@click.option(
    "--require-assignment/--no-require-assignment",
    "assignment_required",
    default=None,
    help="Whether only assigned users of this tenant may use it.",
)
@tenant_options
def change(context: CommandContext, /, as_json: bool, client_id: str, **given: Any) -> None:  # option values
    """Change the given settings of an application. JSON: the application."""
    casb, found = opened(context, client_id)
    if given["name"] is not None:
        given["name"] = _checked_name(given["name"])
    with explained("change"):
        casb.identity.applications.change(found.tenant_id, found.client_id, by=actor(), **given)
    report(casb, found, f"changed {found.client_id}", as_json=as_json)


@command.command("disable")
@click.argument("client_id")
@tenant_options
def disable(context: CommandContext, as_json: bool, client_id: str) -> None:
    """Disable an application; its tokens stop working at once. JSON: the application."""
    casb, found = opened(context, client_id)
    casb.identity.applications.set_enabled(found.tenant_id, found.client_id, enabled=False, by=actor())
    report(casb, found, f"disabled {found.client_id}", as_json=as_json)


@command.command("enable")
@click.argument("client_id")
@tenant_options
def enable(context: CommandContext, as_json: bool, client_id: str) -> None:
    """Enable a disabled application. JSON: the application."""
    casb, found = opened(context, client_id)
    casb.identity.applications.set_enabled(found.tenant_id, found.client_id, enabled=True, by=actor())
    report(casb, found, f"enabled {found.client_id}", as_json=as_json)


@command.command("delete")
@click.argument("client_id")
@tenant_options
def delete(context: CommandContext, as_json: bool, client_id: str) -> None:
    """Delete an application; its tokens stop working at once. JSON: {"deleted"}."""
    casb, found = opened(context, client_id)
    casb.identity.applications.delete(found.tenant_id, found.client_id, by=actor())
    echo_done({"deleted": found.client_id}, f"deleted {found.client_id}", as_json=as_json)


def _secret(secret: dict[str, Any], now: int) -> str:  # JSON
    """Return the first characters of a secret, with its expiry if that is near."""
    if secret["expires"] > now + SOON:
        return f"{secret['hint']}…"
    word = "expired" if secret["expires"] <= now else "expires"
    return f"{secret['hint']}… ({word} {moment(secret['expires'])})"


def _checked_name(name: str) -> str:
    cleaned = name.strip()
    if not 1 <= len(cleaned) <= LONGEST_NAME or not is_name(cleaned):
        told = f"{shown(name)!r} must have 1 to {LONGEST_NAME} printable characters in one line"
        raise click.BadParameter(told, param_hint="--name")
    return cleaned
