"""The packaged PostgreSQL with its own cluster in the work folder, durable as in production."""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from tests.postgres import binaries

SETTINGS: Final = {
    "shared_buffers": "2GB",
    "effective_cache_size": "12GB",
    "work_mem": "32MB",
    "maintenance_work_mem": "512MB",
    "max_wal_size": "8GB",
    "random_page_cost": "1.1",
}
"""Settings that differ from the server's defaults; ``fsync`` and ``synchronous_commit`` stay on."""

_CPU_FIELDS: Final = slice(11, 15)
"""utime, stime, cutime and cstime in ``/proc/<pid>/stat``, counted after the program name."""


@dataclass(frozen=True, slots=True)
class Cluster:
    """A running server: the folder of its socket and its main process id."""

    socket: Path
    pid: int

    def url(self, name: str, *, fresh: bool = False) -> str:
        """Return the URL of a database, created if missing; a ``fresh`` one is always recreated."""
        import psycopg

        where = f"host={self.socket} user=casb"
        with psycopg.connect(f"{where} dbname=postgres", autocommit=True) as connection:
            if fresh:
                connection.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
            if not connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name]).fetchone():
                connection.execute(f'CREATE DATABASE "{name}"')
        with psycopg.connect(f"{where} dbname={name}", autocommit=True) as connection:
            connection.execute("CREATE EXTENSION IF NOT EXISTS pg_trgm")
        return f"postgresql+psycopg://casb@/{name}?host={self.socket}"

    def cpu(self) -> float:
        """Return the CPU seconds of the server's processes so far, 0 where the system does not provide them."""
        try:
            children = Path(f"/proc/{self.pid}/task/{self.pid}/children").read_text().split()
        except OSError:
            return 0.0
        return sum(_cpu(pid) for pid in (str(self.pid), *children))


def _cpu(pid: str) -> float:
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:  # it has ended, and now counts as a child of the main process
        return 0.0
    return sum(map(int, fields[_CPU_FIELDS])) / os.sysconf("SC_CLK_TCK")


@contextmanager
def cluster(data: Path) -> Iterator[Cluster]:
    """Run the server of the cluster in ``data``, which is created on first use."""
    programs = binaries()
    if programs is None:
        raise SystemExit("PostgreSQL is not installed; use --engine sqlite, or --url for a server of yours")
    owner = "postgres" if os.geteuid() == 0 else None  # the server refuses to run as root
    socket = Path(tempfile.mkdtemp(prefix="bench-pg-"))  # the socket path has to be short

    def run(*command: str) -> None:
        group = pwd.getpwnam(owner).pw_gid if owner else None
        words = [str(programs / command[0]), *command[1:]]
        done = subprocess.run(words, cwd=socket, capture_output=True, text=True, check=False, user=owner, group=group)
        if done.returncode != 0:
            raise RuntimeError(f"{' '.join(command)}: {done.stdout}{done.stderr}")

    if owner:
        shutil.chown(socket, owner, owner)
    if not (data / "PG_VERSION").exists():
        data.mkdir(parents=True, exist_ok=True)
        if owner:
            shutil.chown(data, owner, owner)
        run("initdb", "-D", str(data), "-U", "casb", "-A", "trust", "-E", "UTF8", "--no-instructions")
    settings = " ".join(f"-c {name}={value}" for name, value in SETTINGS.items())
    options = f"-k {socket} -c listen_addresses= {settings}"
    run("pg_ctl", "-D", str(data), "-o", options, "-l", str(socket / "log"), "-t", "600", "-w", "start")
    try:
        yield Cluster(socket, int((data / "postmaster.pid").read_text().split()[0]))
    finally:
        run("pg_ctl", "-D", str(data), "-m", "fast", "-t", "600", "-w", "stop")
        shutil.rmtree(socket, ignore_errors=True)
