"""A discovery report as text: a coloured table on a terminal, plain columns in a pipe."""

from __future__ import annotations

import sys
from collections.abc import Collection, Sequence
from typing import TYPE_CHECKING, Final

import click

from opencasb.cli.output import echo_table, moment
from opencasb.model.app import LOW_EVIDENCE, PLATFORM
from opencasb.model.categories import category_name
from opencasb.model.quantities import bytes_text, count_text, counted
from opencasb.model.visible_text import visible

if TYPE_CHECKING:
    from opencasb.model.report import AppUsage, DiscoveryReport

HEADINGS: Final = ("app", "category", "score", "users", "addresses", "transactions", "blocked", "uploaded", "total")
NUMBERS: Final = HEADINGS[2:]
"""Right-aligned columns."""

DISPENSABLE: Final = {
    **dict.fromkeys(("category", "addresses", "blocked"), 110),
    "transactions": 72,
    **dict.fromkeys(("users", "uploaded"), 48),
}
"""Columns hidden on terminals narrower than this, so that app names stay readable."""


def show(report: DiscoveryReport, limit: int) -> None:
    """Print the report, with the first ``limit`` apps."""
    from opencasb.discovery.findings import findings

    lines = report.lines
    named = f" (named {visible(report.named_source)})" if report.named_source else ""
    click.echo(
        f"{visible(report.source)}{named}: {counted(lines.read, 'line')}, {count_text(lines.used)} used, "
        f"{count_text(lines.ignored)} ignored, {count_text(lines.rejected)} not understood"
    )
    if not report.apps:
        return
    apps = counted(len(report.apps), "app")
    click.echo(f"{moment(report.first_seen)} to {moment(report.last_seen)}, {apps}\n")
    rows = [_row(app) for app in report.apps[:limit]]
    if sys.stdout.isatty():
        _show_table(rows)
    else:
        echo_table(HEADINGS, rows)
    if len(report.apps) > limit:
        left_out = counted(len(report.apps) - limit, "more app")
        click.echo(f"and {left_out}; --limit, --html or --json show them")
    explain_scores([row[HEADINGS.index("score")] for row in rows])
    click.echo()
    for finding in findings(report):
        names = visible(", ".join(finding.apps))
        more = f" and {count_text(finding.more)} more" if finding.more else ""
        after = f": {finding.after}" if finding.after else ""
        click.echo(f"* {finding.before}{' ' if names else ''}{names}{more}{after}.")


def score_text(score: int | None, flags: Collection[str]) -> str:
    """Return a score, with a star if it is based on few facts, or a dash for an unscored app."""
    return "-" if score is None else f"{score}*" if LOW_EVIDENCE in flags else str(score)


def explain_scores(texts: Collection[str]) -> None:
    """Print what scores mean, explaining only the marks that occur in ``texts``."""
    click.echo(f"scores: 10 is safe, 0 is risky{'; -: too little is known for one' if '-' in texts else ''}")
    if any(text.endswith("*") for text in texts):
        click.echo("*: the score rests on fewer than 8 facts; opencasb catalog explain APP shows them")


def _row(app: AppUsage) -> tuple[str, ...]:
    return (
        visible(app.name) + _mark(app),
        visible(category_name(app.category)),
        score_text(app.score, app.flags),
        *map(count_text, (app.users, app.ip_addresses, app.transactions, app.blocked_transactions)),
        *map(bytes_text, (app.uploaded_bytes, app.total_bytes)),
    )


def _mark(app: AppUsage) -> str:
    return " (platform)" if PLATFORM in app.flags else "" if app.listed else " (unlisted)"


def _show_table(rows: Sequence[Sequence[str]]) -> None:
    from rich import box
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    console, table = Console(), Table(box=box.SIMPLE_HEAD, pad_edge=False, show_edge=False)
    kept = [number for number, heading in enumerate(HEADINGS) if console.width >= DISPENSABLE.get(heading, 0)]
    for number in kept:
        flush_right = HEADINGS[number] in NUMBERS
        table.add_column(
            HEADINGS[number], justify="right" if flush_right else "left", no_wrap=flush_right, overflow="fold"
        )
    for row in rows:
        table.add_row(*(Text(row[number]) for number in kept))  # Text, because plain strings would be parsed as markup
    console.print(table)
