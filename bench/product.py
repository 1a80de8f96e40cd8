"""What is measured of the product: one log file from disk to a queryable lake, through the queue, in a new process.

Run as ``python -m bench.product SOURCE FILE DATA``.
"""

from __future__ import annotations

import os
import shutil
import sys
from pathlib import Path


def main() -> None:
    """Queue the file, process it, check that the lake answers."""
    from opencasb.app import Casb
    from opencasb.model.stream import StreamType
    from opencasb.settings import Settings

    source, path, data = sys.argv[1], Path(sys.argv[2]), Path(sys.argv[3])
    shutil.rmtree(data, ignore_errors=True)
    casb = Casb.open(Settings(data=data, retention_days=0))
    tenant = casb.tenants.create("bench")
    stream = casb.streams.create(tenant.tenant_id, "bench", StreamType.INPUT, source=source)
    link = data / "link.log"
    os.link(path, link)
    casb.intake.enqueue(stream, link, origin="cli", filename=path.name)
    upload = casb.uploads.lease("bench")
    assert upload is not None
    casb.processing.run(upload)
    done = casb.uploads.get(tenant.tenant_id, upload.upload_id)
    assert done is not None
    assert done.state == "done", done.result
    rows = casb.lake.usage(tenant.tenant_id)
    assert rows is not None


if __name__ == "__main__":
    main()
