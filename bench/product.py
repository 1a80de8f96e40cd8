"""The measured work of the product: one log file from disk to a queryable lake, through the queue.

``python -m bench.product prepare DATA`` creates an installation, unmeasured, because a server already has one.
``python -m bench.product run SOURCE FILE DATA`` is timed as a whole, including the start of the interpreter.
``python -m bench.product again SOURCE FILE DATA`` reads the file twice and prints the seconds of the second time, as in
a server process that has already read other files.
"""

from __future__ import annotations

import os
import shutil
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

from opencasb import memory

if TYPE_CHECKING:
    from opencasb.app import Casb


def prepare(data: Path) -> None:
    """Create an empty installation with one tenant."""
    from opencasb.app import Casb
    from opencasb.settings import Settings

    shutil.rmtree(data, ignore_errors=True)
    Casb.open(Settings(data=data)).tenants.create("bench")


def run(source: str, path: Path, data: Path) -> None:
    """Open the installation and process the file."""
    process(_opened(data), source, path)


def again(source: str, path: Path, data: Path) -> None:
    """Process the file twice, for two reports, and print the seconds of the second run."""
    casb = _opened(data)
    process(casb, source, path)
    started = time.perf_counter()
    process(casb, source, path)
    print(time.perf_counter() - started)


def _opened(data: Path) -> Casb:
    from opencasb.app import Casb
    from opencasb.settings import Settings

    return Casb.open(Settings(data=data, retention_days=0))


def process(casb: Casb, source: str, path: Path) -> None:
    """Queue the file for a new report, process it, and check that the lake returns it."""
    from opencasb.discovery.preload import preload
    from opencasb.model.stream import StreamType

    tenant = casb.tenants.all()[0].tenant_id
    stream = casb.streams.create(tenant, "bench", StreamType.SNAPSHOT, source=source)
    preload(source)  # as `opencasb upload` does
    link = casb.settings.data / "link.log"
    link.unlink(missing_ok=True)
    os.link(path, link)
    queued = casb.intake.enqueue(stream, link, origin="cli", filename=path.name)
    upload = casb.uploads.lease("bench")
    assert upload is not None
    casb.processing.run(upload)
    done = casb.uploads.get(tenant, queued.upload_id)
    assert done is not None
    assert done.state == "done", done.result
    assert casb.lake.version(tenant) >= 0


if __name__ == "__main__":
    sys.modules["pyarrow"] = None  # type: ignore[assignment]  # only the tests have it; loading it takes 0.05 s
    memory.share_pages()  # as the program does at start
    memory.keep_freed()
    memory.collect_seldom()
    match sys.argv[1:]:
        case ["prepare", data]:
            prepare(Path(data))
        case ["run", source, path, data]:
            run(source, Path(path), Path(data))
        case ["again", source, path, data]:
            again(source, Path(path), Path(data))
