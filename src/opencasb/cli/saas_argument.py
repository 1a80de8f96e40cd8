"""The argument of ``opencasb saas`` that names an integration."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from opencasb.cli.options import CommandContext

if TYPE_CHECKING:
    from opencasb.model.saas import Integration


def integration_of(context: CommandContext, name: str) -> Integration:
    """Return the integration that a command names. Raises ``ClickException``."""
    integrations = context.casb.saas.integrations
    found = integrations.get(context.tenant_id, name)
    if found is None:
        known = ", ".join(each.name for each in integrations.all(context.tenant_id)) or "none"
        raise click.ClickException(f"NAME: {name!r} is not an integration of this tenant; known are: {known}")
    return found
