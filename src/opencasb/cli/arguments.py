"""Look-up of what arguments name: data sources, integrations, users."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from opencasb.cli.options import CommandContext, actor
from opencasb.cli.output import explained
from opencasb.model.roles import Role
from opencasb.model.stream import Stream, StreamType

if TYPE_CHECKING:
    from opencasb.model.saas import Integration
    from opencasb.model.user import User


def data_source(context: CommandContext, name: str) -> Stream:
    """Return the data source with that name. Raises ``ClickException``."""
    stream = context.casb.streams.by_name(context.tenant_id, name)
    if stream is None or stream.stream_type is not StreamType.INPUT:
        raise click.ClickException(f"NAME: there is no data source {name!r}")
    return stream


def integration_of(context: CommandContext, name: str) -> Integration:
    """Return the integration with that name. Raises ``ClickException``."""
    integrations = context.casb.saas.integrations
    found = integrations.get(context.tenant_id, name)
    if found is None:
        known = ", ".join(each.name for each in integrations.all(context.tenant_id)) or "none"
        raise click.ClickException(f"NAME: {name!r} is not an integration of this tenant; known: {known}")
    return found


def user_of(context: CommandContext, text: str) -> User:
    """Return the user with that name or id. Raises ``ClickException``."""
    users, tenant_id = context.casb.users, context.tenant_id
    found = users.by_upn(tenant_id, text) or users.get(tenant_id, text)
    if found is None:
        raise click.ClickException(f"user: {text!r} is not a user of this tenant (opencasb user list)")
    return found


def owner_of(context: CommandContext, text: str) -> User:
    """Return the user like :func:`user_of`; in a tenant without users, create it as the first administrator."""
    if context.casb.users.all(context.tenant_id):
        return user_of(context, text)
    with explained("--user"):
        made = context.casb.users.create(context.tenant_id, text, Role.GLOBAL_ADMINISTRATOR, by=actor())
    click.echo(f"Created the first user, {made.upn}, as {made.role.value.lower()}.", err=True)
    return made
