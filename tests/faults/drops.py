"""Senders of log files that outlive the server, and the expected report of each file.

Line ``n`` of a file counts ``2 ** n`` bytes for a user specific to the file: with the right number of lines, the sum is
right only if each line was counted once.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from random import Random
from typing import Final

import polars as pl
import sqlalchemy as sa

from opencasb.app import Casb
from opencasb.model.stream import StreamType
from opencasb.settings import load
from opencasb.store.taken_objects import TakenObjects
from opencasb.store.uploads import uploads
from tests.faults.saas_runs import KILLS, SEED
from tests.server import House, Server, eventually, free_port

MOST_LINES: Final = 12
PACE_SECONDS: Final = 1.0
"""Maximum pause between two files, so that the server can keep up."""

LONGEST_LIFE_SECONDS: Final = 3.0
"""Maximum life of a server that answers, in which it polls every place."""


@dataclass(frozen=True)
class File:
    """A log file; all its lines are of ``user``."""

    number: int
    lines: int
    sender: str = "sender"

    @property
    def user(self) -> str:
        """The user of all its lines."""
        return f"{self.sender}{self.number}"

    @property
    def name(self) -> str:
        """Its name, which is not unique."""
        return f"access-{self.number % 7}.log"

    @property
    def content(self) -> bytes:
        """Its lines, in Squid's native format."""
        start = time.time() - 3600
        return "".join(
            f"{start + n:.3f} 5 10.0.0.1 TCP_MISS/200 {2**n} GET http://www.dropbox.com/{n} {self.user}"
            " HIER_DIRECT/162.125.1.1 text/html\n"
            for n in range(self.lines)
        ).encode()

    @property
    def counted(self) -> tuple[int, int]:
        """Its transactions and bytes when counted once."""
        return self.lines, 2**self.lines - 1


@dataclass
class Sender:
    """Sends files until stopped; ``deliver`` returns whether a file was acknowledged.

    An unacknowledged file is sent again, or sometimes given up: then it is counted completely or not at all.
    """

    name: str
    deliver: Callable[[File, bytes], bool]
    chance: Random = field(default_factory=lambda: Random(SEED))  # noqa: S311 -- which files, not which secrets
    acknowledged: list[File] = field(default_factory=list)
    given_up: list[File] = field(default_factory=list)
    again: int = 0
    """Number of resent files, after no or (once in ten) after an acknowledgement."""

    def __post_init__(self) -> None:
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._send)
        self._failed: list[BaseException] = []
        self._thread.start()

    def stop(self) -> None:
        """Stop after the current file."""
        self._over.set()
        self._thread.join()
        if self._failed:
            raise self._failed[0]

    def _send(self) -> None:
        try:
            number = 0
            while not self._over.wait(self.chance.uniform(0, PACE_SECONDS)):
                number += 1
                self._send_file(File(number, self.chance.randint(1, MOST_LINES), self.name))
        except BaseException as error:  # noqa: BLE001 -- the test has it from stop()
            self._failed.append(error)

    def _send_file(self, file: File) -> None:
        content = file.content
        while not self.deliver(file, content):
            if self.chance.random() < 0.2:
                self.given_up.append(file)
                return
            self.again += 1
            self._over.wait(0.1)
        self.acknowledged.append(file)
        if self.chance.random() < 0.1:
            self.again += 1
            self.deliver(file, content)


class Place:
    """An installation with one data source, its server with fixed ports, and the report."""

    def __init__(self, house: House) -> None:
        self.house = house
        self._ports = free_port(), free_port()
        self._casb = Casb.open(load(house.data))
        self.tenant_id = self._casb.tenants.all()[0].tenant_id
        self._server: Server | None = None

    def add(self, receiver: str, folder: str = "", **bound: str) -> str:
        """Add a data source and return its id."""
        stream = self._casb.streams.create(
            self.tenant_id, receiver, StreamType.INPUT, source="SQUID_NATIVE", receiver=receiver, folder=folder
        )
        if bound:
            self._casb.bindings.change(self.tenant_id, stream.stream_id, **bound)
        return stream.stream_id

    @property
    def server(self) -> Server:
        """The running server."""
        assert self._server is not None
        return self._server

    def restart(self) -> None:
        """Kill and restart the server."""
        self._kill()
        self.start()

    def start(self) -> None:
        """Start the server."""
        self._server = Server(self.house, *self._ports)

    def close(self) -> None:
        """Stop the server."""
        self._kill()
        self._casb.close()

    def _kill(self) -> None:
        if self._server is not None:
            self._server.kill()
            self._server = None

    def idle(self) -> bool:
        """Return whether no upload is in progress."""
        return not self._casb.uploads.queued()

    def taken(self, stream_id: str) -> dict[str, str]:
        """Return the objects that were taken."""
        return TakenObjects(self._casb.database).all(self.tenant_id, stream_id)

    def endings(self) -> list[str]:
        """Return the results of files that failed."""
        with self._casb.database.read() as connection:
            ended = connection.execute(sa.select(uploads.c.filename, uploads.c.result, uploads.c.attempts)).all()
        return [f"{name}: {result} after {attempts}" for name, result, attempts in ended if not result["success"]]

    def report(self) -> dict[str, tuple[int, int]]:
        """Return transactions and bytes by user."""
        lake = self._casb.lake
        usage, names = lake.usage(self.tenant_id), lake.names(self.tenant_id)
        users = names.filter(pl.col("kind") == "user").select("name", pl.col("id").alias("user_id")).unique()
        sums = usage.group_by("user_id").agg(pl.col("transactions").sum(), pl.col("downloaded_bytes").sum())
        return {name: (lines, size) for _, lines, size, name in sums.join(users, on="user_id").collect().iter_rows()}


def killed_at_random(place: Place) -> None:
    """Kill the server at random moments, sometimes during startup, and restart it."""
    chance = Random(SEED)  # noqa: S311 -- which moments, not which secrets
    for _ in range(KILLS):
        if chance.random() < 0.9:
            place.server.wait()
        time.sleep(chance.uniform(0, LONGEST_LIFE_SECONDS))
        place.restart()
    place.server.wait()


def waiting_in(place: Place, stream_id: str) -> bool:
    """Return whether complete files of a login wait to be processed."""
    folder = place.house.data / "receivers" / stream_id / "drop"
    return any(path.is_file() and not path.name.startswith(".") for path in folder.glob("*"))


def differences(
    found: dict[str, tuple[int, int]], wanted: dict[str, tuple[int, int]]
) -> dict[str, tuple[tuple[int, int] | None, tuple[int, int] | None]]:
    """Return the users whose report is wrong, with actual and expected numbers."""
    users = found.keys() | wanted.keys()
    return {user: (found.get(user), wanted.get(user)) for user in users if found.get(user) != wanted.get(user)}


def check(place: Place, senders: Sequence[Sender], waiting: Callable[[], object], *whole: File) -> None:
    """Assert that every file is in the report once when nothing waits; one that was given up may be missing."""
    eventually(lambda: not waiting() and place.idle(), 120 + 5 * KILLS)
    found = place.report()
    acknowledged = [file for sender in senders for file in sender.acknowledged]
    perhaps = [file for sender in senders for file in sender.given_up if file.user in found]
    wrong = differences(found, {file.user: file.counted for file in (*acknowledged, *perhaps, *whole)})
    assert not wrong, (wrong, place.endings())
    for sender in senders:
        print(  # noqa: T201
            f"{KILLS} kills, seed {SEED}: {len(sender.acknowledged)} files acknowledged by {sender.name},"
            f" {sender.again} times sent again, {len(sender.given_up)} given up"
        )
