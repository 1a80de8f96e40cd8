"""The object-store receiver: each version of an object is taken once."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import obstore
import pytest
from obstore.store import from_url

from opencasb.discovery.receivers.attempts import Attempts
from opencasb.discovery.receivers.objects import ObjectWatch, checked_url, open_store
from opencasb.store.database import Database
from opencasb.store.taken_objects import TakenObjects
from tests import object_store

SOURCE = (1, "a" * 24)


@pytest.fixture(scope="module")
def _environment() -> Iterator[None]:
    """The environment of a server whose logs are in a local bucket."""
    with object_store.server() as environment, pytest.MonkeyPatch.context() as patched:
        for name in [name for name in os.environ if name.startswith("AWS_")]:
            patched.delenv(name)
        for name, value in environment.items():
            patched.setenv(name, value)
        yield


class Taken:
    """The objects handed over by a watch of a prefix."""

    def __init__(self, url: str, database: Database, folder: Path) -> None:
        self.files: list[tuple[str, bytes, str]] = []
        self._url = url
        self._objects = TakenObjects(database)
        self._folder = folder

    def poll(self) -> int:
        """Poll like a new process."""
        return ObjectWatch(SOURCE, open_store(self._url), self._objects, self._folder, self._take).poll()

    def _take(self, path: Path, name: str, upload_id: str) -> None:
        self.files.append((name, path.read_bytes(), upload_id))


@pytest.mark.usefixtures("_environment")
def test_each_object_is_taken_once(database: Database, tmp_path: Path) -> None:
    """Even by the next process; a changed object is taken again, an empty one or one with another prefix never."""
    url = f"s3://{object_store.BUCKET}/{tmp_path.name}/logs"
    bucket, taken = from_url(url), Taken(url, database, tmp_path)
    assert taken.poll() == 0
    obstore.put(bucket, "2025/a.log.gz", b"one")
    obstore.put(bucket, "empty.log", b"")
    obstore.put(from_url(f"s3://{object_store.BUCKET}/{tmp_path.name}"), "logs2/b.log", b"other")
    assert [taken.poll(), taken.poll(), Taken(url, database, tmp_path).poll()] == [1, 0, 0]
    obstore.put(bucket, "2025/a.log.gz", b"one and two")
    obstore.put(bucket, "b.log", b"three")
    assert [taken.poll(), taken.poll()] == [2, 0]
    assert [file[:2] for file in taken.files[:1]] == [("a.log.gz", b"one")]
    assert sorted(file[:2] for file in taken.files[1:]) == [("a.log.gz", b"one and two"), ("b.log", b"three")]
    assert len({upload_id for *_, upload_id in taken.files}) == 3
    obstore.delete(bucket, "b.log")
    assert taken.poll() == 0
    assert TakenObjects(database).all(*SOURCE).keys() == {"2025/a.log.gz"}


@pytest.mark.usefixtures("_environment")
def test_an_object_that_was_handed_over_before_a_kill_is_the_same_upload(database: Database, tmp_path: Path) -> None:
    """It was not recorded, so it is handed over again under the same id."""
    url = f"s3://{object_store.BUCKET}/{tmp_path.name}"
    obstore.put(from_url(url), "a.log", b"one")
    ids: list[str] = []

    def killed(_path: Path, _name: str, upload_id: str) -> None:
        ids.append(upload_id)
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        ObjectWatch(SOURCE, open_store(url), TakenObjects(database), tmp_path, killed).poll()
    taken = Taken(url, database, tmp_path)
    taken.poll()
    assert [upload_id for *_, upload_id in taken.files] == ids


@pytest.mark.usefixtures("_environment")
def test_an_object_that_cannot_be_taken_keeps_no_other_back(database: Database, tmp_path: Path) -> None:
    """It is reported once, and taken later; a new version is tried at once."""
    url = f"s3://{object_store.BUCKET}/{tmp_path.name}"
    attempts, names = Attempts(now=lambda: 0), []

    def take(path: Path, name: str, _id: str) -> None:
        if path.read_bytes() == b"broken":
            raise ValueError(name)
        names.append(name)

    def poll() -> int:
        return ObjectWatch(SOURCE, open_store(url), TakenObjects(database), tmp_path, take, attempts).poll()

    for name, content in (("a.log", b"broken"), ("b.log", b"two")):
        obstore.put(from_url(url), name, content)
    with pytest.raises(ValueError, match=r"a\.log"):
        poll()
    assert (names, poll()) == (["b.log"], 0)
    obstore.put(from_url(url), "a.log", b"whole")
    assert (poll(), names) == (1, ["b.log", "a.log"])


@pytest.mark.parametrize("url", ["", "logs", "s3://", "file:///etc", "http://169.254.169.254/", "memory:///x"])
def test_only_prefixes_of_object_stores_are_watched(url: str) -> None:
    """Neither local files nor addresses in the local network."""
    with pytest.raises(ValueError, match="bucket and a prefix"):
        checked_url(url)
