"""``opencasb catalog``: search and build the cloud app catalog."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import click

from opencasb.cli.catalog_corrections import COMMANDS
from opencasb.cli.catalog_explain import explain
from opencasb.cli.catalog_overlay import overlay
from opencasb.cli.catalog_probe import probe
from opencasb.cli.catalog_report import show
from opencasb.cli.catalog_scores import COMMANDS as SCORES
from opencasb.cli.catalog_stats import stats
from opencasb.cli.help_text import Group
from opencasb.cli.options import data_option, json_option
from opencasb.cli.output import echo_json, echo_list
from opencasb.cli.shipped_catalog import shipped_catalog
from opencasb.model.categories import PREFIX

if TYPE_CHECKING:
    from opencasb.model.app import App


@click.group("catalog", cls=Group)
def command() -> None:
    """Search and match the shipped cloud app catalog, correct it for a tenant, or build it.

    Exit codes: 0 success; 1 failed, stderr says why; 2 wrong usage.
    """


for _each in (*COMMANDS, *SCORES, explain, overlay, probe, stats):
    command.add_command(_each)


@command.command("build")
@click.argument("sources", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option(
    "--out",
    type=click.Path(file_okay=False, path_type=Path),
    help="Output folder, whose register of ids is kept; default: the package itself.",
)
@json_option
def build(sources: Path, out: Path | None, as_json: bool) -> None:
    """Build the catalog from the open data in the folder SOURCES, and report the result.

    The report shows counts per layer, contradictions between sources and how they were resolved, apps with more than
    thirty domains, and changes against the previous files. JSON: the complete report. Building into the package itself
    requires all sources.
    """
    from opencasb.catalog.builder.build import build as build_catalog
    from opencasb.catalog.builder.source_table import absent

    folder = out or Path(__file__).parents[1] / "catalog" / "data"
    if out is None and (missing := absent(sources)):
        raise click.ClickException(
            f"{sources}: not all sources are there, so give --out; missing: {', '.join(missing)}"
        )
    try:
        with _progress() as progress:
            report = build_catalog(sources, folder, progress=progress)
    except ValueError as error:
        raise click.ClickException(str(error)) from None
    if as_json:
        echo_json(report)
        return
    show(report, folder)


@contextmanager
def _progress() -> Iterator[Callable[[str, int, int], None] | None]:
    """Show the progress of the build on stderr if that is a terminal; yields a function to call before each step."""
    if not sys.stderr.isatty():
        yield None
        return
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

    columns = (BarColumn(), TextColumn("{task.description}"), TimeElapsedColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("", total=None)
        yield lambda doing, done, total: bar.update(task, description=doing, completed=done, total=total)


@command.command("search")
@click.argument("text")
@data_option
@json_option
def search(data: Path, text: str, as_json: bool) -> None:
    """Find apps by TEXT in their name or a domain, closest match first. JSON: the apps."""
    found = shipped_catalog(data).search(text)
    echo_list(found, ("id", "name", "category", "domains"), (_row(app) for app in found), as_json=as_json)
    if not found and not as_json:
        click.echo(f"no app matches {text!r}", err=True)


def _row(app: App) -> tuple[object, ...]:
    more = f" and {len(app.domains) - 3} more" if len(app.domains) > 3 else ""
    return app.app_id, app.name, app.category.removeprefix(PREFIX), " ".join(app.domains[:3]) + more


def _host_of(given: str) -> str:
    """Return the host of a pasted URL, or of a host with or without a port."""
    from urllib.parse import urlsplit

    if given.count(":") > 1 and "://" not in given and not given.startswith("["):
        return given  # an IPv6 address
    try:
        return urlsplit(given if "://" in given else f"//{given}").hostname or given
    except ValueError:
        return given


@command.command("match")
@click.argument("hosts", metavar="HOST...", nargs=-1, required=True)
@data_option
@json_option
def match(data: Path, hosts: tuple[str, ...], as_json: bool) -> None:
    """Show which app each HOST or IP address belongs to; for a URL, its host is used.

    JSON: one record each: host, app_id, name, domain, instance.
    """
    import polars as pl

    from opencasb.catalog.catalog import unlisted_name

    catalog = shipped_catalog(data)
    given = pl.Series([_host_of(host) for host in hosts], dtype=pl.String)
    matched = catalog.match_hosts(given).with_columns(by_address=catalog.match_addresses(given)["app_id"])
    records = []
    for host, (_, app_id, domain, instance, by_address) in zip(hosts, matched.iter_rows(), strict=True):
        number = by_address if app_id is None else app_id
        app = None if number is None else catalog.app(number)
        name = app.name if app else unlisted_name(domain) if domain else None
        records.append({"host": host, "app_id": number, "name": name, "domain": domain, "instance": instance})
    rows = ([value if value is not None else "-" for value in record.values()] for record in records)
    echo_list(records, ("host", "id", "app", "domain", "instance"), rows, as_json=as_json)
