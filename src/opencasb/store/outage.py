"""Classifies errors of the system, SQLite, PostgreSQL and Delta Lake that temporarily prevent storing data.

Such an error is not a bug. It passes by itself or is resolved by the operator: callers get an error that says what to
wait for, and background work retries. Nothing heavy is imported here, because the command line checks every error.
"""

from __future__ import annotations

import errno
import re
from collections.abc import Iterator, Mapping
from typing import Final, Literal

import msgspec

Trouble = Literal["full", "read-only", "busy", "away", "damaged", "incomplete"]

RETRY_AFTER: Final = 30
"""Seconds after which a caller may retry what a store could not do."""

DATABASE: Final = "database"
LAKE: Final = "usage lake"
FOLDER: Final = "data directory"

_SAID: Final[Mapping[Trouble, str]] = {
    "full": "the disk of the {} is full",
    "read-only": "the {} can be read, not written: its file system or server is read-only",
    "busy": "the {} is busy: others kept it locked, or have all its connections, for too long",
    "away": "the {} does not answer, or cannot be read and written",
    "damaged": "the {} is damaged, or none at all, and has to be restored from a backup",
    "incomplete": "the {} lacks a file, or has one that cannot be read, and has to be restored from a backup",
}

_SYSTEM: Final[Mapping[int, Trouble]] = {
    errno.ENOSPC: "full",
    errno.EDQUOT: "full",
    errno.EROFS: "read-only",
    errno.EIO: "away",
    errno.EACCES: "away",  # folders of another owner, and what a mistyped setting names
    errno.EPERM: "away",
    errno.ENOTDIR: "away",
}

_SQLITE: Final[Mapping[int, Trouble]] = {
    5: "busy",  # BUSY
    6: "busy",  # LOCKED
    8: "read-only",  # READONLY
    10: "away",  # IOERR
    11: "damaged",  # CORRUPT
    13: "full",  # FULL
    14: "away",  # CANTOPEN
    26: "damaged",  # NOTADB
}
"""By primary result code."""

_SQLITE_SHARED_MEMORY: Final = 4874
"""IOERR_SHMSIZE: the shared-memory file cannot grow; on a full disk this comes before FULL."""

_POSTGRESQL: Final[Mapping[str, Trouble]] = {
    "53100": "full",  # disk_full
    "53": "busy",  # insufficient_resources
    "25006": "read-only",  # read_only_sql_transaction
    "40001": "busy",  # serialization_failure
    "40P01": "busy",  # deadlock_detected
    "42501": "away",  # insufficient_privilege, as EACCES of a file
    "55P03": "busy",  # lock_not_available
    "57014": "busy",  # query_canceled, by a time limit
    "57P": "away",  # the server is started or stopped
    "58": "away",  # system_error
    "08": "away",  # connection_exception
    "XX001": "damaged",  # data_corrupted
    "XX002": "damaged",  # index_corrupted
}
"""By SQLSTATE, or a prefix of it."""

_IN_TEXT: Final = re.compile(r"\(os error (\d+)\)")
"""How the lake library, which is written in Rust, reports an operating system error."""

_OF_OBJECT_STORE: Final = re.compile(r"\bGeneric (?:S3|GCS|MicrosoftAzure) error|\bError performing [A-Z]+ https?:")
"""How that library, and the one that reads the lake, report a failed request to an object store.

The network, the store or the credentials may be at fault.
"""


_OF_DAMAGED_LOG: Final = re.compile(r"\bKernel error: (?:Json|Arrow|Parquet) error")
"""How that library reports that it cannot read a table's log."""


class Outage(msgspec.Struct, frozen=True):
    """Which store (``database``, ``usage lake``, ``data directory``) has what trouble."""

    store: str
    trouble: Trouble

    def __str__(self) -> str:
        """Return the start of a sentence for people, without any path names."""
        return _SAID[self.trouble].format(self.store)


_OWN: Final = {
    "opencasb.MissingFolder": Outage(LAKE, "away"),
    "opencasb.DamagedLake": Outage(LAKE, "incomplete"),
    "opencasb.LostKeyFile": Outage(FOLDER, "incomplete"),
}
"""Errors of :mod:`opencasb.lake.reading` and :mod:`opencasb.identity.keyfiles`, which are not imported here."""


def outage_of(error: BaseException) -> Outage | None:
    """Return the outage behind an error or one of its causes; None if it is something else."""
    return next((found for each in _chain(error) if (found := _of(each)) is not None), None)


def reason_of(error: BaseException) -> str:
    """Return the driver's or system's message, in one line, for the operator; it may name hosts and paths."""
    *_, first = _chain(error)
    said = getattr(first, "strerror", None) or str(first)
    return said.strip().partition("\n")[0]


def _chain(error: BaseException | None) -> Iterator[BaseException]:
    seen: set[int] = set()
    while error is not None and id(error) not in seen:
        seen.add(id(error))
        yield error
        original = getattr(error, "orig", None)  # of SQLAlchemy
        error = original if isinstance(original, BaseException) else error.__cause__


def _of(error: BaseException) -> Outage | None:
    kinds = {f"{kind.__module__.partition('.')[0]}.{kind.__name__}" for kind in type(error).__mro__}
    if "sqlite3.Error" in kinds:
        return _made(DATABASE, _of_sqlite(getattr(error, "sqlite_errorcode", 0)))
    if "psycopg.Error" in kinds:
        lost = "psycopg.OperationalError" in kinds
        return _made(DATABASE, _of_postgresql(getattr(error, "sqlstate", None), "away" if lost else None))
    if "sqlalchemy.TimeoutError" in kinds:  # every connection of the pool is taken
        return Outage(DATABASE, "busy")
    if isinstance(error, OSError) and error.errno is not None:
        return _made(FOLDER, _SYSTEM.get(error.errno))
    if isinstance(error, OSError) or {"deltalake.DeltaError", "_internal.DeltaError"} & kinds:
        return _made(LAKE, _of_lake(error))
    return next((outage for kind, outage in _OWN.items() if kind in kinds), None)


def _of_lake(error: BaseException) -> Trouble | None:
    if isinstance(error, FileNotFoundError):  # an object that is not there, which the store has answered
        return None
    told = _IN_TEXT.search(str(error))
    trouble = _SYSTEM.get(int(told[1])) if told else None
    if trouble is None and _OF_OBJECT_STORE.search(str(error)):
        return "away"
    return trouble or ("incomplete" if _OF_DAMAGED_LOG.search(str(error)) else None)


def _of_sqlite(code: int) -> Trouble | None:
    return "full" if code == _SQLITE_SHARED_MEMORY else _SQLITE.get(code & 0xFF)


def _of_postgresql(state: str | None, lost: Trouble | None) -> Trouble | None:
    """Return the trouble that an SQLSTATE means; a lost connection has none."""
    if state is None:
        return lost
    return next((_POSTGRESQL[state[:length]] for length in (5, 3, 2) if state[:length] in _POSTGRESQL), None)


def _made(store: str, trouble: Trouble | None) -> Outage | None:
    return None if trouble is None else Outage(store, trouble)
