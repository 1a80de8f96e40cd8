"""``opencasb parser``: custom parsers for logs in formats that are not built in."""

from __future__ import annotations

import time
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click

from opencasb.cli.help_text import Group
from opencasb.cli.options import EXISTING_FILE, INPUT_FILE, CommandContext, actor, json_option, tenant_options
from opencasb.cli.output import echo_done, echo_json, echo_list, echo_table, moment, tell_reasons
from opencasb.model.quantities import counted

if TYPE_CHECKING:
    from opencasb.discovery.custom.definition import Definition
    from opencasb.discovery.custom.preview import Preview
    from opencasb.discovery.formats.base import Format
    from opencasb.model.custom_parser import CustomParser

_DEFINITION: Final = click.argument("definition", type=EXISTING_FILE)


@click.group("parser", cls=Group)
def command() -> None:
    """Manage custom parsers: definitions for other log formats (docs/custom-parsers.md).

    Exit codes: 0 success; 1 failed, stderr says why; 2 wrong usage.
    """


@command.command("add")
@_DEFINITION
@tenant_options
def add(context: CommandContext, /, as_json: bool, definition: Path) -> None:
    """Store the DEFINITION (YAML or JSON) under its name. A changed one becomes a new version, for logs from now on.

    JSON: {"name", "version", "kind", "created", "created_by"}.
    """
    read = read_definition(definition)
    made = context.casb.parsers.put(context.tenant_id, read, by=actor())
    echo_done(made.record(), f"{made.name}: version {made.version}", as_json=as_json)


@command.command("list")
@tenant_options
def list_(context: CommandContext, /, as_json: bool) -> None:
    """List the parsers and the data sources that use them.

    JSON: [{"name", "version", "kind", "created", "created_by", "data_sources"}].
    """
    casb, tenant_id = context.casb, context.tenant_id
    found = [
        {**each.record(), "data_sources": [used.display_name for used in casb.parsers.using(tenant_id, each.name)]}
        for each in casb.custom_parsers.all(tenant_id)
    ]
    rows = (
        (each["name"], each["version"], each["kind"], moment(each["created"]), ", ".join(each["data_sources"]))
        for each in found
    )
    echo_list(found, ("name", "version", "kind", "changed", "data sources"), rows, as_json=as_json)


@command.command("show")
@click.argument("name")
@click.option("--version", type=click.IntRange(1), help="Version to show; default: the latest.")
@tenant_options
def show(context: CommandContext, /, as_json: bool, name: str, version: int | None) -> None:
    """Print the definition of the parser NAME, in the form that `add` accepts.

    JSON: {"name", "version", "kind", "created", "created_by", "definition"}.
    """
    from opencasb.discovery.custom.document import read_document, to_yaml

    versions = context.casb.custom_parsers.versions(context.tenant_id, name)
    found = next((each for each in versions if version in {None, each.version}), None)
    if found is None or (version is None and found.removed is not None):
        raise click.ClickException(_unknown(name, version, versions))
    definition = read_document(found.definition)
    if as_json:
        echo_json({**found.record(), "definition": definition})
    else:
        click.echo(to_yaml(definition), nl=False)


@command.command("check")
@_DEFINITION
@json_option
def check(definition: Path, as_json: bool) -> None:
    """Check whether the DEFINITION is valid. JSON: {"name", "kind"}.

    Exit codes: 0 valid; 1 invalid, stderr says why; 2 wrong usage.
    """
    read = read_definition(definition)
    echo_done({"name": read.name, "kind": read.kind}, f"{read.name}: a parser of kind {read.kind}", as_json=as_json)


@command.command("preview")
@_DEFINITION
@click.argument("log", type=INPUT_FILE)
@click.option("--timezone", default="UTC", show_default=True, help="Time zone of local times in the log.")
@click.option(
    "--rows", type=click.IntRange(0, 1000), default=10, show_default=True, help="Number of transactions to show."
)
@json_option
def preview_(definition: Path, log: Path, timezone: str, rows: int, as_json: bool) -> None:
    """Apply the DEFINITION to the first lines of LOG: show transactions, coverage and rejected lines.

    JSON: {"lines": {"read", "used", "ignored", "rejected"}, "coverage", "blocked", "rows", "ignored_by_rule",
    "rejected_by_reason", "rejected_samples"}. Exit codes: 0 transactions found; 1 none found; 2 wrong usage.
    """
    from opencasb.discovery.custom.preview import preview

    read = read_definition(definition)
    lines, context = sample_of(log, timezone)
    seen = preview(read, lines, context, rows)
    if as_json:
        echo_json(seen.record())
    else:
        show_preview(seen)
    if not seen.counts.used:
        raise SystemExit(1)


@command.command("remove")
@click.argument("name")
@tenant_options
def remove(context: CommandContext, /, as_json: bool, name: str) -> None:
    """Remove the parser NAME, if no data source uses it. Usage it produced is kept. JSON: {"removed"}."""
    from opencasb.discovery.custom.attached import ParserInUse

    casb = context.casb
    try:
        found = casb.parsers.remove(context.tenant_id, name, by=actor())
    except ParserInUse as error:
        raise click.ClickException(f"NAME: {error}") from None
    if not found:
        raise click.ClickException(f"NAME: there is no parser {name!r}")
    echo_done({"removed": name}, as_json=as_json)


def read_definition(path: Path) -> Definition:
    """Return the definition in a file. Raises ``ClickException``."""
    from opencasb.discovery.custom.definition import InvalidDefinition
    from opencasb.discovery.custom.document import LARGEST_DOCUMENT, read_document

    try:
        with path.open("rb") as file:
            return read_document(file.read(LARGEST_DOCUMENT + 1))
    except InvalidDefinition as error:
        raise click.ClickException(f"{path}: {error}") from None
    except OSError as error:
        raise click.ClickException(f"{path}: {error.strerror}") from None


def format_in(path: Path) -> Format:
    """Return the format described by the definition in a file. Raises ``ClickException``."""
    from opencasb.discovery.custom.parser import compiled

    return compiled(read_definition(path))


def sample_of(log: Path, timezone: str) -> tuple[list[str], Any]:  # a ParseContext, which is imported here only
    """Return the first lines of a log and their parse context (receipt time, time zone). Raises ``ClickException``."""
    from opencasb.discovery.compression import LogError
    from opencasb.discovery.custom.preview import first_lines
    from opencasb.discovery.formats.base import ParseContext
    from opencasb.discovery.parsing import check_zone

    try:
        return first_lines(log), ParseContext(time.time_ns() // 1_000_000, check_zone(timezone))
    except (LogError, OSError) as error:
        raise click.ClickException(f"{log}: {error}") from None


def show_preview(seen: Preview) -> None:
    """Print a preview as text."""
    counts = seen.counts
    click.echo(f"{counted(counts.read, 'line')}: {counts.used} used", nl=False)
    click.echo(f", {counts.ignored.total()} ignored, {counts.rejected.total()} rejected")
    echo_table(("field", "known"), [(name, f"{share:.0%}") for name, share in seen.coverage.items()])
    click.echo(f"blocked: {seen.blocked:.0%}")
    shown = ("user", "source_ip", "destination_host", "destination_ip", "action", "uploaded_bytes", "downloaded_bytes")
    rows = [(moment(row["timestamp"], absent=""), *(_cell(row[name]) for name in shown)) for row in seen.rows]
    echo_table(("time", *shown), rows)
    tell_reasons(counts, err=False)


def _cell(value: object) -> str:
    text = "" if value is None else str(value)
    return text if text.isprintable() else repr(text)


def _unknown(name: str, version: int | None, versions: list[CustomParser]) -> str:
    if version is None or not versions:
        return f"NAME: there is no parser {name!r}"
    return f"--version: {name!r} has no version {version}; there are 1 to {versions[0].version}"
