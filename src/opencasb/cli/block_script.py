"""``opencasb block-script``: the unsanctioned apps in the format of an appliance."""

from __future__ import annotations

import sys
from datetime import UTC, datetime
from pathlib import Path

import click

from opencasb.cli.options import OUTPUT, CommandContext, tenant_options
from opencasb.cli.output import echo_json, write_file


@click.command("block-script")
@click.option("--format", "given", required=True, help="Appliance by name or number; an invalid one lists them all.")
@click.option("--out", type=OUTPUT, help="File, or a directory (the file gets its usual name); default: stdout.")
@tenant_options
def command(context: CommandContext, as_json: bool, given: str, out: Path | None) -> None:
    """Write a block script for all domains of apps tagged Unsanctioned.

    Only valid host names are written; others are skipped and listed on stderr. JSON: {"format", "appliance", "file",
    "domains", "refused", "script"}, where "domains" is the number of blocked domains.

    Exit codes: 0 success; 1 failed, stderr says why; 2 wrong usage.
    """
    from opencasb.discovery import block_scripts
    from opencasb.governance.blocking import unsanctioned_domains

    format_id = _format(given)
    casb, tenant_id = context.casb, context.tenant_id
    domains = unsanctioned_domains(tenant_id, casb.tags, casb.reports.catalog(tenant_id), casb.unlisted_apps)
    script, refused = block_scripts.render(format_id, domains), block_scripts.refused(domains)
    name = block_scripts.filename(format_id, datetime.fromtimestamp(casb.clock() / 1000, UTC).date())
    target = out / name if out is not None and out.is_dir() else out
    if target is not None:
        write_file(target, script.encode("ascii"))
    _complain(domains, refused)
    if as_json:
        echo_json(
            {
                "format": format_id,
                "appliance": block_scripts.formats()[format_id],
                "file": name if target is None else str(target),
                "domains": len(domains) - len(refused),
                "refused": refused,
                "script": script,
            }
        )
    elif target is None:
        click.echo(script, nl=False)
    else:
        click.echo(target)


def _format(given: str) -> int:
    from opencasb.discovery.block_scripts import formats

    wanted = given.strip().casefold()
    found = [
        number for number, name in formats().items() if wanted == str(number) or (wanted and wanted in name.casefold())
    ]
    if len(found) == 1:
        return found[0]
    allowed = ", ".join(f"{number} ({name})" for number, name in formats().items())
    raise click.BadParameter(f"{given!r} must be one of {allowed}", param_hint="--format")


def _complain(domains: list[str], refused: list[str]) -> None:
    if not domains:
        sys.stderr.write("no app with a domain is tagged Unsanctioned; the script is empty\n")
    for domain in refused:
        sys.stderr.write(f"left out: {domain!r} is not a host name that a rule can be made of\n")
