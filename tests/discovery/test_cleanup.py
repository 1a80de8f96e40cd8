"""Leftovers of uploads are deleted in time, but nothing that is still needed."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest

from opencasb.app import Casb
from opencasb.discovery import cleanup
from opencasb.discovery.cleanup import ENDED_MS, SEGMENT_MS, UNFINISHED_MS, Removed
from opencasb.discovery.intake import URL_LIFETIME_MS
from opencasb.model.stream import Stream, StreamType
from opencasb.settings import Settings
from opencasb.store.uploads import SYSLOG, Upload
from tests.discovery.queue import enqueue, run_next, transactions
from tests.discovery.receiving import secret_of, stream_of
from tests.identity.standin import HandClock

LINE = b"1763639940.000 5 10.0.0.1 TCP_MISS/200 100 GET http://www.dropbox.com/ ana HIER_DIRECT/162.125.1.1 -\n"


class House:
    """An installation with one data source and a manual clock."""

    def __init__(self, folder: Path) -> None:
        self.clock = HandClock()
        self.casb = Casb.open(Settings(data=folder, retention_days=0), self.clock)
        self.tenant_id = self.casb.tenants.create("Example").tenant_id
        self.source = self.casb.streams.create(self.tenant_id, "edge", StreamType.INPUT, source="SQUID_NATIVE")

    def begin(self, *chunks: bytes) -> str:
        """Request an upload URL, upload a file if given, and return the URL."""
        url = self.casb.intake.upload_url(self.tenant_id, "a.log", "SQUID_NATIVE", "https://casb.example")
        blob = self.casb.intake.blob(secret_of(url))
        assert blob is not None
        if chunks:
            asyncio.run(blob.put(stream_of(*chunks)))
        return url

    def process(self, origin: str = "folder") -> Upload:
        """Process a file from a receiver through the queue."""
        enqueue(self.casb, LINE, self.source, origin)
        return run_next(self.casb)

    def remove(self) -> Removed:
        """Remove what is left over now."""
        return cleanup.remove_uploads(self.casb.uploads, self.casb.intake.root, self.clock.now)

    def log_files(self) -> int:
        """Return the number of files counted for the source."""
        found = self.casb.streams.get(self.tenant_id, self.source.stream_id)
        assert isinstance(found, Stream)
        return found.log_files


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    """An installation."""
    made = House(tmp_path)
    yield made
    made.casb.close()


def test_an_upload_without_step_three_goes_after_its_url(house: House) -> None:
    """The file is kept for twice the URL's lifetime; then row and file are deleted and the URL is unknown."""
    url = house.begin(LINE)
    house.begin()
    house.clock.now += UNFINISHED_MS
    assert house.remove() == Removed(0, 0, 0)
    house.clock.now += 1
    assert house.remove() == Removed(unfinished=2, ended=0, folders=1)
    assert list(house.casb.intake.root.iterdir()) == []
    assert house.casb.intake.blob(secret_of(url)) is None


def test_a_received_file_can_be_finished_as_long_as_its_url_lives(house: House) -> None:
    """It is not removed before step 3 is possible."""
    url = house.begin(LINE)
    house.clock.now += URL_LIFETIME_MS
    house.remove()
    house.casb.intake.done(house.tenant_id, url, stream_name="edge")
    house.clock.now += 10 * UNFINISHED_MS
    assert house.remove() == Removed(0, 0, 0)
    run_next(house.casb)
    assert transactions(house.casb) == 1


def test_files_of_an_ended_or_unknown_upload_go(house: House) -> None:
    """A worker killed after the last step leaves its file; other directories are not ours."""
    upload = house.process()
    root = house.casb.intake.root
    for name in (upload.upload_id, "0" * 24, "notes"):
        (root / name / "blocks").mkdir(parents=True)
        (root / name / "blob").write_bytes(LINE)
    assert house.remove() == Removed(unfinished=0, ended=0, folders=2)
    assert [path.name for path in root.iterdir()] == ["notes"]


def test_rows_of_ended_uploads_go_by_age(house: House) -> None:
    """A segment's after a day, a file's after thirty."""
    segment, file = house.process(SYSLOG), house.process()
    seen = []
    for wait in (SEGMENT_MS, 1, ENDED_MS - SEGMENT_MS - 1, 1):
        house.clock.now += wait
        house.remove()
        seen.append([house.casb.uploads.get(house.tenant_id, each.upload_id) is not None for each in (segment, file)])
    assert seen == [[True, True], [False, True], [False, True], [False, False]]


def test_the_same_file_counts_once_without_its_row(house: House) -> None:
    """The lake knows the batch, so the row is not needed."""
    house.process()
    house.clock.now += ENDED_MS + 1
    assert house.remove().ended == 1
    house.process()
    assert (transactions(house.casb), house.log_files()) == (1, 2)


def test_nothing_to_remove_is_no_error(house: House) -> None:
    """A new installation has no upload directory yet."""
    assert house.remove() == Removed(0, 0, 0)
