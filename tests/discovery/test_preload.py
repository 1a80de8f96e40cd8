"""Preloading imports what reading a log needs."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from opencasb.app import Casb
from opencasb.settings import load
from tests.discovery.logs import squid

PROGRAM = """
import sys
from pathlib import Path

from opencasb.app import Casb
from opencasb.discovery.preload import preload
from opencasb.model.stream import StreamType
from opencasb.settings import load

data, log = map(Path, sys.argv[1:])
casb = Casb.open(load(data, retention_days=0))
tenant = casb.tenants.create("contoso").tenant_id
stream = casb.streams.create(tenant, "one", StreamType.SNAPSHOT, source="SQUID_NATIVE")
casb.intake.enqueue(stream, log, origin="cli", filename=log.name, keep=True)
preload("SQUID_NATIVE").join()
known = set(sys.modules)
upload = casb.uploads.lease("me")
casb.processing.run(upload)
assert casb.uploads.get(tenant, upload.upload_id).state == "done"
print(*sorted(name for name in set(sys.modules) - known if name.partition(".")[0] in {"opencasb", "deltalake"}))
seldom = {"alembic", "opencasb.activities", "opencasb.filters.tree", "opencasb.store.records", "rich", "structlog"}
print(*sorted(seldom & set(sys.modules)))
"""


def test_nothing_is_left_to_load_and_nothing_in_vain(tmp_path: Path) -> None:
    """None of our own modules or the lake's is imported afterwards, and nothing that few logs or commands need.

    Together, those would take as long to load as a hundred thousand lines to parse.
    """
    Casb.open(load(tmp_path / "data")).close()  # migrates it, which loads more
    log = tmp_path / "proxy.log"
    log.write_bytes(squid())
    command = [sys.executable, "-c", PROGRAM, str(tmp_path / "data"), str(log)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert done.stdout.split() == []


def test_a_command_that_ends_at_once_ends_in_silence() -> None:
    """After the program has ended, Python imports nothing more, and no traceback is printed."""
    program = "from opencasb.discovery.preload import preload; preload('SQUID_NATIVE')"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stderr == ""
