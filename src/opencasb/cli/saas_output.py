"""``opencasb saas``: runs of integrations, and the apps and changes they found."""

from __future__ import annotations

import click

from opencasb.cli.arguments import integration_of
from opencasb.cli.options import CommandContext, limit_option, tenant_options
from opencasb.cli.output import echo_json, echo_list, echo_table, moment
from opencasb.model.quantities import bytes_text, counted
from opencasb.model.saas import KINDS


@click.command("history")
@click.argument("name")
@click.option("--limit", type=click.IntRange(1, 1000), default=20, show_default=True, help="Maximum number of runs.")
@tenant_options
def history(context: CommandContext, as_json: bool, name: str, limit: int) -> None:
    """List the runs of the integration NAME, newest first.

    JSON: [{"number", "reason", "origin", "started", "touched", "ended", "resume_at", "outcome", "message", "requests",
    "retries", "counts", "streams"}].
    """
    from opencasb.saas import json_records

    found = context.casb.saas.runs.history(integration_of(context, name), limit)
    if as_json:
        echo_json([json_records.run(each, context.casb.saas.runs.streams(each)) for each in found])
        return
    rows = [
        (
            *(each.number, moment(each.started), each.outcome),
            *(each.counts.get(key, "-") for key in ("apps", *KINDS)),
            each.message,
        )
        for each in found
    ]
    echo_table(("run", "started", "outcome", "apps", *KINDS, "message"), rows)


@click.command("usage")
@click.argument("name")
@click.option("--stream", "stream_id", help="Stream id; default: all streams, merged.")
@limit_option("apps", 50)
@click.option("--skip", type=click.IntRange(0), default=0, show_default=True, help="Number of apps to skip.")
@tenant_options
def usage(context: CommandContext, as_json: bool, name: str, stream_id: str | None, limit: int, skip: int) -> None:
    """Show the apps of the last run, most users first. JSON: {"total", "run", "apps"}."""
    from opencasb.saas import json_records

    found = integration_of(context, name)
    total, rows = context.casb.saas.usage.page(found, limit=limit, skip=skip, stream_id=stream_id)
    if as_json:
        echo_json({"total": total, "run": found.current_run, "apps": [json_records.app(row) for row in rows]})
        return
    names = ("app_id", "display_name", "category", "risk_score", "user_count", "transaction_count", "upload_bytes")
    shown = ({**row, "upload_bytes": _size(row["upload_bytes"])} for row in rows)
    echo_table(names, [tuple("-" if row[each] is None else row[each] for each in names) for row in shown])
    click.echo(counted(total, "app"), err=True)


def _size(count: int | None) -> str | None:
    return None if count is None else bytes_text(count)


@click.command("changes")
@click.argument("name")
@click.option("--run", "number", type=click.IntRange(1), help="Run number; default: all.")
@click.option("--kind", "kinds", type=click.Choice(KINDS), multiple=True, help="Only changes of this kind; repeatable.")
@limit_option("changes", 100)
@tenant_options
def changes(
    context: CommandContext, as_json: bool, name: str, number: int | None, kinds: tuple[str, ...], limit: int
) -> None:
    """List changes between runs, newest first: new and gone apps, scores, jumps in usage.

    JSON: [{"run", "app_id", "kind", "display_name", "field", "before", "after"}].
    """
    from opencasb.saas import json_records

    found = context.casb.saas.usage.changes(integration_of(context, name), run=number, kinds=kinds, limit=limit)
    records = [json_records.change(run, each) for run, each in found]
    names = ("run", "kind", "app_id", "display_name", "field", "before", "after")
    rows = (["-" if each[key] is None else each[key] for key in names] for each in records)
    echo_list(records, names, rows, as_json=as_json)
