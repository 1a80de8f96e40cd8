"""``opencasb export``: all records of a kind, to a file or a pipe."""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, Final, Literal

import click
import msgspec

from opencasb.cli.help_text import examples
from opencasb.cli.options import OUTPUT_FILE, CommandContext, document_options
from opencasb.cli.output import echo_json
from opencasb.cli.progress import progress
from opencasb.model.quantities import counted

if TYPE_CHECKING:
    from opencasb.activities.exported import Resource
    from opencasb.app import Casb
    from opencasb.filters.tree import Node
    from opencasb.store.records import Records, Row

Form = Literal["ndjson", "csv", "parquet"]

_ONE: Final[Mapping[Resource, str]] = {
    "activities": "activity",
    "alerts": "alert",
    "entities": "entity",
    "files": "file",
}


@click.command(
    "export",
    epilog=examples(
        "export activities --out activities.ndjson",
        'export files --format csv --filter \'{"fileType": {"eq": 2}}\'',
    ),
)
@click.argument("resource", type=click.Choice(["activities", "alerts", "entities", "files"]))
@click.option(
    "--format",
    "form",
    type=click.Choice(["ndjson", "csv", "parquet"]),
    default="ndjson",
    show_default=True,
    help="Format.",
)
@click.option("--filter", "given", help='Filters of the REST API as JSON, such as {"date": {"gte_ndays": 7}}.')
@click.option("--out", type=OUTPUT_FILE, help="File to write; default: stdout.")
@document_options
def command(
    context: CommandContext, as_json: bool, resource: Resource, form: Form, given: str | None, out: Path | None
) -> None:
    """Export every record of a kind: a consistent snapshot, each record exactly once.

    ndjson: one REST API record per line, as accepted by "opencasb ingest"; parquet: columns id, timestamp and record
    (JSON text); csv: the main columns. The file appears once it is complete. JSON, with --out: {"written", "records"}.

    Exit codes: 0 success; 1 failed, stderr says why; 2 wrong usage.
    """
    from opencasb.activities.exported import pages

    if form == "parquet" and out is None:
        raise click.UsageError("--out: a file is needed for parquet")
    casb, tenant_id = context.casb, context.tenant_id
    records, where = casb.records(resource), _where(casb, tenant_id, resource, given)
    with casb.database.read() as connection:
        found = pages(records, connection, tenant_id, where)
        count = _write(_shown(found, records, tenant_id, where), resource, form, out)
    click.echo(f"{counted(count, _ONE[resource])} exported", err=True)
    if as_json and out is not None:
        echo_json({"written": str(out), "records": count})


def _where(casb: Casb, tenant_id: int, resource: Resource, given: str | None) -> Node:
    """Return the parsed filters; as in the REST API, a person matches all their accounts, a suite all its apps."""
    from opencasb.activities.suites import with_parts
    from opencasb.filters import fields
    from opencasb.filters.parse import parse

    tables = {
        "activities": fields.ACTIVITIES,
        "alerts": fields.ALERTS,
        "entities": fields.ENTITIES,
        "files": fields.FILES,
    }
    try:
        filters = None if given is None else msgspec.json.decode(given)
    except (msgspec.MsgspecError, ValueError, RecursionError) as error:
        raise click.BadParameter(f"not JSON: {error}", param_hint="--filter") from None
    try:
        tree = parse(filters, tables[resource], casb.clock())
    except (ValueError, RecursionError) as error:
        raise click.BadParameter(str(error), param_hint="--filter") from None
    return casb.entities.with_accounts(tenant_id, "entities", "owner_entity", "collaborator_entities")(with_parts(tree))


def _write(pages: Iterator[list[Row]], resource: Resource, form: Form, out: Path | None) -> int:
    """Write the pages and return the number of records."""
    if out is None:
        return _lines(pages, resource, form, sys.stdout.buffer)
    part = out.with_name(f"{out.name}.part")
    try:
        if form == "parquet":
            count = _parquet(pages, resource, part)
        else:
            with part.open("wb") as file:
                count = _lines(pages, resource, form, file)
        part.replace(out)
    except OSError as error:
        raise click.ClickException(f"--out: {error.filename or out}: {error.strerror}") from None
    finally:
        part.unlink(missing_ok=True)
    return count


def _lines(pages: Iterator[list[Row]], resource: Resource, form: Form, file: BinaryIO) -> int:
    from opencasb.activities import spreadsheet

    count = 0
    if form == "csv":
        file.write(spreadsheet.header(resource))
    for page in pages:
        if form == "csv":
            file.writelines(spreadsheet.line(resource, row.record_id, row.document) for row in page)
        else:
            file.writelines(row.document + b"\n" for row in page)
        count += len(page)
    return count


def _parquet(pages: Iterator[list[Row]], resource: Resource, target: Path) -> int:
    """Write the pages as pieces beside the target and then merge them into it; neither is held in memory."""
    import polars as pl

    from opencasb.activities.exported import frame

    count = 0
    with tempfile.TemporaryDirectory(dir=target.parent, prefix=f".{target.name}-") as folder:
        empty = frame(resource, [], [])
        pieces = [Path(folder) / "0.parquet"]
        empty.write_parquet(pieces[0])
        for page in pages:
            pieces.append(Path(folder) / f"{len(pieces)}.parquet")
            frame(resource, [row.record_id for row in page], [row.document for row in page]).write_parquet(pieces[-1])
            count += len(page)
        pl.scan_parquet(pieces, glob=False).sink_parquet(target)
    return count


def _shown(pages: Iterator[list[Row]], records: Records, tenant_id: int, where: Node) -> Iterator[list[Row]]:
    """Yield the pages unchanged, with a progress bar on stderr if that is a terminal."""
    if not sys.stderr.isatty():
        yield from pages
        return
    done, whole = 0, records.count(tenant_id, where, sys.maxsize // 2)[0]
    with progress("exporting", "records") as told:
        for page in pages:
            yield page
            done += len(page)
            told(done, whole)
