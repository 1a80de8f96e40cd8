"""``opencasb audit-log``: who did what, and when."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from typing import TYPE_CHECKING, TextIO

import click
import msgspec

from opencasb.cli.help_text import Group
from opencasb.cli.options import CommandContext, document_options, tenant_options
from opencasb.cli.output import echo_json, echo_list
from opencasb.model.iso_time import iso
from opencasb.model.quantities import counted
from opencasb.model.spreadsheet import harmless

if TYPE_CHECKING:
    from opencasb.store.audit_log import AuditEntry, AuditLog

PAGE = 1000


server_option = click.option("--server", is_flag=True, help="Server-wide entries, such as key rotations.")


@click.group("audit-log", cls=Group)
def command() -> None:
    """Read the audit log of a tenant: every administrative change, sign-in and token.

    Server-wide events are in the log of the only tenant; if there are several, use --server.

    Exit codes: 0 success; 1 failed, stderr says why; 2 wrong usage.
    """


@command.command("list")
@click.option("--limit", type=click.IntRange(1, PAGE), default=50, show_default=True, help="Maximum number of entries.")
@server_option
@tenant_options
def list_(context: CommandContext, server: bool, as_json: bool, limit: int) -> None:
    """List the latest entries, newest first. JSON: [{"id", "time", "actor", "action", "target", "details"}]."""
    found = context.casb.identity.audit_log.latest(_whose(context, server=server), limit)
    rows = ((iso(each.time), each.actor, each.action, each.target) for each in found)
    echo_list([entry.record() for entry in found], ("time", "who", "what", "to what"), rows, as_json=as_json)


@command.command("export")
@click.option(
    "--format", "form", type=click.Choice(["ndjson", "csv"]), default="ndjson", show_default=True, help="Format."
)
@click.option(
    "--out", type=click.File("w", encoding="utf-8", lazy=True), default="-", help="File to write; default: stdout."
)
@server_option
@document_options
def export(context: CommandContext, server: bool, as_json: bool, form: str, out: TextIO) -> None:
    """Export every entry, newest first, as JSON lines or CSV.

    JSON, with --out: {"written", "entries"}.
    """
    entries = every(context.casb.identity.audit_log, _whose(context, server=server))
    count = _csv(entries, out) if form == "csv" else _lines(entries, out)
    click.echo(f"{counted(count, 'entry')} exported", err=True)
    if as_json and out.name != "-":
        echo_json({"written": out.name, "entries": count})


def every(log: AuditLog, tenant_id: int) -> Iterator[AuditEntry]:
    """Yield the entries of a tenant, newest first, except those written meanwhile."""
    page: list[AuditEntry] | None = log.latest(tenant_id, PAGE)
    while page:
        yield from page
        page = log.older(tenant_id, page[-1].entry_id, PAGE)


def _whose(context: CommandContext, *, server: bool) -> int:
    """Return the tenant number whose entries are requested."""
    from opencasb.store.audit_log import SERVER

    if server and context.named is not None:
        raise click.UsageError("--server and --tenant exclude each other")
    return SERVER if server else context.tenant_id


def _lines(entries: Iterator[AuditEntry], out: TextIO) -> int:
    count = 0
    for count, entry in enumerate(entries, 1):  # noqa: B007 -- the number of the last one is wanted
        out.write(msgspec.json.encode(entry.record()).decode() + "\n")
    return count


def _csv(entries: Iterator[AuditEntry], out: TextIO) -> int:
    writer, count = csv.writer(out), 0
    writer.writerow(("time", "actor", "action", "target", "details"))
    for count, entry in enumerate(entries, 1):  # noqa: B007 -- the number of the last one is wanted
        details = msgspec.json.encode(entry.details).decode()
        writer.writerow((iso(entry.time), *map(harmless, (entry.actor, entry.action, entry.target, details))))
    return count
