"""``opencasb managed-apps``: the applications a company manages, compared with those in use."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

import click

from opencasb.cli.help_text import Group
from opencasb.cli.options import CommandContext, actor, tenant_options
from opencasb.cli.output import echo_done, echo_json, echo_list, echo_table
from opencasb.model.quantities import counted

if TYPE_CHECKING:
    import polars as pl


@click.group("managed-apps", cls=Group)
def command() -> None:
    """Compare the applications you manage with those in use.

    Exit codes: 0 success; 1 failed, or some lines were refused, stderr says why; 2 wrong usage.
    """


@command.command("import")
@click.argument("file", type=click.File("rb"))
@tenant_options
def import_(context: CommandContext, as_json: bool, file: Any) -> None:  # a binary file
    """Replace the list with the applications in FILE (CSV; - is standard input).

    Columns: name, app_id and/or domains, and optionally owner and yearly_cost. Invalid lines are skipped and reported,
    with exit code 1. JSON: {"imported", "refused": [{"line", "reason"}]}.
    """
    from opencasb.reporting import managed_list

    try:
        found = managed_list.read(file.read())
    except managed_list.Unreadable as error:
        raise click.ClickException(f"FILE: {error}") from None
    context.casb.managed_apps.replace(context.tenant_id, found.apps, by=actor())
    record = {"imported": len(found.apps), "refused": found.refused}
    echo_done(record, f"{counted(len(found.apps), 'application')} imported", as_json=as_json)
    for line in found.refused if not as_json else ():
        click.echo(f"line {line.line} refused: {line.reason}", err=True)
    if found.refused:
        sys.exit(1)


@command.command("list")
@tenant_options
def list_(context: CommandContext, as_json: bool) -> None:
    """Show the imported list. JSON: [{"name", "app_id", "domains", "owner", "yearly_cost"}]."""
    found = context.casb.managed_apps.all(context.tenant_id)
    rows = ((app.name, app.app_id or "", " ".join(app.domains), app.owner, app.yearly_cost) for app in found)
    echo_list(found, ("name", "app id", "domains", "owner", "yearly cost"), rows, as_json=as_json)


@command.command("view")
@click.option(
    "--period", type=click.Choice(["P7D", "P30D", "P90D"]), default="P90D", show_default=True, help="Period of use."
)
@click.option(
    "--status", type=click.Choice(["managed", "unmanaged", "unused"]), help="Only applications with this status."
)
@click.option("--csv", "as_csv", is_flag=True, help="Write the applications as CSV.")
@tenant_options
def view(context: CommandContext, /, as_json: bool, period: str, status: str | None, as_csv: bool) -> None:
    """Show managed, unmanaged and unused applications, and categories with several apps in use.

    JSON: {"apps": [...], "overlap": [...]}.
    """
    import polars as pl

    from opencasb.reporting import files, managed_view
    from opencasb.reporting.reader import Reader

    casb, tenant_id = context.casb, context.tenant_id
    managed = casb.managed_apps.all(tenant_id)
    found = managed_view.view(casb.report_tables, casb.reports, Reader(tenant_id), managed, period)
    apps = found.apps if status is None else found.apps.filter(pl.col("Status") == status)
    if as_json:
        echo_json({"apps": apps.to_dicts(), "overlap": found.overlap.to_dicts()})
    elif as_csv:
        sys.stdout.buffer.write(b"".join(files.csv(managed_view.VIEW, [apps])))
    else:
        _show(apps, found.overlap)


def _show(apps: pl.DataFrame, overlap: pl.DataFrame) -> None:
    shown = ("Status", "Name", "AppId", "AppCategory", "Owner", "UserCount", "LastSeenDate")
    headings = ("status", "name", "app id", "category", "owner", "users", "last seen")
    echo_table(headings, [["" if cell is None else cell for cell in row] for row in apps.select(shown).iter_rows()])
    if overlap.height:
        click.echo("\nSeveral apps of one kind are in use:")
        echo_table(
            ("category", "apps", "managed", "names"),
            overlap.select("AppCategory", "AppCount", "ManagedCount", "AppNames").rows(),
        )
