"""The queue of an installation with one tenant: log files are queued and processed one at a time."""

from __future__ import annotations

from typing import Any

import polars as pl

from opencasb.app import Casb
from opencasb.model.stream import Stream, StreamType
from opencasb.store.uploads import Upload


def source_of(casb: Casb, **fields: Any) -> Stream:
    """Return the data source ``edge``, created with these fields if missing."""
    (tenant,) = casb.tenants.all()
    return casb.streams.obtain(tenant.tenant_id, "edge", StreamType.INPUT, **{"source": "SQUID_NATIVE", **fields})


def enqueue(casb: Casb, content: bytes, stream: Stream | None = None, origin: str = "api") -> Upload:
    """Queue a file, by default for ``edge``."""
    path = casb.settings.data / "received"
    path.write_bytes(content)
    return casb.intake.enqueue(stream or source_of(casb), path, origin=origin, filename="a.log")


def lease(casb: Casb) -> Upload:
    """Lease the next upload."""
    upload = casb.uploads.lease("me")
    assert upload is not None
    return upload


def run_next(casb: Casb) -> Upload:
    """Process the next upload; return it in its final state."""
    upload = lease(casb)
    casb.processing.run(upload)
    ended = casb.uploads.get(upload.tenant_id, upload.upload_id)
    assert ended is not None
    return ended


def transactions(casb: Casb) -> int:
    """Return the number of transactions in the lake."""
    (tenant,) = casb.tenants.all()
    rows = casb.lake.usage(tenant.tenant_id)
    return int(rows.select(pl.col("transactions").sum()).collect().item())
