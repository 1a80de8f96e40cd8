"""The report of a catalog build, as text."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Final

import click

from opencasb.cli.output import echo_table

if TYPE_CHECKING:
    from opencasb.catalog.builder.report import BuildReport

_EXAMPLES: Final = 10


def show(report: BuildReport, folder: Path) -> None:
    """Print a report: counts, contradictions, large apps, changes; of long lists only the first entries."""
    click.echo(f"{report.apps} apps in {folder}")
    click.echo()
    counts = next(iter(report.layers.values()))
    headings = tuple(name.replace("_", " ") for name in counts.__struct_fields__)
    rows = [(layer, *(getattr(each, name) for name in each.__struct_fields__)) for layer, each in report.layers.items()]
    echo_table(("layer", *headings), rows)
    _conflicts(report)
    _large(report)
    _changes(report)


def _conflicts(report: BuildReport) -> None:
    click.echo(f"\n{len(report.conflicts)} facts on which sources disagree; believed were:")
    for factor, won in sorted(report.conflicts_by_factor.items()):
        click.echo(f"  {factor}: {', '.join(f'{source} {count}' for source, count in won.most_common())}")


def _large(report: BuildReport) -> None:
    click.echo(f"\n{len(report.large)} apps with more than thirty domains:")
    for app in report.large:
        remark = ": look at it" if app.suspect else ""
        click.echo(f"  {app.name} ({app.app_id}): {app.domains} domains, {app.brands} of other names{remark}")


def _changes(report: BuildReport) -> None:
    for word, apps in (("new", report.new), ("vanished", report.vanished)):
        click.echo(f"\n{len(apps)} {word} apps{_listed([name for _, name in apps])}")
    click.echo(f"\n{len(report.changed)} changed apps")
    for change in report.changed[:_EXAMPLES]:
        click.echo(f"  {change.name} ({change.app_id}): {', '.join(change.was)}")


def _listed(names: list[str]) -> str:
    if not names:
        return ""
    more = f" and {len(names) - _EXAMPLES} more" if len(names) > _EXAMPLES else ""
    return ": " + ", ".join(names[:_EXAMPLES]) + more
