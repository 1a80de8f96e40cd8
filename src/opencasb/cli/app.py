"""``opencasb app``: programs that sign in with a client id and a secret."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from opencasb.cli.options import actor, json_option, tenant_of, tenant_options
from opencasb.cli.output import echo_json, echo_table, explained, moment

if TYPE_CHECKING:
    from opencasb.app import Casb, Opener
    from opencasb.identity.credentials import NewSecret
    from opencasb.model.application import Application

_days_option = click.option(
    "--days", type=click.IntRange(1, 730), default=180, show_default=True, help="Days the secret is valid."
)


@click.group("app")
def command() -> None:
    """Register applications: a client id, secrets, and the permissions that an administrator grants.

    Exit codes: 0 done; 1 it could not be done, stderr says why; 2 wrong usage.
    """


@command.command("create")
@click.option("--name", required=True, help="Name of the application.")
@click.option("--permission", "permissions", multiple=True, help="Permission to grant; can be repeated.")
@_days_option
@tenant_options
@json_option
def create(
    opener: Opener,
    data: Path,
    tenant: str | None,
    as_json: bool,
    name: str,
    permissions: tuple[str, ...],
    days: int,
) -> None:
    """Register an application with one secret, which is shown this once.

    Permissions: investigation.read|manage, discovery.read|manage, settings.read|manage of the REST API, and
    CloudApp-Discovery.Read.All of the Graph API. JSON: {"client_id", "client_secret", "tenant_id", "permissions"}.
    """
    from opencasb.model.permissions import parse_permission

    with explained("--permission"):
        granted = [parse_permission(permission) for permission in permissions]
    if not name.strip() or not name.isprintable():
        raise click.BadParameter("the name must not be empty", param_hint="--name")
    casb = opener.open(data)
    owner = tenant_of(casb, tenant)
    made = casb.identity.applications.create(owner.tenant_id, name.strip(), granted, by=actor())
    secret = casb.identity.credentials.new_client_secret(owner.tenant_id, made.client_id, days=days, by=actor())
    record = {
        "client_id": made.client_id,
        "client_secret": secret.value,
        "tenant_id": owner.guid,
        "permissions": [permission.name for permission in made.permissions],
    }
    _show_once(record, secret, as_json=as_json)


@command.command("list")
@tenant_options
@json_option
def list_(opener: Opener, data: Path, tenant: str | None, as_json: bool) -> None:
    """List the applications of a tenant and their secrets' hints."""
    casb = opener.open(data)
    owner = tenant_of(casb, tenant)
    found = [_record(casb, application) for application in casb.identity.applications.all(owner.tenant_id)]
    if as_json:
        echo_json(found)
        return
    rows = [
        (
            each["name"],
            each["client_id"],
            "enabled" if each["enabled"] else "disabled",
            " ".join(each["permissions"]) or "-",
            " ".join(f"{secret['hint']}…" for secret in each["secrets"]) or "-",
        )
        for each in found
    ]
    echo_table(("name", "client id", "state", "permissions", "secrets"), rows)


@command.command("add-secret")
@click.argument("client_id")
@click.option("--description", default="", help="What the secret is for.")
@_days_option
@tenant_options
@json_option
def add_secret(
    opener: Opener, data: Path, tenant: str | None, as_json: bool, client_id: str, description: str, days: int
) -> None:
    """Give an application one more secret; the others stay valid. JSON: {"client_secret", "key_id", "expires"}."""
    casb = opener.open(data)
    found = _application_of(casb, tenant_of(casb, tenant).tenant_id, client_id)
    secret = casb.identity.credentials.new_client_secret(
        found.tenant_id, found.client_id, description=description, days=days, by=actor()
    )
    record = {"client_secret": secret.value, "key_id": secret.key_id, "expires": secret.expires}
    _show_once(record, secret, as_json=as_json)


@command.command("remove-secret")
@click.argument("client_id")
@click.argument("key_id")
@tenant_options
def remove_secret(opener: Opener, data: Path, tenant: str | None, client_id: str, key_id: str) -> None:
    """Remove one secret of an application by its key id."""
    casb = opener.open(data)
    found = _application_of(casb, tenant_of(casb, tenant).tenant_id, client_id)
    if not casb.identity.applications.remove_secret(found.tenant_id, found.client_id, key_id, by=actor()):
        raise click.ClickException(f"KEY_ID: the application has no secret {key_id!r} (opencasb app list --json)")


@command.command("disable")
@click.argument("client_id")
@tenant_options
def disable(opener: Opener, data: Path, tenant: str | None, client_id: str) -> None:
    """Keep an application from signing in; its tokens stop working at once."""
    _set_enabled(opener.open(data), tenant, client_id, enabled=False)


@command.command("enable")
@click.argument("client_id")
@tenant_options
def enable(opener: Opener, data: Path, tenant: str | None, client_id: str) -> None:
    """Let a disabled application sign in again."""
    _set_enabled(opener.open(data), tenant, client_id, enabled=True)


@command.command("delete")
@click.argument("client_id")
@tenant_options
def delete(opener: Opener, data: Path, tenant: str | None, client_id: str) -> None:
    """Remove an application with its secrets; its tokens stop working at once."""
    casb = opener.open(data)
    found = _application_of(casb, tenant_of(casb, tenant).tenant_id, client_id)
    casb.identity.applications.delete(found.tenant_id, found.client_id, by=actor())


def _set_enabled(casb: Casb, tenant: str | None, client_id: str, *, enabled: bool) -> None:
    found = _application_of(casb, tenant_of(casb, tenant).tenant_id, client_id)
    casb.identity.applications.set_enabled(found.tenant_id, found.client_id, enabled=enabled, by=actor())


def _application_of(casb: Casb, tenant_id: int, client_id: str) -> Application:
    found = casb.identity.applications.get(tenant_id, client_id.lower())
    if found is None:
        raise click.ClickException(f"CLIENT_ID: {client_id!r} is not an application of this tenant (opencasb app list)")
    return found


def _show_once(record: dict[str, Any], secret: NewSecret, *, as_json: bool) -> None:  # any JSON
    if as_json:
        echo_json(record)
        return
    for name, value in record.items():
        if name != "expires":
            click.echo(f"{name}: {' '.join(value) if isinstance(value, list) else value}")
    click.echo(f"Keep the secret: it cannot be shown again. It is valid until {moment(secret.expires)}.", err=True)


def _record(casb: Casb, application: Application) -> dict[str, Any]:  # any JSON
    secrets = casb.identity.applications.secrets(application.tenant_id, application.client_id)
    shown = ("key_id", "hint", "description", "created", "expires")
    return {
        "client_id": application.client_id,
        "name": application.name,
        "enabled": application.disabled is None,
        "created": application.created,
        "permissions": [permission.name for permission in application.permissions],
        "secrets": [{name: getattr(secret, name) for name in shown} for secret in secrets],
    }
