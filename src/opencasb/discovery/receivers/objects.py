"""The object-store receiver: takes every object below a prefix once, as long as its ETag stays the same.

A put makes an object appear as a whole, so everything listed is finished. Credentials come from the server's
environment, as for a lake on an object store.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Hashable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Final

from opencasb.discovery.receivers.attempts import Attempts
from opencasb.store.taken_objects import TakenObjects

if TYPE_CHECKING:
    from obstore import ObjectMeta
    from obstore.store import ObjectStore

SCHEMES: Final = ("s3://", "gs://", "az://", "abfs://")
RETRY_TIMEOUT: Final = timedelta(seconds=30)
LONGEST_PATH: Final = 1024

HandOver = Callable[[Path, str, str], object]
"""Takes a file, its name, and the id of its upload."""


class ObjectWatch:
    """Polls one prefix."""

    def __init__(
        self,
        source: tuple[int, str],
        store: ObjectStore,
        taken: TakenObjects,
        folder: Path,
        hand_over: HandOver,
        attempts: Attempts | None = None,
    ) -> None:
        """Watch for a data source (tenant id, stream id); files are kept in ``folder`` briefly."""
        self._source = source
        self._store = store
        self._taken = taken
        self._folder = folder
        self._hand_over = hand_over
        self._attempts = attempts or Attempts()

    def poll(self) -> int:
        """Take the objects that are new or changed; return how many.

        Raises what keeps an object from being taken once, after the others were taken.
        """
        known = self._taken.all(*self._source)
        found = {path: version for path, version, size in self._listed() if size and len(path) <= LONGEST_PATH}
        new: dict[Hashable, str] = {each: each[0] for each in found.items() if known.get(each[0]) != each[1]}
        self._taken.forget(*self._source, known.keys() - found.keys())
        return self._attempts.each(new, self._fetch)

    def _listed(self) -> Iterator[tuple[str, str, int]]:
        import obstore

        for page in obstore.list(self._store):
            for each in page:
                yield each["path"], _version(each), each["size"]

    def _fetch(self, path: str) -> None:
        """Take one object. If killed before it is recorded as taken, it becomes the same upload again."""
        import obstore

        self._folder.mkdir(parents=True, exist_ok=True)
        got = obstore.get(self._store, path)
        version = _version(got.meta)
        upload_id = object_id(self._source, path, version)
        file = self._folder / f"{upload_id}.part"  # nobody else's: the source may have left a bucket that hangs
        try:
            with file.open("wb") as out:
                for piece in got.stream():
                    out.write(piece)
            self._hand_over(file, path.rpartition("/")[2], upload_id)
        finally:
            file.unlink(missing_ok=True)
        self._taken.add(*self._source, path, version)


def _version(found: ObjectMeta) -> str:
    return (found["e_tag"] or found["last_modified"].isoformat()).strip('"')


def object_id(source: tuple[int, str], path: str, version: str) -> str:
    """Return the upload id of one version of an object."""
    return hashlib.sha256(repr((source, path, version)).encode()).hexdigest()[:24]


def checked_url(url: str) -> str:
    """Return the URL of a prefix. Raises ``ValueError`` unless it belongs to a known kind of store."""
    if not url.startswith(SCHEMES) or not url.split("://", 1)[1].strip("/"):
        raise ValueError(f"{url!r} must be a bucket and a prefix, such as s3://bucket/logs/")
    return url


def open_store(url: str) -> ObjectStore:
    """Return the store of a prefix. Raises ``obstore.exceptions.BaseError`` and ``ValueError``."""
    from obstore.store import from_url

    return from_url(checked_url(url), retry_config={"max_retries": 3, "retry_timeout": RETRY_TIMEOUT})
