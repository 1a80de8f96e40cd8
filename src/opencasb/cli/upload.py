"""``opencasb upload``: parse local log files into a data source, without HTTP."""

from __future__ import annotations

import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from opencasb.cli.help_text import examples
from opencasb.cli.options import EXISTING_FILE, CommandContext, tenant_options
from opencasb.cli.output import echo_done, explained
from opencasb.model.source_types import CUSTOM
from opencasb.model.stream import API_UPLOAD, Stream, StreamType, checked_source_name, is_global_view

if TYPE_CHECKING:
    from opencasb.app import Casb
    from opencasb.store.uploads import Upload


@click.command(
    "upload",
    epilog=examples(
        "upload --name edge --source SQUID_NATIVE access.log",
        "upload --snapshot --name Branch --source SQUID_NATIVE access.log",
    ),
)
@click.argument("files", nargs=-1, required=True, type=EXISTING_FILE)
@click.option("--source", help="Source type of the files (opencasb format list); default: the data source's.")
@click.option("--name", help='Data source or snapshot name; default: "API upload", created on first use.')
@click.option("--parser", help="Custom parser for the files; stays attached to the data source.")
@click.option("--snapshot", is_flag=True, help="Create a snapshot report instead.")
@tenant_options
def command(context: CommandContext, /, as_json: bool, files: tuple[Path, ...], **given: Any) -> None:  # options
    """Upload log files to a data source and wait for the results. The server may be running.

    JSON: an object per file, {"file", "state", "stream_id"} and the counts of the result. A file that stays queued
    because a disk is full is parsed by the next upload or the server.

    Exit codes: 0 every file was parsed; 1 any was not; 2 wrong usage.
    """
    from opencasb.discovery.preload import preload

    casb = context.casb
    stream, source = _target(casb, context.tenant_id, **given)
    preload(source)
    done = [_process(casb, _queue(casb, stream, path, source)) for path in files]
    for path, upload in zip(files, done, strict=True):
        result = upload.result or {}
        line = {"file": str(path), "state": upload.state, "stream_id": upload.stream_id, **result}
        echo_done(line, f"{path}: {upload.state}: {result.get('text')}", as_json=as_json)
    if any(upload.state != "done" for upload in done):
        raise SystemExit(1)


def _target(casb: Casb, tenant_id: int, **given: Any) -> tuple[Stream, str]:  # options
    """Return the target stream, with the parser attached, and the source type of the files."""
    from opencasb.discovery.blob import IntakeError
    from opencasb.discovery.intake import UnknownSourceType, checked_source

    parser = given.pop("parser") or ""
    given["source"] = given["source"] or (CUSTOM if parser else None)
    if parser and not (given["name"] or given["snapshot"]):
        raise click.UsageError("--parser goes with --name or --snapshot: it is attached to what they name")
    try:
        with explained("--parser"):
            casb.parsers.known(tenant_id, parser)
        given["source"] = checked_source(_source(casb, tenant_id, **given))
        stream = _stream(casb, tenant_id, **given)
        if parser:
            casb.parsers.attach(stream, parser)
    except UnknownSourceType as error:
        raise click.BadParameter(str(error), param_hint="--source") from None
    except IntakeError as error:
        raise click.ClickException(str(error)) from None
    return stream, given["source"]


def _source(casb: Casb, tenant_id: int, source: str | None, name: str | None, *, snapshot: bool) -> str:
    """Return the given source type, else that of the data source. Raises ``UsageError`` if there is neither."""
    stream = casb.streams.by_name(tenant_id, name) if name and not snapshot else None
    known = source or (stream.source if stream else "")
    if not known:
        why = f": there is no data source {name!r} yet" if name and not snapshot else ""
        raise click.UsageError(f"Missing option '--source', or '--parser'{why}.")
    return known


def _stream(casb: Casb, tenant_id: int, source: str, name: str | None, *, snapshot: bool) -> Stream:
    from opencasb.discovery.blob import IntakeError
    from opencasb.discovery.intake import checked_title

    if snapshot:
        title = checked_title(name or "Snapshot", "--name")
        return casb.streams.create(tenant_id, title, StreamType.SNAPSHOT, source=source)
    title = name or API_UPLOAD
    if is_global_view(title):
        raise IntakeError(f"--name: {name!r} is a report, not a data source (opencasb source list)")
    found = casb.streams.by_name(tenant_id, title)
    if found is None and title != API_UPLOAD:
        with explained("--name"):
            checked_source_name(title)
    return found or casb.streams.obtain(tenant_id, title, StreamType.INPUT, source=source)


def _queue(casb: Casb, stream: Stream, path: Path, source: str) -> Upload:
    return casb.intake.enqueue(stream, path, origin="cli", filename=path.name, source=source, keep=True)


def _process(casb: Casb, upload: Upload) -> Upload:
    """Work on the queue until this upload is done, possibly by a server on the same data.

    An upload with a result that is still queued waits for disk space, which may take long, so it is returned as it is.
    """
    from concurrent.futures import ThreadPoolExecutor

    from opencasb.discovery.worker import POLL_SECONDS, Worker

    with ThreadPoolExecutor(1) as pool:
        worker = Worker(casb.uploads, lambda leased, /: pool.submit(casb.processing.run, leased), 1, casb.clock)
        while True:
            now = casb.uploads.get(upload.tenant_id, upload.upload_id)
            if now is None or now.state in {"done", "failed"} or now.result is not None:
                return now or upload
            if not worker.turn():
                time.sleep(POLL_SECONDS / 5)
