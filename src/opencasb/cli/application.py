"""Finding the application that a command names, and printing it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from opencasb.cli.options import CommandContext
from opencasb.cli.output import echo_json, moment

if TYPE_CHECKING:
    from opencasb.app import Casb
    from opencasb.model.application import Application


def opened(context: CommandContext, client_id: str) -> tuple[Casb, Application]:
    """Open the installation and find an application of the tenant. Raises ``ClickException``."""
    found = context.casb.identity.applications.get(context.tenant_id, client_id.lower())
    if found is None:
        raise click.ClickException(f"CLIENT_ID: {client_id!r} is not an application of this tenant (opencasb app list)")
    return context.casb, found


def report(casb: Casb, application: Application, said: str, *, as_json: bool) -> None:
    """Print what was done or, with ``--json``, the application's current state."""
    from opencasb.identity.application_record import full_record

    if as_json:
        echo_json(full_record(casb.identity, application))
    else:
        click.echo(said)


def echo_record(record: dict[str, Any]) -> None:  # any JSON
    """Print a record as text, one fact per line."""
    for name, value in record.items():
        if not isinstance(value, list):
            click.echo(f"{name}: {_plain(name, value)}")
        elif value:
            click.echo(f"{name}:")
            for each in value:
                click.echo(f"  {_line(each)}")


def _line(value: Any) -> str:  # any JSON
    if not isinstance(value, dict):
        return str(value)
    return "  ".join(f"{name} {_plain(name, each)}" for name, each in value.items() if each not in (None, ""))


_TIMES = frozenset({"created", "expires", "not_before", "permissions_changed"})


def _plain(name: str, value: object) -> str:
    if name == "permissions_changed" and value is None:
        return "never"
    if isinstance(value, bool):
        return "yes" if value else "no"
    return moment(value) if isinstance(value, int) and name in _TIMES else str(value)
