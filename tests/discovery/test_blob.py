"""The file behind an upload URL: pieces of any size, in any order, and never a partial file."""

from __future__ import annotations

import asyncio
import errno
import hashlib
import threading
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import sqlalchemy as sa

from opencasb.discovery import blob as blob_module
from opencasb.discovery.blob import Blob, BlobClosed, BlobTooLarge, IntakeError
from opencasb.model.stream import API_UPLOAD
from tests.discovery.receiving import LOG, TENANT, House, secret_of, stream_of


def opened(house: House, url: str) -> Blob:
    """Return the file of a URL."""
    found = house.intake.blob(secret_of(url))
    assert found is not None
    return found


def test_blocks_are_joined_in_the_order_of_the_list(house: House) -> None:
    """Block-blob uploads arrive in any order and are joined according to their list."""
    url = house.url()
    blob = opened(house, url)
    asyncio.run(blob.put_block("Yg==", stream_of(LOG[40:])))
    asyncio.run(blob.put_block("YQ==", stream_of(LOG[:40])))
    with pytest.raises(IntakeError, match="Yw=="):
        asyncio.run(blob.commit(["YQ==", "Yw=="]))
    asyncio.run(blob.commit(["YQ==", "Yg=="]))
    assert house.stored() == LOG
    house.intake.done(TENANT, url)


def test_a_list_of_blocks_can_be_sent_again(house: House) -> None:
    """A client that missed the response repeats the list.

    Another list needs its blocks; new blocks replace the file.
    """
    url = house.url()
    blob = opened(house, url)
    asyncio.run(blob.put_block("YQ==", stream_of(LOG)))
    for _ in range(2):
        asyncio.run(blob.commit(["YQ=="]))
        assert house.stored() == LOG
    with pytest.raises(IntakeError, match="YQ=="):
        asyncio.run(blob.commit(["YQ==", "YQ=="]))
    asyncio.run(blob.put_block("YQ==", stream_of(b"other\n")))
    asyncio.run(blob.commit(["YQ=="]))
    assert house.stored() == b"other\n"
    asyncio.run(blob.put_block("YQ==", stream_of(b"other\n")))
    asyncio.run(blob.put_block("Yg==", stream_of(b"more\n")))
    asyncio.run(blob.commit(["YQ==", "Yg=="]))
    assert house.stored() == b"other\nmore\n"
    house.put(url, LOG)
    with pytest.raises(IntakeError, match="YQ=="):
        asyncio.run(blob.commit(["YQ==", "Yg=="]))
    assert house.stored() == LOG


def test_a_list_of_blocks_can_be_sent_again_after_a_kill(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    """When the file was assembled, and only some of its blocks removed."""
    blob = opened(house, house.url())
    for block_id, content in (("YQ==", LOG[:40]), ("Yg==", LOG[40:])):
        asyncio.run(blob.put_block(block_id, stream_of(content)))

    def killed(folder: Path, **_: object) -> None:
        min(folder.iterdir()).unlink()
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr("opencasb.discovery.blob.shutil.rmtree", killed)
        with pytest.raises(KeyboardInterrupt):
            asyncio.run(blob.commit(["YQ==", "Yg=="]))
    asyncio.run(blob.commit(["YQ==", "Yg=="]))
    assert house.stored() == LOG


def test_a_file_over_the_limit_leaves_nothing_behind(house: House) -> None:
    """It is rejected while it arrives."""
    url = house.url()
    with pytest.raises(BlobTooLarge):
        house.put(url, b"x" * 600, b"x" * 600)
    assert [path for path in house.folder.rglob("*") if path.is_file()] == []


def test_blocks_over_the_limit_together_are_refused(house: House) -> None:
    """As they arrive, whether or not a list ever names them; sent again, a block counts once."""
    blob = opened(house, house.url())
    for content in (b"x" * 600, b"y" * 600, b"z" * 900):
        asyncio.run(blob.put_block("YQ==", stream_of(content)))
    for _ in range(2):
        with pytest.raises(BlobTooLarge):
            asyncio.run(blob.put_block("Yg==", stream_of(b"x" * 101)))
    assert sum(path.stat().st_size for path in house.folder.rglob("*") if path.is_file()) == 900
    asyncio.run(blob.put_block("Yg==", stream_of(b"x" * 100)))
    with pytest.raises(BlobTooLarge):
        asyncio.run(blob.commit(["YQ==", "Yg==", "YQ=="]))
    asyncio.run(blob.commit(["YQ==", "Yg=="]))
    assert house.stored() == b"z" * 900 + b"x" * 100
    asyncio.run(blob.put_block("YQ==", stream_of(b"x" * 1000)))


def test_blocks_sent_at_the_same_time_are_counted(house: House) -> None:
    """Each has room when it begins, and the last of them none when it ends."""
    blob = opened(house, house.url())

    async def another() -> AsyncIterator[bytes]:
        yield b"x" * 300
        await blob.put_block("YQ==", stream_of(b"x" * 600))
        yield b"x" * 300

    with pytest.raises(BlobTooLarge):
        asyncio.run(blob.put_block("Yg==", another()))
    assert [path.stat().st_size for path in house.folder.rglob("*") if path.is_file()] == [600]


def test_blocks_are_not_more_than_a_list_may_name(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    """Even an empty one takes room on the disk."""
    monkeypatch.setattr(blob_module, "MOST_BLOCKS", 2)
    blob = opened(house, house.url())
    for name in ("YQ==", "Yg==", "YQ=="):
        asyncio.run(blob.put_block(name, stream_of(b"")))
    with pytest.raises(IntakeError, match="blockid: at most 2 blocks are allowed"):
        asyncio.run(blob.put_block("Yw==", stream_of(b"")))


def test_a_second_put_replaces_the_first(house: House) -> None:
    """A client that missed the response sends the file again, and the last one counts."""
    url = house.url()
    house.put(url, b"first\n")
    house.put(url, LOG)
    assert house.stored() == LOG
    house.intake.done(TENANT, url)
    leased = house.uploads.lease("me")
    assert leased is not None
    assert (leased.size, leased.digest) == (len(LOG), hashlib.sha256(LOG).hexdigest())


def test_a_put_that_ends_after_step_three_changes_nothing(house: House) -> None:
    """It began in time, but the file is being parsed and stays unchanged."""
    url = house.url()
    late = opened(house, url)
    house.put(url, LOG)
    assert house.intake.done(TENANT, url).display_name == API_UPLOAD
    with pytest.raises(BlobClosed):
        asyncio.run(late.put(stream_of(b"other\n")))
    assert house.stored() == LOG
    assert list(house.folder.glob("*/part-*")) == []


@pytest.mark.parametrize("fails", ["rename", "sync", "commit"])
def test_an_acknowledged_file_survives_a_put_that_fails(
    house: House, monkeypatch: pytest.MonkeyPatch, fails: str
) -> None:
    """Wherever it fails, the file, its digest and its block list stay; the next PUT counts again."""
    url = house.url()
    asyncio.run(opened(house, url).put_block("YQ==", stream_of(LOG)))
    asyncio.run(opened(house, url).commit(["YQ=="]))
    engine = house.uploads._database.engine

    def fail(*_: object, **__: object) -> None:
        raise OSError(errno.EIO, "no answer")

    with monkeypatch.context() as patched:
        match fails:
            case "rename":
                patched.setattr(Path, "replace", fail)
            case "sync":
                patched.setattr(blob_module, "sync_folder", fail)
            case _:
                sa.event.listen(engine, "commit", fail)
        for content in (b"other\n", b"yet another\n"):
            with pytest.raises(OSError, match="no answer"):
                house.put(url, content)
    if fails == "commit":
        sa.event.remove(engine, "commit", fail)
    assert house.stored() == LOG
    asyncio.run(opened(house, url).commit(["YQ=="]))
    assert house.stored() == LOG
    house.put(url, b"third\n")
    assert house.stored() == b"third\n"
    with pytest.raises(IntakeError, match="YQ=="):
        asyncio.run(opened(house, url).commit(["YQ=="]))
    assert len(list(house.folder.glob("*/part-*"))) == 0
    assert len(list(house.folder.glob("*/blob-*"))) <= 2
    house.intake.done(TENANT, url)
    leased = house.uploads.lease("me")
    assert leased is not None
    assert house.intake.file(leased).read_bytes() == b"third\n"


def test_of_puts_at_the_same_time_one_counts_whole(house: House) -> None:
    """Either may end last."""
    url = house.url()
    house.put(url, b"first\n")
    contents = [f"{number}\n".encode() * (number + 1) for number in range(8)]
    workers = [threading.Thread(target=house.put, args=(url, content)) for content in contents]
    for each in workers:
        each.start()
    for each in workers:
        each.join()
    assert house.stored() in contents


def test_a_file_of_an_earlier_version_counts_until_another_does(house: House) -> None:
    """It has no digest in its name."""
    url = house.url()
    house.put(url, LOG)
    (path,) = house.folder.glob("*/blob-*")
    path.rename(path.parent / "blob")
    assert house.stored() == LOG
    house.put(url, b"second\n")
    assert house.stored() == b"second\n"
