"""``opencasb ingest``: import activities, entities and files from local files, without HTTP."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Iterator
from mmap import ACCESS_READ, mmap
from pathlib import Path
from tempfile import TemporaryFile
from typing import TYPE_CHECKING, BinaryIO

import click

from opencasb.cli.help_text import Group
from opencasb.cli.options import INPUT_FILE, CommandContext, first_options
from opencasb.cli.output import echo_done
from opencasb.cli.progress import Progress, progress
from opencasb.discovery.standard_input import openable

if TYPE_CHECKING:
    from opencasb.activities.ingest import Ingest, Report

    Take = Callable[[Ingest], Callable[[int, Iterable[bytes]], Report]]

SHOWN_ERRORS = 10

file_argument = click.argument("file", type=INPUT_FILE)


@click.group("ingest", cls=Group)
def command() -> None:
    """Import activities, entities and files: NDJSON, a JSON array, or pages as the API returns them.

    FILE may be compressed (gzip, zlib, bzip2, xz, zstd, zip); - is standard input. Importing a file again changes
    nothing. The server may be running.

    JSON of each command: {"read", "accepted", "repeated", "rejected", "errors": [{"line", "error"}]}; errors has the
    first hundred.

    Exit codes: 0 all records stored; 1 the file cannot be read, or some records were rejected (the others are stored),
    stderr says why; 2 wrong usage.
    """


@command.command("activities")
@file_argument
@first_options
def activities(context: CommandContext, as_json: bool, file: Path) -> None:
    """Import activities: normalised records, or records as the activities API returns them.

    JSON: as described for the group.
    """
    _ingest(context, file, lambda ingest: ingest.activities, as_json=as_json)


@command.command("entities")
@file_argument
@first_options
def entities(context: CommandContext, as_json: bool, file: Path) -> None:
    """Import users and accounts: flat records, or as the entities API returns them; existing ones are replaced.

    JSON: as described for the group.
    """
    _ingest(context, file, lambda ingest: ingest.entities, as_json=as_json)


@command.command("files")
@file_argument
@first_options
def files(context: CommandContext, as_json: bool, file: Path) -> None:
    """Import files and folders: flat records, or as the files API returns them; existing ones are replaced.

    JSON: as described for the group.
    """
    _ingest(context, file, lambda ingest: ingest.files, as_json=as_json)


def _ingest(context: CommandContext, file: Path, take: Take, *, as_json: bool) -> None:
    from opencasb.activities.lines import NotRecords, lines
    from opencasb.discovery.byte_stream import Damaged
    from opencasb.discovery.compression import LogError

    casb, tenant_id = context.casb, context.tenant_id
    try:
        delivered = _contents(file, context.data)
        with progress("storing", "bytes") as told:
            report = take(casb.ingest)(tenant_id, _watched(lines(delivered), len(delivered), told))
    except (OSError, NotRecords, Damaged, LogError) as error:
        raise click.ClickException(f"{file}: {getattr(error, 'strerror', None) or error}") from None
    _show(report, as_json=as_json)
    if report.rejected:
        raise SystemExit(1)


def _show(report: Report, *, as_json: bool) -> None:
    said = f"{report.read} read: {report.accepted} new, {report.repeated} known, {report.rejected} rejected"
    echo_done(report.machine(), said, as_json=as_json)
    for line, error in report.errors[:SHOWN_ERRORS]:
        click.echo(f"line {line}: {error}", err=True)
    if report.rejected > SHOWN_ERRORS:
        click.echo(f"and {report.rejected - SHOWN_ERRORS} more", err=True)


def _contents(file: Path, directory: Path) -> mmap | bytes:
    """Return the contents of a file without holding them in memory; compressed files are expanded into ``directory``.

    Raises :class:`Damaged` and :class:`LogError` if the file cannot be expanded.
    """
    from opencasb.discovery.compression import expand, is_plain

    with open(openable(file), "rb") as opened:  # noqa: PTH123 -- or a descriptor
        if is_plain(opened.peek(4)):
            return _mapped(opened)
        with TemporaryFile(dir=directory) as expanded:
            expanded.writelines(expand(opened, sys.maxsize))
            expanded.flush()
            return _mapped(expanded)


def _mapped(opened: BinaryIO) -> mmap | bytes:
    """Return the contents of a file without holding them in memory; a pipe is read into memory."""
    try:
        return mmap(opened.fileno(), 0, access=ACCESS_READ)
    except (ValueError, OSError):  # empty files and pipes have no pages
        return opened.read()


def _watched(lines: Iterable[bytes], whole: int, told: Progress) -> Iterator[bytes]:
    done = 0
    for line in lines:
        done += len(line) + 1
        told(done, whole)
        yield line
