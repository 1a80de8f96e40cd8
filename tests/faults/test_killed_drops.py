"""Files delivered to folders, by FTP, FTPS, SFTP or object store count once, however often the server is killed.

The moments are random, from a seed. Every run has a few kills; ``FAULT_KILLS=100`` sets their number, ``FAULT_SEED``
changes the moments.
"""

from __future__ import annotations

import os
import ssl
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from opencasb.identity.passwords import hash_password
from tests import object_store
from tests.faults.drop_clients import PASSWORD, Folder, Ftp, Growing, Objects, Sftp
from tests.faults.drops import File, Place, Sender, check, killed_at_random, waiting_in
from tests.server import free_port, prepare

GROWN = File(0, 12)

pytestmark = pytest.mark.slow


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Place]:
    """An installation that keeps its ports when restarted."""
    for receiver in ("FTP", "SFTP"):
        monkeypatch.setenv(f"OPENCASB_{receiver}_PORT", str(free_port()))
    monkeypatch.setenv("OPENCASB_FTP_PASSIVE_PORTS", "")
    with closing(Place(prepare(tmp_path / "data"))) as made:
        yield made


@pytest.fixture
def bucket(monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """The URL of a prefix in an object store that keeps running."""
    with object_store.server() as environment:
        for name, value in environment.items():
            monkeypatch.setenv(name, value)
        yield f"s3://{object_store.BUCKET}/logs/"


def test_files_count_once_whichever_way_they_come(place: Place, bucket: str, tmp_path: Path) -> None:
    """Every file whose sender got an acknowledgement is counted, with five kinds of sender at once.

    In the folder, files are renamed into place, and one is written in place all the time. Over FTP and FTPS, an
    interrupted file is resumed, sent again or given up; SFTP acknowledges a file when its handle is closed. An object
    counts whatever the server was doing when it was stored.
    """
    folder = tmp_path / "logs"
    folder.mkdir()
    context = ssl.create_default_context(cafile=str(place.house.data / "ca.pem"))
    ftp_port, sftp_port = (int(os.environ[f"OPENCASB_{name}_PORT"]) for name in ("FTP", "SFTP"))
    place.add("folder", str(folder))
    objects_id = place.add("object-store", url=bucket)
    logins = ("ftp", "ftps", "sftp")
    by_login = [place.add(name, login=name, password_hash=hash_password(PASSWORD)) for name in logins]
    files, objects = Folder(folder), Objects(bucket)

    def waiting() -> bool:
        left = any(waiting_in(place, each) for each in by_login)
        return left or files.waiting() or objects.waiting(place.taken(objects_id))

    place.start()
    with (
        closing(Ftp(ftp_port, "ftp")) as ftp,
        closing(Ftp(ftp_port, "ftps", context)) as ftps,
        closing(Sftp(sftp_port, "sftp")) as sftp,
        Growing(folder / "growing.log", GROWN.content),
    ):
        clients: dict[str, Folder | Ftp | Sftp | Objects] = {
            "folder": files,
            "ftp": ftp,
            "ftps": ftps,
            "sftp": sftp,
            "object": objects,
        }
        senders = [Sender(name, client.deliver) for name, client in clients.items()]
        try:
            killed_at_random(place)
            assert GROWN.user not in place.report()
        finally:
            for sender in senders:
                sender.stop()
    check(place, senders, waiting, GROWN)
