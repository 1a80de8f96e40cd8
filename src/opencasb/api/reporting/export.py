"""The tables as downloadable files, below ``/export/v1/`` (saas-management §6.2)."""

from __future__ import annotations

import tempfile
import zlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from email.utils import formatdate
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Final

from opencasb.api.graph.errors import NotFound, quoted
from opencasb.api.reporting import parameters
from opencasb.api.reporting.parameters import ReportRequest
from opencasb.reporting import files, pbids

if TYPE_CHECKING:
    from opencasb.reporting.reader import Wanted
    from opencasb.reporting.schema import Table

ROOT: Final = "/export/v1/"
PBIDS: Final = "opencasb.pbids"

_CHUNK: Final = 1 << 20


@dataclass(frozen=True, slots=True)
class Export:
    """A file: its response headers, and its content as a stream."""

    headers: Mapping[str, str]
    content: Iterable[bytes]


def answer(asked: ReportRequest) -> Export:
    """Return the file at a path below :data:`ROOT`; its content is generated lazily. Raises GraphError."""
    given = parameters.read(asked.query)
    if asked.path == PBIDS:
        parameters.only(given, ())
        content = pbids.document(asked.base)
        return Export(_headers(PBIDS, "application/json", sha256(content).hexdigest()[:32]), [content])
    name, dot, ending = asked.path.partition(".")
    table = asked.tables.all.get(name)
    if table is None or not dot or ending not in files.MEDIA_TYPES:
        raise NotFound(
            f"There is no file {quoted(asked.path)}; there are {', '.join(asked.tables.all)}, "
            f"each as .{', .'.join(files.MEDIA_TYPES)}, and {PBIDS}."
        )
    parameters.only(given, parameters.EXPORT)
    wanted = parameters.wanted(asked, table)
    raw, bom = parameters.flag(given, "raw"), parameters.flag(given, "bom")
    etag = f"{asked.tables.etag(asked.reader, table, wanted)}-{raw:d}{bom:d}"
    headers = _headers(asked.path, files.MEDIA_TYPES[ending], etag)
    modified = asked.tables.modified(asked.reader.tenant_id)
    if modified is not None:
        headers["Last-Modified"] = formatdate(modified / 1000, usegmt=True)
    return Export(headers, _content(asked, table, wanted, ending, raw=raw, bom=bom))


def gzipped(content: Iterable[bytes]) -> Iterator[bytes]:
    """Compress a file as a stream."""
    packer = zlib.compressobj(level=6, wbits=31)
    for piece in content:
        for start in range(0, len(piece), _CHUNK):
            if packed := packer.compress(piece[start : start + _CHUNK]):
                yield packed
    yield packer.flush()


def _content(
    asked: ReportRequest, table: Table, wanted: Wanted, ending: str, *, raw: bool, bom: bool
) -> Iterator[bytes]:
    pieces = asked.tables.pieces(asked.reader, table, wanted)
    match ending:
        case "csv":
            yield from files.csv(table, pieces, raw=raw, bom=bom)
        case "jsonl":
            yield from files.json_lines(table, pieces)
        case _:
            with tempfile.TemporaryDirectory() as folder:
                path = Path(folder) / "table.parquet"
                files.parquet(table, pieces, path)
                with path.open("rb") as file:
                    while chunk := file.read(_CHUNK):
                        yield chunk


def _headers(name: str, media_type: str, etag: str) -> dict[str, str]:
    return {
        "Content-Type": media_type,
        "Content-Disposition": f'attachment; filename="{name}"',
        "ETag": f'W/"{etag}"',
    }
