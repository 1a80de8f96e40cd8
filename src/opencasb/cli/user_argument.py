"""Users as commands take them: by name or id."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from opencasb.cli.options import actor
from opencasb.cli.output import explained

if TYPE_CHECKING:
    from opencasb.app import Casb
    from opencasb.model.user import User


def user_of(casb: Casb, tenant_id: int, text: str) -> User:
    """Return the user of that name or id. Raises ``ClickException``."""
    found = casb.users.by_upn(tenant_id, text) or casb.users.get(tenant_id, text)
    if found is None:
        raise click.ClickException(f"user: {text!r} is not a user of this tenant (opencasb user list)")
    return found


def owner_of(casb: Casb, tenant_id: int, text: str) -> User:
    """Return the user like :func:`user_of`; a tenant without any user gets that one as its first administrator."""
    from opencasb.model.roles import Role

    if casb.users.all(tenant_id):
        return user_of(casb, tenant_id, text)
    with explained("--user"):
        made = casb.users.create(tenant_id, text, Role.GLOBAL_ADMINISTRATOR, by=actor())
    click.echo(f"Made the first user, {made.upn}, a {made.role.value.lower()}.", err=True)
    return made
