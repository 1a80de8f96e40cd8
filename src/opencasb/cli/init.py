"""``opencasb init``: set up a data directory."""

from __future__ import annotations

import secrets
import shlex
from pathlib import Path
from typing import TYPE_CHECKING

import click

from opencasb.cli.options import actor, data_option, json_option
from opencasb.cli.output import echo_json, explained
from opencasb.model.roles import Role

if TYPE_CHECKING:
    from opencasb.app import Casb
    from opencasb.model.tenant import Tenant
    from opencasb.program import Opener


@click.command("init")
@click.option("--name", default="Default", show_default=True, help="Name of the first tenant.")
@click.option("--domain", help="Its domain, in sign-in URLs and names of users; default: derived from the name.")
@click.option("--admin", default="admin@localhost.localdomain", show_default=True, help="First administrator.")
@data_option
@json_option
@click.pass_obj
def command(opener: Opener, data: Path, as_json: bool, name: str, domain: str | None, admin: str) -> None:
    """Set up a data directory: database, certificates, first tenant, administrator and API token.

    Password and token are shown only once. A directory that is already set up is left unchanged; a tenant without users
    gets its administrator. JSON: {"tenant_id", "name", "user", "password", "token"}.

    Exit codes: 0 success; 1 failed, stderr says why; 2 wrong usage or setting.
    """
    casb = opener.open(data, new=True)
    present = casb.tenants.default()
    if present is not None and casb.users.all(present.tenant_id):
        raise click.ClickException(f"--data: {data} is already set up; add tenants with: opencasb tenant create")
    if present is not None and present.name != name:
        raise click.ClickException(f"--name: the first tenant already exists and is called {present.name!r}")
    if present is not None and domain and present.domain != domain.lower():
        raise click.ClickException(f"--domain: the first tenant already exists and has the domain {present.domain!r}")
    casb.tls.ensure()
    casb.identity.keyring.maintain()
    result = first_tenant(casb, name, admin, domain)
    if as_json:
        echo_json(result)
        return
    click.echo(f"Data directory   {data.resolve()}")
    click.echo(f"Trust this CA    {casb.tls.authority}")
    labels = {"tenant_id": "Tenant", "user": "Administrator", "password": "Password", "token": "API token"}
    for key, label in labels.items():
        click.echo(f"{label:16} {result[key]}")
    click.echo(f"Next             opencasb serve --data {shlex.quote(str(data))}")
    click.echo(f"Then             {casb.settings.effective_public_url}/portal/ in a browser")


def first_tenant(casb: Casb, name: str, admin: str, domain: str | None = None) -> dict[str, str]:
    """Give the first tenant, created if missing, an administrator and an API token; return what to show."""
    from opencasb.identity.passwords import hash_password

    with explained("--name, --domain" if domain else "--name"):
        tenant: Tenant = casb.tenants.default() or casb.tenants.create(name, domain=domain, by=actor())
    casb.streams.global_view(tenant.tenant_id)
    password = secrets.token_urlsafe(12)
    with explained("--admin"):
        user = casb.users.create(
            tenant.tenant_id, admin, Role.GLOBAL_ADMINISTRATOR, password_hash=hash_password(password), by=actor()
        )
    token = casb.identity.credentials.new_api_token(tenant.tenant_id, user.user_id, "first token", by=actor())
    return {"tenant_id": tenant.guid, "name": name, "user": admin, "password": password, "token": token.value}
