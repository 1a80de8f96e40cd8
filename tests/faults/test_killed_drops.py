"""Files delivered to folders, by FTP, FTPS, SFTP or object store count once, however often the server is killed.

The moments are random, from a seed. Every run has a few kills; ``FAULT_KILLS=100`` sets their number for each test,
``FAULT_SEED`` changes the moments.
"""

from __future__ import annotations

import ssl
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from opencasb.identity.passwords import hash_password
from tests import object_store
from tests.faults.drop_clients import LOGIN, PASSWORD, Folder, Ftp, Growing, Objects, Sftp
from tests.faults.drops import File, Place, Sender, check, killed_at_random, waiting_in
from tests.server import House, free_port, prepare

GROWN = File(0, 12)

pytestmark = pytest.mark.slow


@pytest.fixture
def house(tmp_path: Path) -> House:
    """A prepared data directory."""
    return prepare(tmp_path / "data")


@pytest.fixture
def login() -> dict[str, str]:
    """A data source's login."""
    return {"login": LOGIN, "password_hash": hash_password(PASSWORD)}


@pytest.fixture
def ports(monkeypatch: pytest.MonkeyPatch) -> dict[str, int]:
    """The ports of FTP and SFTP, which a server keeps across restarts."""
    found = {"ftp": free_port(), "sftp": free_port()}
    monkeypatch.setenv("OPENCASB_FTP_PORT", str(found["ftp"]))
    monkeypatch.setenv("OPENCASB_SFTP_PORT", str(found["sftp"]))
    monkeypatch.setenv("OPENCASB_FTP_PASSIVE_PORTS", "")
    return found


@pytest.fixture
def bucket(monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """The URL of a prefix in an object store that keeps running."""
    with object_store.server() as environment:
        for name, value in environment.items():
            monkeypatch.setenv(name, value)
        yield f"s3://{object_store.BUCKET}/logs/"


def test_files_put_into_a_folder_count_once(house: House, tmp_path: Path) -> None:
    """Files that are renamed into place, and one that is written in place all the time."""
    folder = tmp_path / "logs"
    folder.mkdir()
    client = Folder(folder)
    with closing(Place(house, "folder", str(folder))) as place:
        growing = Growing(folder / "growing.log", GROWN.content)
        sender = Sender(client.deliver)
        try:
            killed_at_random(place)
            assert GROWN.user not in place.report()
        finally:
            growing.end()
            sender.stop()
        check(place, sender, client.waiting, GROWN)


@pytest.mark.parametrize("receiver", ["ftp", "ftps"])
def test_files_sent_by_ftp_count_once(
    house: House, login: dict[str, str], ports: dict[str, int], receiver: str
) -> None:
    """Acknowledged files are counted; an interrupted file is resumed, sent again or given up."""
    context = ssl.create_default_context(cafile=str(house.data / "ca.pem")) if receiver == "ftps" else None
    with closing(Place(house, receiver, **login)) as place, closing(Ftp(ports["ftp"], context)) as client:
        sender = Sender(client.deliver)
        try:
            killed_at_random(place)
        finally:
            sender.stop()
        check(place, sender, lambda: waiting_in(place))
        print(f"{client.resumed} times gone on with a file")  # noqa: T201


def test_files_sent_by_sftp_count_once(house: House, login: dict[str, str], ports: dict[str, int]) -> None:
    """The same for handles whose closing was acknowledged."""
    with closing(Place(house, "sftp", **login)) as place, closing(Sftp(ports["sftp"])) as client:
        sender = Sender(client.deliver)
        try:
            killed_at_random(place)
        finally:
            sender.stop()
        check(place, sender, lambda: waiting_in(place))


def test_objects_count_once(house: House, bucket: str) -> None:
    """Every object is counted, whatever the server's state on its arrival."""
    client = Objects(bucket)
    with closing(Place(house, "object-store", url=bucket)) as place:
        sender = Sender(client.deliver)
        try:
            killed_at_random(place)
        finally:
            sender.stop()
        check(place, sender, lambda: client.waiting(place.taken()))
