"""The file behind an upload URL (api §12.1, step 2).

Its bytes are durable (synced file, synced name) before its upload is received, and that before the sender is told. The
name of a file has its digest, and the row of the upload says which counts: what comes later lies beside it until the
row says otherwise, so that a file which was acknowledged is there whatever fails.
"""

from __future__ import annotations

import asyncio
import hashlib
import os
import shutil
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO, Final

from opencasb.store.database import new_id
from opencasb.store.uploads import Upload, Uploads

_NAMED: Final = "blob-"
_PIECE: Final = 16 * 1024 * 1024
"""Bytes hashed at once. After each piece another thread may keep the interpreter for 5 ms."""


class IntakeError(ValueError):
    """The step cannot be done; the message says why and what is allowed."""


class BlobTooLarge(IntakeError):
    """The file is larger than the setting ``max_upload_bytes``."""


class BlobClosed(IntakeError):
    """The upload URL is used up or older than 24 hours."""


class Blob:
    """The file behind one upload URL: one PUT, or blocks and a list of them (api §12.1, step 2)."""

    def __init__(self, upload: Upload, folder: Path, uploads: Uploads, max_bytes: int) -> None:
        self._upload = upload
        self._folder = folder
        self._uploads = uploads
        self._max_bytes = max_bytes

    async def put(self, chunks: AsyncIterator[bytes]) -> None:
        """Take the whole file, in the place of that of an earlier PUT to the same URL. Raises :class:`BlobTooLarge`."""
        part, size, digest = await self._store(chunks, self._folder)
        await asyncio.to_thread(self._finish, part, size, digest)

    async def put_block(self, block_id: str, chunks: AsyncIterator[bytes]) -> None:
        """Take one block of the file. Raises :class:`BlobTooLarge`."""
        blocks = self._folder / "blocks"
        part, _, _ = await self._store(chunks, blocks)
        part.replace(blocks / hash_of(block_id))

    async def commit(self, block_ids: Sequence[str]) -> None:
        """Make the file of the listed blocks; the same list again changes nothing, for its sender missed the answer.

        An empty list makes an empty file.
        Raises :class:`IntakeError` naming a block that was not uploaded.
        """
        await asyncio.to_thread(self._join, block_ids)

    async def _store(self, chunks: AsyncIterator[bytes], folder: Path) -> tuple[Path, int, str]:
        folder.mkdir(parents=True, exist_ok=True)
        part = folder / f"part-{new_id()}"
        digest, size = hashlib.sha256(), 0
        with _removed_on_failure(part), part.open("wb") as file:
            async for chunk in chunks:
                size += len(chunk)
                if size > self._max_bytes:
                    raise BlobTooLarge(f"the file is larger than {self._max_bytes} bytes")
                digest.update(chunk)
                file.write(chunk)
            await asyncio.to_thread(sync, file)
        return part, size, digest.hexdigest()

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
        self._folder.mkdir(parents=True, exist_ok=True)  # where no block came before an empty list
        part = self._folder / f"part-{new_id()}"
        with _removed_on_failure(part), part.open("wb") as file:
            for path in paths:
                with path.open("rb") as block:
                    shutil.copyfileobj(block, file, 1 << 20)
            sync(file)
        digest = digest_of(part)
        self._finish(part, part.stat().st_size, digest)
        self._committed.write_text(f"{listed} {digest}")
        shutil.rmtree(self._folder / "blocks", ignore_errors=True)

    @property
    def _committed(self) -> Path:
        """The file with the hash of a list of blocks, and the digest of the file that was made of them."""
        return self._folder / "committed"

    def _is_made_of(self, listed: str) -> bool:
        """Tell whether the file that counts was made of the list of blocks with that hash."""
        now = self._uploads.get(self._upload.tenant_id, self._upload.upload_id)
        return now is not None and self._committed.exists() and self._committed.read_text() == f"{listed} {now.digest}"

    def _finish(self, part: Path, size: int, digest: str) -> None:
        def place(before: str) -> None:
            keep = file_of(self._folder, before).name  # it counts until the transaction ends
            for path in self._folder.glob(f"{_NAMED}*"):
                if path.name != keep:
                    path.unlink()  # of an earlier PUT, or of one whose transaction failed
            part.replace(named(self._folder, digest))
            sync_folder(self._folder)

        with _removed_on_failure(part):
            if not self._uploads.receive(self._upload, size, digest, place):
                raise BlobClosed("the upload URL has been used: ask for a new one")


def named(folder: Path, digest: str) -> Path:
    """Return where the file with a digest lies in the directory of its upload."""
    return folder / f"{_NAMED}{digest}"


def file_of(folder: Path, digest: str) -> Path:
    """Return the file of an upload; that of an earlier version of the product has no digest in its name."""
    path = named(folder, digest)
    return path if path.exists() else folder / "blob"


@contextmanager
def _removed_on_failure(part: Path) -> Iterator[None]:
    """Leave no half of a file behind: least of all a full disk has room for it."""
    try:
        yield
    except BaseException:
        part.unlink(missing_ok=True)
        raise


def hash_of(text: str) -> str:
    """Return the SHA-256 of a text: the stored form of a secret, and the file name of a block of any name."""
    return hashlib.sha256(text.encode()).hexdigest()


def digest_of(path: Path) -> str:
    """Return the SHA-256 of a file; large pieces leave the interpreter to other threads."""
    digest, piece = hashlib.sha256(), memoryview(bytearray(_PIECE))
    with path.open("rb", buffering=0) as file:
        while size := file.readinto(piece):
            digest.update(piece[:size])
    return digest.hexdigest()


def sync(file: BinaryIO) -> None:
    """Make what was written to a file durable."""
    file.flush()
    os.fsync(file.fileno())


def sync_folder(folder: Path) -> None:
    """Make the names in a directory, and its own name, durable."""
    for path in (folder, folder.parent):
        descriptor = os.open(path, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
