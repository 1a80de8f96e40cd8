"""A temporary PostgreSQL server for the test session: the packaged server with its own cluster and a Unix socket."""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import parse_qs, urlsplit


def binaries() -> Path | None:
    """Return the folder of the newest installed server's programs, or None."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/postgres"), key=lambda path: int(path.parts[4]))
    return found[-1].parent if found else None


@contextmanager
def server() -> Iterator[str]:
    """Run a server and yield the URL of its empty database ``casb`` with pg_trgm."""
    folder = Path(tempfile.mkdtemp(prefix="casb-pg-"))
    if os.geteuid() == 0:  # the server refuses to run as root
        shutil.chown(folder, "postgres", "postgres")
    _run(folder, "initdb", "-D", "data", "-U", "casb", "-A", "trust", "-E", "UTF8", "--no-sync", "--no-instructions")
    options = f"-k {folder} -c listen_addresses= -c fsync=off -c max_connections=60"
    _run(folder, "pg_ctl", "-D", "data", "-o", options, "-l", "log", "-w", "start")
    try:
        _run(folder, "createdb", "-h", str(folder), "-U", "casb", "casb")
        _run(folder, "psql", "-h", str(folder), "-U", "casb", "-d", "casb", "-qc", "create extension pg_trgm")
        yield f"postgresql+psycopg://casb@/casb?host={folder}"
    finally:
        _run(folder, "pg_ctl", "-D", "data", "-m", "immediate", "-w", "stop")
        shutil.rmtree(folder, ignore_errors=True)


def crash(url: str) -> None:
    """End all processes of the server of a database at once, and start it again, which recovers it from its log."""
    folder = Path(parse_qs(urlsplit(url).query)["host"][0])
    _run(folder, "pg_ctl", "-D", "data", "-m", "immediate", "-l", "log", "-w", "restart")


def _run(folder: Path, *command: str) -> None:
    """Run a program of the server in its folder."""
    programs = binaries()
    assert programs is not None
    as_root = os.geteuid() == 0
    done = subprocess.run(
        [str(programs / command[0]), *command[1:]],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
        user="postgres" if as_root else None,
        group=pwd.getpwnam("postgres").pw_gid if as_root else None,
    )
    assert done.returncode == 0, f"{command}: {done.stdout}{done.stderr}"
