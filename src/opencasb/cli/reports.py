"""``opencasb reports``: report data for other tools, and the credentials to read it."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from opencasb.cli.help_text import Group
from opencasb.cli.options import OUTPUT_FILE, CommandContext, actor, document_options, tenant_options
from opencasb.cli.output import echo_done, echo_json, echo_list, echo_records, explained, write_file
from opencasb.cli.report import report_of

if TYPE_CHECKING:
    from opencasb.model.report_credential import ReportCredential

_DAY = click.DateTime(["%Y-%m-%d"])


@click.group("reports", cls=Group)
def command() -> None:
    """Connect BI tools: credentials for the report feeds, Parquet files, a Power BI connection file, an HTML page.

    Exit codes: 0 success; 1 failed, stderr says why; 2 wrong usage.
    """


@command.command("dump")
@click.argument("target")
@click.option("--table", "names", multiple=True, help="Table to write; repeatable. Default: all.")
@click.option("--from", "first", type=_DAY, metavar="YYYY-MM-DD", help="First day of tables that have days.")
@click.option("--to", "last", type=_DAY, metavar="YYYY-MM-DD", help="Last day of tables that have days.")
@click.option("--users", is_flag=True, help="Split daily usage by user and address.")
@tenant_options
def dump(
    context: CommandContext, /, as_json: bool, target: str, names: tuple[str, ...], **given: Any
) -> None:  # which rows
    """Write the report tables as Parquet below TARGET, a directory or a URL such as s3://bucket/path.

    Unless --from or --to is given, period usage is as of the newest day, and daily usage covers all days. Files of an
    earlier dump are replaced. JSON: what was written per table.
    """
    from obstore.exceptions import BaseError

    from opencasb.reporting.dump import Dump
    from opencasb.reporting.reader import Reader, Wanted

    tables = context.casb.report_tables
    unknown = [name for name in names if name not in tables.all]
    if unknown:
        raise click.ClickException(f"--table: {unknown[0]!r} is unknown; there are {', '.join(tables.all)}")
    reader = Reader(context.tenant_id, sees_users=True)
    first, last = (given[name].date() if given[name] else None for name in ("first", "last"))
    wanted = Wanted(first=first, last=last, users=given["users"])
    try:
        writer = Dump(target)
        written = [writer.write(tables, reader, tables.all[name], wanted) for name in names or tables.all]
    except (BaseError, OSError, ValueError) as error:
        raise click.ClickException(
            f"TARGET: {target!r} cannot be written: {str(error).partition(chr(10))[0]}"
        ) from None
    rows = ((each.table, each.rows, each.files, each.bytes) for each in written)
    echo_list(written, ("table", "rows", "files", "bytes"), rows, as_json=as_json)


@command.command("pbids")
@click.option("--out", type=OUTPUT_FILE, help="File to write; default: stdout.")
@click.option("--url", help="Server URL for Power BI; default: the setting public_url.")
@document_options
def pbids(context: CommandContext, as_json: bool, out: Path | None, url: str | None) -> None:
    """Write a connection file that opens the OData feed in Power BI Desktop. JSON, with --out: {"written"}."""
    from opencasb.reporting.pbids import document

    content = document((url or context.casb.settings.effective_public_url).rstrip("/"))
    _write(out, content, as_json=as_json)


@command.command("html")
@click.option("--out", type=OUTPUT_FILE, help="File to write; default: stdout.")
@click.option("--report", "name", default="Global View", show_default=True, help="Name or id of the report.")
@click.option("--days", type=click.Choice(["7", "30", "90"]), default="90", show_default=True, help="Days to show.")
@document_options
def html(context: CommandContext, as_json: bool, out: Path | None, name: str, days: str) -> None:
    """Write an HTML page with charts: apps over time, unsanctioned and risky apps, uploads, categories, generative AI.

    JSON, with --out: {"written"}.
    """
    from opencasb.discovery.html_report import render
    from opencasb.reporting.tenant_report import tenant_report

    owner = context.tenant
    stream = report_of(context, name)
    found = tenant_report(context.casb.reports, stream, int(days), f"{owner.name}, {stream.display_name}")
    _write(out, render(found, context.casb.clock()).encode(), as_json=as_json)


@command.group("credential")
def credential() -> None:
    """Manage report credentials, which open the report feeds and nothing else."""


@credential.command("create")
@click.option("--name", required=True, help="Purpose of the credential.")
@click.option("--days", type=int, default=365, show_default=True, help="Days until it expires, 1 to 730.")
@click.option("--user-data", is_flag=True, help="Allow access to users and addresses.")
@tenant_options
def create(context: CommandContext, as_json: bool, name: str, days: int, user_data: bool) -> None:
    """Create a credential. Its secret is shown only once.

    JSON: {"secret", "id", "name", "hint", "user_data", "state", "created", "expires", "last_used"}.
    """
    casb = context.casb
    with explained("credential"):
        made = casb.identity.report_access.create(context.tenant_id, name, days=days, user_data=user_data, by=actor())
    if as_json:
        echo_json({"secret": made.secret, **_record(made.credential, casb.clock())})
        return
    click.echo(made.secret)
    click.echo("Keep it: it cannot be shown again. Give it to report tools as the password of any user name.", err=True)


@credential.command("list")
@tenant_options
def list_(context: CommandContext, as_json: bool) -> None:
    """List the credentials, oldest first. JSON: as for create, without the secret."""
    kept = context.casb.identity.report_credentials.all(context.tenant_id)
    found = [_record(each, context.casb.clock()) for each in kept]
    echo_records(found, ("created", "expires", "last_used"), as_json=as_json)


@credential.command("revoke")
@click.argument("credential_id")
@tenant_options
def revoke(context: CommandContext, as_json: bool, credential_id: str) -> None:
    """Revoke a credential by its id, immediately and permanently. JSON: {"revoked"}."""
    if not context.casb.identity.report_credentials.revoke(context.tenant_id, credential_id, by=actor()):
        known = "opencasb reports credential list"
        raise click.ClickException(f"CREDENTIAL_ID: there is no credential {credential_id!r} ({known})")
    echo_done({"revoked": credential_id}, as_json=as_json)


def _record(made: ReportCredential, now: int) -> dict[str, Any]:  # any JSON
    return {name: value for name, value in made.record(now).items() if name != "created_by"}


def _write(target: Path | None, content: bytes, *, as_json: bool) -> None:
    if target is None:
        sys.stdout.buffer.write(content)
        return
    write_file(target, content)
    if as_json:
        echo_json({"written": str(target)})
    else:
        click.echo(f"written: {target}", err=True)
