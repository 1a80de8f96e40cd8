"""Where logs are parsed: in threads, in processes that may be killed, or on a remote scheduler."""

from __future__ import annotations

import signal
import subprocess
import sys
from concurrent.futures import BrokenExecutor, Future, ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from opencasb import processors
from opencasb.app import Casb
from opencasb.settings import Settings
from opencasb.store.uploads import Upload
from tests.discovery.logs import squid
from tests.discovery.queue import enqueue, lease

SERVER = """
import sys, time
from pathlib import Path
from opencasb.processors import Processors
from opencasb.settings import Settings

pool = Processors(Settings(data=Path(sys.argv[1]), executor="process", workers=1))
pool._pool.submit(time.sleep, 0).result()
print("at work", flush=True)
time.sleep(600)
"""


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """Logs are parsed in threads."""
    return Settings(data=tmp_path, executor="thread")


def leased(casb: Casb) -> Upload:
    """Queue a log of twenty lines and lease it."""
    enqueue(casb, squid())
    return lease(casb)


def test_an_upload_is_processed_in_the_pool(casb: Casb) -> None:
    """The upload is done when the future is."""
    upload = leased(casb)
    pool = processors.Processors(casb.settings)
    pool(upload).result(60)
    pool.close()
    ended = casb.uploads.get(upload.tenant_id, upload.upload_id)
    assert ended is not None
    assert ended.state == "done"


def test_a_terminal_interrupts_the_server_alone(tmp_path: Path) -> None:
    """Worker processes ignore SIGINT and end with the server, without tracebacks of their own."""
    pool = processors.Processors(Settings(data=tmp_path, executor="process", workers=1))
    handler = pool._pool.submit(signal.getsignal, signal.SIGINT).result(60)
    pool.close()
    assert handler == signal.SIG_IGN


def test_processes_end_with_a_server_that_is_killed(tmp_path: Path) -> None:
    """Nothing else would end them; they would wait for work forever, each with 200 MB."""
    command = [sys.executable, "-c", SERVER, str(tmp_path)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as server:
        assert server.stdout is not None
        assert server.stdout.readline() == "at work\n"
        server.kill()
        assert server.communicate(timeout=60)[0] == ""  # end of file comes when all processes with the pipe have ended


class _Broken(ThreadPoolExecutor):
    """A pool whose process was killed."""

    def submit(self, *_arguments: Any, **_named: Any) -> Future[Any]:  # for any task
        raise BrokenExecutor


def test_a_broken_pool_is_replaced(casb: Casb, monkeypatch: pytest.MonkeyPatch) -> None:
    """The next upload after a killed process is processed normally."""
    pools = [ThreadPoolExecutor, _Broken]

    def made(*arguments: Any, **named: Any) -> ThreadPoolExecutor:
        return pools.pop()(*arguments, **named)

    monkeypatch.setattr(processors, "ThreadPoolExecutor", made)
    pool = processors.Processors(casb.settings)
    assert pool(leased(casb)).result(60) is None
    pool.close()
    assert pools == []


def test_a_dask_address_needs_its_package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The message names the setting and what to install."""
    monkeypatch.setitem(sys.modules, "distributed", None)
    with pytest.raises(SystemExit, match=r"setting executor: 'tcp://dask:8786' needs the package distributed"):
        processors.Processors(Settings(data=tmp_path, executor="tcp://dask:8786"))
