"""What is measured of the product: one log file from disk to a queryable lake, through the queue, in a new process.

``python -m bench.product prepare DATA`` makes an installation, untimed: a server has one already.
``python -m bench.product run SOURCE FILE DATA`` is timed.
"""

from __future__ import annotations

import os
import shutil
import sys
from pathlib import Path

from opencasb import memory


def prepare(data: Path) -> None:
    """Make an empty installation with one tenant."""
    from opencasb.app import Casb
    from opencasb.settings import Settings

    shutil.rmtree(data, ignore_errors=True)
    Casb.open(Settings(data=data)).tenants.create("bench")


def run(source: str, path: Path, data: Path) -> None:
    """Queue the file for a new report, process it, and see that the lake answers."""
    from opencasb.app import Casb
    from opencasb.discovery.loading import load_ahead
    from opencasb.model.stream import StreamType
    from opencasb.settings import Settings

    casb = Casb.open(Settings(data=data, retention_days=0))
    tenant = casb.tenants.all()[0].tenant_id
    stream = casb.streams.create(tenant, "bench", StreamType.SNAPSHOT, source=source)
    load_ahead()  # as `opencasb upload` does
    link = data / "link.log"
    os.link(path, link)
    queued = casb.intake.enqueue(stream, link, origin="cli", filename=path.name)
    upload = casb.uploads.lease("bench")
    assert upload is not None
    casb.processing.run(upload)
    done = casb.uploads.get(tenant, queued.upload_id)
    assert done is not None
    assert done.state == "done", done.result
    assert casb.lake.usage(tenant) is not None


if __name__ == "__main__":
    memory.share_pages()  # as the program does when it starts
    memory.keep_freed()
    memory.collect_seldom()
    match sys.argv[1:]:
        case ["prepare", data]:
            prepare(Path(data))
        case ["run", source, path, data]:
            run(source, Path(path), Path(data))
