"""An intake with its stores, for tests of incoming log files."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import AsyncIterator, Callable
from pathlib import Path

from opencasb.discovery.intake import Intake
from opencasb.store.database import Database
from opencasb.store.governance import GovernanceLog
from opencasb.store.streams import Streams
from opencasb.store.uploads import Uploads

TENANT = 88812345
LOG = b"1763640000.123 5 10.0.0.1 TCP_MISS/200 10 GET http://a.example/ - DIRECT/1.2.3.4 -\n"


class House:
    """An intake with its stores."""

    def __init__(self, database: Database, folder: Path, clock: Callable[[], int]) -> None:
        self.uploads = Uploads(database, clock)
        self.streams = Streams(database, clock)
        self.governance_log = GovernanceLog(database, clock)
        self.folder = folder
        self.now = clock()
        self.intake = Intake(
            folder,
            self.uploads,
            self.streams,
            self.governance_log,
            max_bytes=1000,
            clock=lambda: self.now,
        )

    def url(self) -> str:
        """Open an upload and return its URL."""
        return self.intake.upload_url(TENANT, "a.log", "squid_native", "https://casb.example")

    def put(self, url: str, *chunks: bytes) -> None:
        """Upload a file in chunks."""
        blob = self.intake.blob(secret_of(url))
        assert blob is not None
        asyncio.run(blob.put(stream_of(*chunks)))

    def stored(self) -> bytes:
        """Return the only stored file."""
        (folder,) = self.folder.iterdir()
        upload = self.uploads.get(TENANT, folder.name)
        assert upload is not None
        found = self.intake.file(upload).read_bytes()
        assert (len(found), hashlib.sha256(found).hexdigest()) == (upload.size, upload.digest)
        return found


def secret_of(url: str) -> str:
    """Return the secret in an upload URL."""
    return url.rpartition("/")[2].partition("?")[0]


async def stream_of(*chunks: bytes) -> AsyncIterator[bytes]:
    """Yield chunks like a request body."""
    for chunk in chunks:
        yield chunk
