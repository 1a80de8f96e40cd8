"""``opencasb discover``: find the cloud apps in log files, without a server."""

from __future__ import annotations

import sys
import time
import zoneinfo
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Final

import click

from opencasb.cli.help_text import examples
from opencasb.cli.options import EXISTING_FILE, INPUT_FILE, data_option, json_option, limit_option
from opencasb.cli.output import echo_json, refuse_input, write_file
from opencasb.cli.progress import progress
from opencasb.cli.shipped_catalog import shipped_catalog
from opencasb.model.source_types import source_type

if TYPE_CHECKING:
    from opencasb.catalog.catalog import Catalog
    from opencasb.discovery.formats.base import Format
    from opencasb.model.report import DiscoveryReport

STANDARD_OUTPUT: Final = Path("-")


@click.command(
    "discover",
    epilog=examples(
        "discover access.log",
        "discover proxy-*.log.gz --html report.html",
        "discover access.log --source SQUID_NATIVE --json",
    ),
)
@click.argument("files", nargs=-1, required=True, metavar="FILE...", type=INPUT_FILE)
@click.option("--source", help="Format of the files (opencasb format list); default: detected.")
@click.option("--parser", type=EXISTING_FILE, help="Custom parser definition for the files (opencasb format infer).")
@click.option("--timezone", default="UTC", show_default=True, help="Time zone of local times in the log.")
@click.option(
    "--html",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Write an HTML report that opens offline; - = stdout, instead of the table.",
)
@limit_option("apps on the terminal", 30)
@click.option("--hide-trackers", is_flag=True, help="Leave out advertising and measurement services.")
@data_option
@json_option
def command(  # noqa: PLR0913, PLR0917 -- one for each option
    data: Path,
    files: tuple[Path, ...],
    source: str | None,
    parser: Path | None,
    timezone: str,
    html: Path | None,
    limit: int,
    hide_trackers: bool,
    as_json: bool,
) -> None:
    """Report the cloud apps in log files (plain, gzip, bzip2, xz, zstd, zip or tar). FILE - is standard input.

    JSON: {"source", "lines": {"read", "used", "ignored", "rejected"}, "first_seen", "last_seen", "apps": [{"id",
    "name", "category", "score", "listed", "domains", "users", "ip_addresses", "devices", "transactions",
    "blocked_transactions", "uploaded_bytes", "downloaded_bytes", "total_bytes", "first_seen", "last_seen", "flags"}],
    "rejected_samples": [...], "unlisted": [{"app_id", "domain", "confidence", "users", "days", "uploaded_bytes",
    "total_bytes", "reasons": [{"kind", "text", "points"}], "hosts"}], "named_source"}; a null score means unscored,
    "listed" false outside the catalog, times are in ms. "source" is the format used, "named_source" the one given with
    --source if that was wrong, else null. Files that are not logs are skipped with a warning.

    Exit codes: 0 a report was made; 1 nothing usable, stderr says what to do; 2 wrong usage.
    """
    from opencasb.cli.parser import format_in
    from opencasb.cli.terminal_report import show
    from opencasb.model.app import TRACKER

    now = time.time_ns() // 1_000_000
    if parser is not None and source is not None:
        raise click.UsageError("--parser and --source exclude each other")
    if html == STANDARD_OUTPUT and as_json:
        raise click.UsageError("--html - and --json exclude each other: both write to standard output")
    refuse_input("--html", html, (*files, parser))
    if html is not None and not html.parent.is_dir():  # before reading logs for an hour
        raise click.ClickException(f"--html: {html}: No such file or directory")
    source_format = _source(source) if parser is None else format_in(parser)
    report = _report(files, source_format, _timezone(timezone), now, shipped_catalog(data))
    shown = report.without(TRACKER) if hide_trackers else report
    if html is not None:
        _write(html, shown, now)
    if as_json:
        echo_json(shown.machine())
    elif html != STANDARD_OUTPUT:
        show(shown, limit)
    for damaged in report.problems:
        click.echo(f"Warning: {damaged}", err=True)
    problem = nothing_usable(report)
    if problem is not None:
        raise click.ClickException(problem)


def nothing_usable(report: DiscoveryReport) -> str | None:
    """Return why the report has no apps and what to do about it, or None if it has some."""
    lines = report.lines
    if report.apps:
        return None
    if not lines.read:
        return "the files are empty"
    if lines.rejected * 2 > lines.read:
        reason = _most(report.rejected_by_reason)
        return (
            f"{lines.rejected} of {lines.read} lines cannot be read as {report.source}{reason}; "
            "name the right format with --source (opencasb format list shows them, opencasb format detect tries them)"
        )
    return f"no line is traffic to a public host or address{_most(report.ignored_by_rule)}"


def _most(counts: dict[str, int]) -> str:
    if not counts:
        return ""
    reason, number = max(counts.items(), key=lambda item: item[1])
    return f", most often: {reason} ({number} line{'' if number == 1 else 's'})"


def _report(
    files: tuple[Path, ...], source: str | Format | None, timezone: str, now: int, catalog: Catalog
) -> DiscoveryReport:
    from opencasb.discovery.compression import LogError
    from opencasb.discovery.discover import discover
    from opencasb.discovery.formats.base import ParseContext

    context = ParseContext(received_at=now, timezone=timezone, want_url=False)
    try:
        with progress("reading", "bytes") as told:
            return discover(files, source, context=context, catalog=catalog, progress=told)
    except OSError as error:
        raise click.ClickException(f"{error.filename or 'FILE'}: {error.strerror}") from None
    except LogError as error:
        raise click.ClickException(str(error)) from None


def _source(given: str | None) -> str | None:
    from opencasb.discovery.recognise import UnknownSource, format_of

    if given is None:
        return None
    with suppress(ValueError):
        given = source_type(given)  # which also accepts numbers
    try:
        format_of(given)
    except UnknownSource as error:
        raise click.BadParameter(str(error).removeprefix("source: "), param_hint="--source") from None
    return given


def _timezone(given: str) -> str:
    try:
        zoneinfo.ZoneInfo(given)
    except (ValueError, OSError, zoneinfo.ZoneInfoNotFoundError):
        message = f"{given!r} is not a time zone; allowed: names such as UTC and Europe/Stockholm"
        raise click.BadParameter(message, param_hint="--timezone") from None
    return given


def _write(target: Path, report: DiscoveryReport, now: int) -> None:
    from opencasb.discovery.html_report import render

    page = render(report, now).encode()
    if target == STANDARD_OUTPUT:
        sys.stdout.buffer.write(page)
        return
    write_file(target, page, "--html")
    sys.stderr.write(f"report: {target}\n")
