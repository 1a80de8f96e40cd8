"""A sender killed in the middle of a file leaves no partial file in the report, by FTP, FTPS or SFTP.

The moments are random, from a seed; ``FAULT_KILLS`` and ``FAULT_SEED`` work as in ``tests/faults/saas_runs.py``.
"""

from __future__ import annotations

import subprocess
import sys
import time
from collections import Counter
from contextlib import closing
from pathlib import Path
from random import Random

import pytest

from opencasb.identity.passwords import hash_password
from tests.faults.drop_clients import PASSWORD, PIECE_SECONDS, pieces
from tests.faults.drops import File, Place, waiting_in
from tests.faults.saas_runs import KILLS, SEED
from tests.server import eventually, free_port, prepare

pytestmark = pytest.mark.slow

SENDER = """
import ssl, sys
from tests.faults.drop_clients import Ftp, Sftp
from tests.faults.drops import File

receiver, port, ca, number, lines = sys.argv[1:]
context = ssl.create_default_context(cafile=ca) if receiver == "ftps" else None
client = Sftp(int(port), receiver) if receiver == "sftp" else Ftp(int(port), receiver, context)
file = File(int(number), int(lines))
client.connect()
print("connected", flush=True)
print("told" if client.deliver(file, file.content) else "lost", flush=True)
sys.stdin.read()
"""
"""The program that sends a file and waits to be killed."""


@pytest.mark.parametrize("receiver", ["ftp", "ftps", "sftp"])
def test_half_a_file_is_none(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, receiver: str) -> None:
    """Acknowledged files are counted once; unacknowledged ones are counted completely or not at all."""
    port = free_port()
    monkeypatch.setenv(f"OPENCASB_{'SFTP' if receiver == 'sftp' else 'FTP'}_PORT", str(port))
    monkeypatch.setenv("OPENCASB_FTP_PASSIVE_PORTS", "")
    house = prepare(tmp_path / "data")
    chance, told, untold = Random(SEED), list[File](), list[File]()  # noqa: S311 -- which moments, not which secrets
    with closing(Place(house)) as place:
        stream_id = place.add(receiver, login=receiver, password_hash=hash_password(PASSWORD))
        place.start()
        place.server.wait()
        for number in range(1, KILLS + 1):
            file = File(number, 40)
            (told if killed(receiver, port, house.data / "ca.pem", file, chance) else untold).append(file)
        eventually(lambda: not waiting_in(place, stream_id) and place.idle())
        found = place.report()
    whole = [file for file in untold if file.user in found]
    assert found == {file.user: file.counted for file in (*told, *whole)}
    print(f"\n{KILLS} kills of senders by {receiver}, seed {SEED}: {dict(Counter(told=len(told), half=len(untold)))}")  # noqa: T201


def killed(receiver: str, port: int, authority: Path, file: File, chance: Random) -> bool:
    """Kill a sender at a random moment of a file; returns whether the file had been acknowledged."""
    words = [receiver, str(port), str(authority), str(file.number), str(file.lines)]
    command = [sys.executable, "-c", SENDER, *words]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as sender:
        assert sender.stdout is not None
        assert sender.stdout.readline() == "connected\n"
        time.sleep(chance.uniform(0, 1.3) * len(pieces(file.content)) * PIECE_SECONDS)
        sender.kill()
        return sender.stdout.read() == "told\n"
