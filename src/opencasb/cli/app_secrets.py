"""``opencasb app``: secrets."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from opencasb.cli.application import opened
from opencasb.cli.options import CommandContext, actor, tenant_options
from opencasb.cli.output import echo_done, echo_json, moment

if TYPE_CHECKING:
    from opencasb.identity.credentials import NewSecret

days_option = click.option(
    "--days", type=click.IntRange(1, 730), default=180, show_default=True, help="Validity in days."
)


@click.command("add-secret")
@click.argument("client_id")
@click.option("--description", default="", help="Purpose of the secret.")
@days_option
@tenant_options
def add_secret(context: CommandContext, as_json: bool, client_id: str, description: str, days: int) -> None:
    """Add a secret to an application; existing ones stay valid. JSON: {"client_secret", "key_id", "expires"}."""
    casb, found = opened(context, client_id)
    if not found.at_home:
        raise click.ClickException(
            "CLIENT_ID: the application is registered in another tenant, which keeps its secrets"
        )
    secret = casb.identity.credentials.new_client_secret(
        found.tenant_id, found.client_id, description=description, days=days, by=actor()
    )
    record = {"client_secret": secret.value, "key_id": secret.key_id, "expires": secret.expires}
    show_once(record, secret, as_json=as_json)


@click.command("remove-secret")
@click.argument("client_id")
@click.argument("key_id")
@tenant_options
def remove_secret(context: CommandContext, as_json: bool, client_id: str, key_id: str) -> None:
    """Remove a secret by its key id. JSON: {"removed"}."""
    casb, found = opened(context, client_id)
    if not casb.identity.applications.remove_secret(found.tenant_id, found.client_id, key_id, by=actor()):
        raise click.ClickException(f"KEY_ID: the application has no secret {key_id!r} (opencasb app list --json)")
    echo_done({"removed": key_id}, as_json=as_json)


def show_once(record: dict[str, Any], secret: NewSecret, *, as_json: bool) -> None:  # any JSON
    """Print ``record``, which holds a new secret that is never shown again."""
    if as_json:
        echo_json(record)
        return
    for name, value in record.items():
        if name != "expires":
            click.echo(f"{name}: {' '.join(value) if isinstance(value, list) else value}")
    click.echo(f"Keep the secret: it cannot be shown again. It is valid until {moment(secret.expires)}.", err=True)
