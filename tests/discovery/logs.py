"""Squid logs, zip files of logs, and parsed logs."""

from __future__ import annotations

import io
import zipfile

import polars as pl

from opencasb.discovery.formats.base import ParseContext
from opencasb.discovery.parsing import ParsedLog, parse_log
from tests.conftest import NOW


def squid(lines: int = 20, when: float = NOW / 1000 - 60, host: str = "www.dropbox.com") -> bytes:
    """Return Squid lines of five users."""
    return "".join(
        f"{when + n / 1000:.3f} 5 10.0.0.1 TCP_MISS/200 100 GET http://{host}/{n} user{n % 5}"
        " HIER_DIRECT/162.125.1.1 -\n"
        for n in range(lines)
    ).encode()


def zipped(*members: tuple[str, bytes], method: int = zipfile.ZIP_DEFLATED, stream: bool = False) -> bytes:
    """Return a zip of members; written as a stream, it has each size only after its member."""

    class Pipe(io.BytesIO):
        def seekable(self) -> bool:
            return False

        def tell(self) -> int:
            raise io.UnsupportedOperation

    out = Pipe() if stream else io.BytesIO()
    with zipfile.ZipFile(out, "w", method) as archive:
        for name, content in members:
            archive.writestr(name, content)
    return out.getvalue()


def parsed(*lines: str, source: str | None = "SQUID_NATIVE") -> tuple[pl.DataFrame, ParsedLog]:
    """Parse lines as a file; return their rows and the parsed log."""
    log = parse_log(io.BytesIO("".join(f"{line}\n" for line in lines).encode()), source, ParseContext(NOW))
    return pl.concat(log.frames()), log
