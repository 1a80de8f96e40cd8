"""``opencasb catalog overlay``: export and import of custom apps and corrections."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Final

import click

from opencasb.cli.help_text import Group
from opencasb.cli.options import EXISTING_FILE, OUTPUT_FILE, CommandContext, actor, document_options, tenant_options
from opencasb.cli.output import echo_done, echo_json, explained, write_file
from opencasb.model.quantities import counted

SHOWN: Final = 10


@click.group("overlay", cls=Group)
def overlay() -> None:
    """Export and import custom apps and corrections, for another tenant or a backup.

    Exit codes: 0 success; 1 failed, or some rows were refused, stderr says why; 2 wrong usage.
    """


@overlay.command("export")
@click.option("--format", "form", type=click.Choice(["json", "csv"]), default="json", show_default=True, help="Format.")
@click.option("--out", type=OUTPUT_FILE, help="File to write; default: stdout.")
@document_options
def export(context: CommandContext, as_json: bool, form: str, out: Path | None) -> None:
    """Export all custom apps and accepted facts, corrections and notes, but nothing pending.

    JSON, with --out: {"written"}.
    """
    content = context.casb.overlays.export(context.tenant_id, "csv" if form == "csv" else "json")
    if out is None:
        sys.stdout.buffer.write(content)
        return
    write_file(out, content)
    echo_done({"written": str(out)}, as_json=as_json)


@overlay.command("import")
@click.argument("file", type=EXISTING_FILE)
@tenant_options
def import_(context: CommandContext, as_json: bool, file: Path) -> None:
    """Import FILE (JSON or CSV); invalid rows are reported by line, the rest is imported.

    Existing rows stay unchanged, so a file can be imported repeatedly. JSON: {"rows", "added", "waiting", "changed",
    "unchanged", "refused": [{"line", "reason"}]}.
    """
    from opencasb.governance.overlay_file import LARGEST_FILE

    casb, tenant_id = context.casb, context.tenant_id
    with explained(str(file)):
        try:
            with file.open("rb") as opened:
                content = opened.read(LARGEST_FILE + 1)
        except OSError as error:
            raise click.ClickException(f"{file}: {error.strerror}") from None
        done = casb.overlays.load(tenant_id, content, by=actor())
    if as_json:
        echo_json(done)
    else:
        counts = f"{done.added} added, {done.waiting} waiting, {done.changed} changed, {done.unchanged} unchanged"
        click.echo(f"{counted(done.rows, 'row')}: {counts}, {len(done.refused)} refused")
    for refused in done.refused[:SHOWN]:
        click.echo(f"line {refused.line}: {refused.reason}", err=True)
    if len(done.refused) > SHOWN:
        click.echo(f"and {len(done.refused) - SHOWN} more", err=True)
    if done.refused:
        raise SystemExit(1)
