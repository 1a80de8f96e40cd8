"""A server killed while a second file arrives at an upload URL keeps the first file, or has the second."""

from __future__ import annotations

import asyncio
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from opencasb.app import Casb
from opencasb.settings import load
from tests.discovery.receiving import secret_of, stream_of

FIRST, SECOND = b"first\n" * 1000, b"second\n" * 2000

SECOND_PUT = """
import asyncio, os, signal, sys
from pathlib import Path
import sqlalchemy as sa
from opencasb.app import Casb
from opencasb.discovery import blob
from opencasb.settings import load

data, secret, moment = sys.argv[1:]
casb = Casb.open(load(data))

def die(*_, **__):
    os.kill(os.getpid(), signal.SIGKILL)

async def content():
    yield b"second\\n" * 1000
    if moment == "half":
        die()
    yield b"second\\n" * 1000

target = casb.intake.blob(secret)
replace, sync_folder = Path.replace, blob.sync_folder
match moment:
    case "written":
        Path.replace = die
    case "renamed":
        Path.replace = lambda path, to: (replace(path, to), die())
    case "synced":
        blob.sync_folder = lambda folder: (sync_folder(folder), die())
    case "committing":
        sa.event.listen(casb.database.engine, "commit", die)
asyncio.run(target.put(content()))
die()
"""
"""The program that receives the second file and is killed at a given moment."""


@pytest.mark.parametrize("moment", ["half", "written", "renamed", "synced", "committing", "committed"])
def test_the_row_and_the_file_always_agree(tmp_path: Path, moment: str) -> None:
    """The file has the digest and size in the row; it is the second one only after the commit."""
    casb = Casb.open(load(tmp_path))
    tenant_id = casb.tenants.create("Example").tenant_id
    url = casb.intake.upload_url(tenant_id, "a.log", "SQUID_NATIVE", "https://casb.example")
    first = casb.intake.blob(secret_of(url))
    assert first is not None
    asyncio.run(first.put(stream_of(FIRST)))
    casb.close()
    command = [sys.executable, "-c", SECOND_PUT, str(tmp_path), secret_of(url), moment]
    assert subprocess.run(command, check=False, capture_output=True).returncode == -signal.SIGKILL
    restarted = Casb.open(load(tmp_path))
    restarted.intake.done(tenant_id, url)
    leased = restarted.uploads.lease("next")
    assert leased is not None
    found = restarted.intake.file(leased).read_bytes()
    assert found == (SECOND if moment == "committed" else FIRST)
    assert leased.size == len(found)
    restarted.close()
