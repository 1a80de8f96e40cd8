"""After a worker is killed anywhere, the next one only adds what is missing (design rule 5)."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from opencasb.app import Casb
from opencasb.settings import load
from opencasb.store.lease_owner import is_gone
from opencasb.store.uploads import Upload
from opencasb.upkeep import remove_leftovers
from tests.discovery.logs import squid
from tests.discovery.queue import enqueue, transactions

LINES = 200
KILLED_WORKER = """
import os, signal, sys
from pathlib import Path
from opencasb.app import Casb
from opencasb.settings import load
from opencasb.discovery.processing import Processing
from opencasb.discovery.worker import Worker
from opencasb.lake.usage import Lake
from opencasb.store.governance import GovernanceLog
from opencasb.store.uploads import Uploads

owner = {"Lake": Lake, "GovernanceLog": GovernanceLog, "Uploads": Uploads}[sys.argv[2]]
name, when = sys.argv[3:5]
original = getattr(owner, name)

def killed(*arguments, **named):
    if when == "after":
        original(*arguments, **named)
    os.kill(os.getpid(), signal.SIGKILL)

setattr(owner, name, killed)
casb = Casb.open(load(Path(sys.argv[1])))
import socket
upload = casb.uploads.lease(f"{socket.gethostname()}:{os.getpid()}")
casb.processing.run(upload)
"""


@pytest.fixture
def casb(tmp_path: Path) -> Iterator[Casb]:
    """An installation with one tenant."""
    opened = Casb.open(load(tmp_path))
    opened.tenants.create("Example")
    yield opened
    opened.close()


def queued(casb: Casb) -> Upload:
    """Queue a log with LINES transactions of five users."""
    return enqueue(casb, squid(LINES, when=casb.clock() / 1000 - 3600))


@pytest.mark.parametrize(
    ("owner", "name", "when"),
    [
        ("Lake", "append", "before"),
        ("Lake", "append", "after"),
        ("GovernanceLog", "finish", "before"),
        ("GovernanceLog", "finish", "after"),
        ("Uploads", "finish", "before"),
        ("Uploads", "finish", "after"),
    ],
)
def test_every_line_counts_once_wherever_the_worker_is_killed(casb: Casb, owner: str, name: str, when: str) -> None:
    """Killed before or after any durable step, the upload still ends as done, counted once, with one result."""
    upload = queued(casb)
    command = [sys.executable, "-c", KILLED_WORKER, str(casb.settings.data), owner, name, when]
    done = subprocess.run(command, check=False, env={**os.environ}, capture_output=True)
    assert done.returncode == -signal.SIGKILL, done.stderr.decode()
    casb.uploads.release(is_gone)
    while leased := casb.uploads.lease("next"):
        casb.processing.run(leased)
    ended = casb.uploads.get(upload.tenant_id, upload.upload_id)
    assert ended is not None
    assert ended.state == "done", ended.result
    assert transactions(casb) == LINES
    records, _ = casb.governance_log.page(upload.tenant_id)
    parses = [record for record in records if record["taskName"] == "DiscoveryParseLogTask"]
    assert [record["status"]["isSuccess"] for record in parses] == [True]
    stream = casb.streams.by_name(upload.tenant_id, "edge")
    assert stream is not None
    assert stream.log_files == 1


def test_a_file_left_by_a_kill_goes_with_the_next_upkeep(casb: Casb) -> None:
    """Killed between the end of an upload and the deletion of its file, it stays counted and the file is deleted."""
    upload = queued(casb)
    command = [sys.executable, "-c", KILLED_WORKER, str(casb.settings.data), "Uploads", "finish", "after"]
    assert subprocess.run(command, check=False, capture_output=True).returncode == -signal.SIGKILL
    assert any(casb.intake.folder(upload).glob("blob-*"))
    restarted = Casb.open(load(casb.settings.data))
    remove_leftovers(restarted)
    assert not restarted.intake.folder(upload).exists()
    assert restarted.uploads.lease("next") is None
    assert transactions(restarted) == LINES
    restarted.close()


def test_the_same_file_again_changes_nothing(casb: Casb) -> None:
    """A second upload of the same bytes to the same source ends as done, and counts nothing."""
    first = queued(casb)
    (stored,) = casb.intake.folder(first).glob("blob-*")
    enqueue(casb, stored.read_bytes())
    while leased := casb.uploads.lease("me"):
        casb.processing.run(leased)
    assert transactions(casb) == LINES
    assert casb.uploads.queued() == 0
