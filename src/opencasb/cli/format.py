"""``opencasb format``: list, detect and parse log formats."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Final

import click

from opencasb.cli.help_text import Group
from opencasb.cli.options import EXISTING_FILE, INPUT_FILE, OUTPUT_FILE, json_option
from opencasb.cli.output import echo_json, echo_list, echo_table, refuse_input, tell_reasons
from opencasb.cli.parser import format_in, sample_of
from opencasb.model.custom_parser import NAME
from opencasb.model.quantities import counted
from opencasb.model.transaction import COLUMNS

if TYPE_CHECKING:
    import polars as pl

    from opencasb.discovery.formats.base import Format, ParseContext
    from opencasb.discovery.inference.propose import Proposal
    from opencasb.discovery.parsing import ParsedLog

_FILE: Final = click.argument("file", type=INPUT_FILE)


@click.group("format", cls=Group)
def command() -> None:
    """Detect and parse log formats. FILE - is standard input.

    Exit codes: 0 success; 1 failed, stderr says why; 2 wrong usage.
    """


@command.command("list")
@json_option
def list_(as_json: bool) -> None:
    """List the supported source types and the structure of their lines.

    JSON: [names].
    """
    from opencasb.discovery.formats.about import about
    from opencasb.discovery.recognise import source_names

    names = source_names()
    rows = ((name, said.structure, said.evidence) if (said := about(name)) else (name, "", "") for name in names)
    echo_list(names, ("source type", "structure", "evidence"), rows, as_json=as_json)


@command.command("detect")
@_FILE
@json_option
def detect(file: Path, as_json: bool) -> None:
    """Show which formats FILE may be in, most likely first.

    JSON: [{"source", "confidence", "reason"}]. Exit codes: 0 detected; 1 not detected; 2 wrong usage.
    """
    from opencasb.discovery.recognise import candidates, recognise

    with _of_file(file):
        lines = _beginning(file)
    found = candidates(lines)
    if as_json:
        echo_json([{"source": hit.source, "confidence": hit.confidence, "reason": hit.reason} for hit in found])
    else:
        rows = [(hit.source, f"{hit.confidence:.0%}", hit.reason) for hit in found]
        echo_table(("SOURCE", "CONFIDENCE", "WHY"), rows)
    with _of_file(file):
        recognise(lines)


@command.command("parse")
@_FILE
@click.option("--source", help="Source type of the file (opencasb format list); default: detected.")
@click.option("--parser", type=EXISTING_FILE, help="Custom parser definition (YAML or JSON) for the file.")
@click.option("--timezone", default="UTC", show_default=True, help="Time zone of local times in the log.")
@click.option("--received-at", help="When the log was received (ISO 8601); supplies missing years.")
@click.option("--json", is_flag=True, expose_value=False, help="No effect: the output is always JSON.")
def parse(file: Path, source: str | None, parser: Path | None, timezone: str, received_at: str | None) -> None:
    """Write the transactions in FILE as NDJSON; ignored and rejected lines are summarised on stderr.

    Keys: file, line, timestamp (ISO 8601 UTC, null when the line has none), user, source_ip, source_device,
    destination_host, url, destination_ip, action (allow, block), uploaded_bytes, downloaded_bytes, total_bytes,
    transactions. Exit codes: 0 transactions written; 1 none found, or the log is in another format; 2 wrong usage.
    """
    from opencasb.discovery.formats.base import ParseContext

    context = ParseContext(_milliseconds(received_at), _zone(timezone))
    if parser is not None and source is not None:
        raise click.UsageError("--parser and --source exclude each other")
    parsed = _opened(file, source if parser is None else format_in(parser), context)
    frames = parsed.frames()
    while (frame := _next(frames, file)) is not None:
        click.echo(_ndjson(frame, file.name), nl=False)
    _summarise(parsed, file)


@command.command("infer")
@_FILE
@click.option("--name", default="proposed", show_default=True, help="Name of the proposed parser.")
@click.option("--out", type=OUTPUT_FILE, help="File to write the definition to; default: stdout.")
@click.option("--timezone", default="UTC", show_default=True, help="Time zone of local times in the log.")
@json_option
def infer(file: Path, name: str, out: Path | None, timezone: str, as_json: bool) -> None:
    """Propose a custom parser for FILE, a log in an unknown format.

    The definition is written as YAML to stdout or --out; a preview and remarks go to stderr. JSON: {"definition",
    "plausibility", "preview", "warnings", "advice": [{"appliance", "why", "line"}]}. Exit codes: 0 proposed; 1 not
    possible, stderr says why; 2 wrong usage.
    """
    from opencasb.discovery.inference.propose import NothingFound, propose

    if not NAME.fullmatch(name):
        raise click.BadParameter(f"{name!r} must be 1-64 letters, digits, - and _", param_hint="--name")
    refuse_input("--out", out, (file,))
    lines, context = sample_of(file, timezone)
    try:
        found = propose(lines, context, name)
    except NothingFound as error:
        raise click.ClickException(f"{file}: {error}") from None
    if out is not None:
        _write(out, found.document)
    if as_json:
        echo_json(found.record())
        return
    if out is None:
        click.echo(found.document, nl=False)
    _tell(found)


@contextmanager
def _of_file(file: Path) -> Iterator[None]:
    """Add the file's name to errors of reading it; writing happens outside this block."""
    from opencasb.discovery.compression import LogError

    try:
        yield
    except (LogError, OSError) as error:
        raise click.ClickException(f"{file}: {getattr(error, 'strerror', None) or error}") from None


def _beginning(file: Path) -> list[str]:
    """Return the first lines of a log. Raises ``LogError`` if there are none, and ``OSError``."""
    from opencasb.discovery.compression import LogError
    from opencasb.discovery.logfile import LogFile
    from opencasb.discovery.recognise import first_lines

    log = LogFile(file)
    first = next(log.batches(), None)
    lines = [] if first is None else first_lines(first)
    if not lines:
        raise LogError(log.nothing())
    return lines


def _opened(file: Path, source: str | Format | None, context: ParseContext) -> ParsedLog:
    from opencasb.discovery.parsing import parse_log
    from opencasb.discovery.recognise import UnknownSource

    with _of_file(file):
        try:
            return parse_log(file, source, context)
        except UnknownSource as error:
            raise click.BadParameter(str(error).removeprefix("source: "), param_hint="--source") from None


def _next(frames: Iterator[pl.DataFrame], file: Path) -> pl.DataFrame | None:
    with _of_file(file):
        return next(frames, None)


def _write(out: Path, document: str) -> None:
    try:
        out.write_text(document, encoding="utf-8")
    except OSError as error:
        raise click.BadParameter(f"{out}: {error.strerror}", param_hint="--out") from None


def _tell(found: Proposal) -> None:
    """Print the plausibility and coverage of a proposal to stderr."""
    counts = found.preview.counts
    click.echo(f"plausibility {found.plausibility:.0%}: {counts.used} of {counts.read} lines are read", err=True)
    known = ", ".join(f"{name} {share:.0%}" for name, share in found.preview.coverage.items() if share)
    click.echo(f"known: {known}", err=True)
    for warning in found.warnings:
        click.echo(f"look at: {warning}", err=True)
    for each in found.advice:
        click.echo(f"{each.appliance}: {each.why}:\n  {each.line}", err=True)


def _ndjson(frame: pl.DataFrame, name: str) -> str:
    import polars as pl

    time = pl.col("timestamp").cast(pl.Datetime("ms"))
    whole = pl.col("timestamp") % 1000 == 0
    text = (
        pl.when(whole)
        .then(time.dt.strftime("%Y-%m-%dT%H:%M:%SZ"))
        .otherwise(time.dt.strftime("%Y-%m-%dT%H:%M:%S%.3fZ"))
    )
    rows = frame.filter(pl.col("ignored").is_null() & pl.col("rejected").is_null()).sort("line")
    shown = (
        rows.select(pl.lit(name).alias("file"), *COLUMNS)
        .drop("ignored", "rejected")
        .with_columns(text.alias("timestamp"))
    )
    return shown.write_ndjson()


def _summarise(parsed: ParsedLog, file: Path) -> None:
    """Print line counts to stderr; exit with 1 if no transactions were found."""
    counts = parsed.counts
    how = "" if parsed.recognition is None else f" (recognised: {parsed.recognition.reason})"
    click.echo(f"{file}: {parsed.source}{how}", err=True)
    click.echo(f"{counted(counts.read, 'line')}: {counts.used} used", err=True, nl=False)
    click.echo(f", {counts.ignored.total()} ignored, {counts.rejected.total()} rejected", err=True)
    tell_reasons(counts, err=True)
    if parsed.problem:
        click.echo(f"Warning: {parsed.problem}", err=True)
    mismatch = parsed.mismatch()
    if mismatch is not None:
        raise click.ClickException(f"{file}: {mismatch}")
    if not counts.used:
        raise click.ClickException(f"{file}: no line is a transaction")


def _milliseconds(received_at: str | None) -> int:
    if received_at is None:
        return int(datetime.now(UTC).timestamp() * 1000)
    try:
        given = datetime.fromisoformat(received_at)
    except ValueError:
        message = f"{received_at!r} is not an ISO 8601 time; allowed: times such as 2025-11-20T12:00:00Z"
        raise click.BadParameter(message, param_hint="--received-at") from None
    return int((given if given.tzinfo else given.replace(tzinfo=UTC)).timestamp() * 1000)


def _zone(name: str) -> str:
    from opencasb.discovery.compression import LogError
    from opencasb.discovery.parsing import check_zone

    try:
        return check_zone(name)
    except LogError as error:
        raise click.BadParameter(str(error).removeprefix("timezone: "), param_hint="--timezone") from None
