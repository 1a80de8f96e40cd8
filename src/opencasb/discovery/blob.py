"""Storage of the file behind an upload URL (api §12.1, step 2).

The bytes are made durable (file and directory synced) before the upload is marked as received, and it is marked before
the sender is told. Each file is named by its digest, and the upload's row says which one counts: a newer file lies
beside the old one until the row is updated, so an acknowledged file survives any failure.
"""

from __future__ import annotations

import asyncio
import hashlib
import os
import shutil
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO, Final

from opencasb.store.database import new_id
from opencasb.store.uploads import Upload, Uploads

MOST_BLOCKS: Final = 50_000
"""Blocks of an upload that may wait for a block list, as at the blob service."""
_NAMED: Final = "blob-"
_PART: Final = "part-"
_PIECE: Final = 16 * 1024 * 1024
"""Bytes hashed per step. After each step another thread may hold the interpreter for 5 ms."""


class IntakeError(ValueError):
    """The step cannot be carried out; the message says why and what is allowed."""


class BlobTooLarge(IntakeError):
    """The file is larger than the setting ``max_upload_bytes``."""


class BlobClosed(IntakeError):
    """The upload URL has been used or is older than 24 hours."""


class Blob:
    """The file behind one upload URL: either a single PUT, or blocks and a block list (api §12.1, step 2)."""

    def __init__(self, upload: Upload, folder: Path, uploads: Uploads, max_bytes: int) -> None:
        self._upload = upload
        self._folder = folder
        self._uploads = uploads
        self._max_bytes = max_bytes

    async def put(self, chunks: AsyncIterator[bytes]) -> None:
        """Store the whole file, replacing that of an earlier PUT to the same URL. Raises :class:`BlobTooLarge`."""
        part, size, digest = await self._store(chunks, self._folder, self._max_bytes)
        await asyncio.to_thread(self._finish, part, size, digest)

    async def put_block(self, block_id: str, chunks: AsyncIterator[bytes]) -> None:
        """Store one block of the file, replacing an earlier one with the same id.

        Raises :class:`BlobTooLarge`, also if all blocks together are larger than a file may be, and
        :class:`IntakeError` if there are too many.
        """
        block = self._folder / "blocks" / hash_of(block_id)
        part, size, _ = await self._store(chunks, block.parent, await asyncio.to_thread(self._room_for, block))
        await asyncio.to_thread(self._keep, part, size, block)

    async def commit(self, block_ids: Sequence[str]) -> None:
        """Assemble the file from the listed blocks. Idempotent, so a sender that missed the response can retry.

        An empty list makes an empty file. Raises :class:`IntakeError` naming a block that was not uploaded.
        """
        await asyncio.to_thread(self._join, block_ids)

    async def _store(self, chunks: AsyncIterator[bytes], folder: Path, room: int) -> tuple[Path, int, str]:
        folder.mkdir(parents=True, exist_ok=True)
        part = folder / f"{_PART}{new_id()}"
        digest, size = hashlib.sha256(), 0
        with _removed_on_failure(part), part.open("wb") as file:
            async for chunk in chunks:
                size += len(chunk)
                if size > room:
                    raise BlobTooLarge(f"the file is larger than {self._max_bytes} bytes")
                digest.update(chunk)
                file.write(chunk)
            await asyncio.to_thread(sync, file)
        return part, size, digest.hexdigest()

    def _room_for(self, block: Path) -> int:
        """Return how many bytes a block may have beside the others, which may never be committed."""
        others = {name: size for name, size in _blocks(block.parent) if name != block.name}
        if len(others) >= MOST_BLOCKS:
            raise IntakeError(f"blockid: at most {MOST_BLOCKS} blocks are allowed")
        return self._max_bytes - sum(others.values())

    def _keep(self, part: Path, size: int, block: Path) -> None:
        """Put a complete block in its place, unless others have taken its room meanwhile."""
        with _removed_on_failure(part):
            if size > self._room_for(block):
                raise BlobTooLarge(f"the file is larger than {self._max_bytes} bytes")
            part.replace(block)

    def _join(self, block_ids: Sequence[str]) -> None:
        paths = [self._folder / "blocks" / hash_of(block_id) for block_id in block_ids]
        missing = [block_id for block_id, path in zip(block_ids, paths, strict=True) if not path.exists()]
        listed = hash_of("\n".join(block_ids))
        if len(missing) == len(paths) and self._is_made_of(listed):
            return
        if missing:
            raise IntakeError(f"block list: block {missing[0]!r} has not been uploaded")
        if sum(path.stat().st_size for path in paths) > self._max_bytes:
            raise BlobTooLarge(f"the file is larger than {self._max_bytes} bytes")
        self._folder.mkdir(parents=True, exist_ok=True)  # no block precedes an empty list
        part = self._folder / f"{_PART}{new_id()}"
        with _removed_on_failure(part), part.open("wb") as file:
            for path in paths:
                with path.open("rb") as block:
                    shutil.copyfileobj(block, file, 1 << 20)
            sync(file)
        digest = digest_of(part)
        self._finish(part, part.stat().st_size, digest)
        self._committed.write_text(f"{listed} {digest}")
        used = self._folder / f"{_PART}{new_id()}"
        with suppress(FileNotFoundError):  # an empty list has no blocks
            (self._folder / "blocks").rename(used)  # at once: with some left by a kill, no retry would succeed
        shutil.rmtree(used, ignore_errors=True)

    @property
    def _committed(self) -> Path:
        """The file that holds the hash of the block list and the digest of the file assembled from it."""
        return self._folder / "committed"

    def _is_made_of(self, listed: str) -> bool:
        """Return whether the current file was assembled from the block list with that hash."""
        now = self._uploads.get(self._upload.tenant_id, self._upload.upload_id)
        return now is not None and self._committed.exists() and self._committed.read_text() == f"{listed} {now.digest}"

    def _finish(self, part: Path, size: int, digest: str) -> None:
        def place(before: str) -> None:
            keep = file_of(self._folder, before).name  # the current one until the transaction ends
            for path in self._folder.glob(f"{_NAMED}*"):
                if path.name != keep:
                    path.unlink()  # left by an earlier PUT, or by one whose transaction failed
            part.replace(named(self._folder, digest))
            sync_folder(self._folder)

        with _removed_on_failure(part):
            if not self._uploads.receive(self._upload, size, digest, place):
                raise BlobClosed("the upload URL has been used: ask for a new one")


def _blocks(folder: Path) -> Iterator[tuple[str, int]]:
    """Yield the names and sizes of the complete blocks in a directory; a block list may remove it meanwhile."""
    with suppress(FileNotFoundError), os.scandir(folder) as found:
        for entry in found:
            if not entry.name.startswith(_PART):
                yield entry.name, entry.stat().st_size


def named(folder: Path, digest: str) -> Path:
    """Return the path of the file with a given digest in its upload's directory."""
    return folder / f"{_NAMED}{digest}"


def file_of(folder: Path, digest: str) -> Path:
    """Return the file of an upload; earlier versions of the product did not put the digest in its name."""
    path = named(folder, digest)
    return path if path.exists() else folder / "blob"


@contextmanager
def _removed_on_failure(part: Path) -> Iterator[None]:
    """Remove a partial file on failure: a full disk, above all, has no room for it."""
    try:
        yield
    except BaseException:
        part.unlink(missing_ok=True)
        raise


def hash_of(text: str) -> str:
    """Return the SHA-256 of a text: the stored form of a secret, and a safe file name for any block id."""
    return hashlib.sha256(text.encode()).hexdigest()


def digest_of(path: Path) -> str:
    """Return the SHA-256 of a file, read in large pieces so that other threads can run meanwhile."""
    digest, piece = hashlib.sha256(), memoryview(bytearray(_PIECE))
    with path.open("rb", buffering=0) as file:
        while size := file.readinto(piece):
            digest.update(piece[:size])
    return digest.hexdigest()


def sync(file: BinaryIO) -> None:
    """Flush a file and make its contents durable."""
    file.flush()
    os.fsync(file.fileno())


def sync_folder(folder: Path) -> None:
    """Make the entries of a directory, and its own name, durable."""
    for path in (folder, folder.parent):
        descriptor = os.open(path, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
