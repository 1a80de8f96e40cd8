"""The argument of ``opencasb saas`` that names an integration."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from opencasb.cli.options import tenant_of

if TYPE_CHECKING:
    from opencasb.app import Casb
    from opencasb.model.saas import Integration


def integration_of(casb: Casb, tenant: str | None, name: str) -> Integration:
    """Return the integration that a command names. Raises ``ClickException``."""
    owner = tenant_of(casb, tenant).tenant_id
    found = casb.saas.integrations.get(owner, name)
    if found is None:
        known = ", ".join(each.name for each in casb.saas.integrations.all(owner)) or "none"
        raise click.ClickException(f"NAME: {name!r} is not an integration of this tenant; known are: {known}")
    return found
