"""Looks at places for new files one after the other, but waits for none that does not answer.

A look that takes long, as at a bucket or a network mount that hangs, goes on in its own thread while the next place is
looked at. From then on its place is looked at in a thread of its own, until it is fast again.
"""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from threading import Lock, Thread
from time import perf_counter
from typing import Final

PATIENCE: Final = 3.0
"""Seconds after which a look is slow and others go on."""

MOST_SLOW: Final = 32
"""Most slow places that are looked at at once; the others take turns."""

MOST_OF_TENANT: Final = 4
"""Most slow places of one tenant that are looked at at once."""


@dataclass(frozen=True, slots=True)
class Place:
    """A place of a tenant; ``look`` takes the files that are there, and raises nothing."""

    tenant_id: int
    look: Callable[[], None]


class Polling:
    """Looks at places, at each once at a time."""

    def __init__(self) -> None:
        self._slow: dict[str, None] = {}
        """The places that were slow last time, the one looked at longest ago first."""
        self._under_way: dict[str, int] = {}
        """The tenants of the slow places that are being looked at."""
        self._lock = Lock()

    def look(self, places: Mapping[str, Place]) -> None:
        """Look at each place, given by a key of its own, unless the last look has not ended."""
        with self._lock:
            self._slow = {key: None for key in self._slow if key in places}
            slow, under_way = [*self._slow], {*self._under_way}
        for key in slow:
            self._look_apart(key, places[key])
        rest = deque((key, each) for key, each in places.items() if key not in under_way.union(slow))
        while rest:
            walk = _Walk(rest, self._ended)
            walk.start()
            walk.wait(self._note)

    def _look_apart(self, key: str, place: Place) -> None:
        with self._lock:
            busy = Counter(self._under_way.values())
            if key in self._under_way or busy.total() >= MOST_SLOW or busy[place.tenant_id] >= MOST_OF_TENANT:
                return
        self._note(key, place)
        try:
            _Walk(deque([(key, place)]), self._ended, alone=True).start()
        except RuntimeError:  # no more threads for now
            self._ended(key, PATIENCE)
            raise

    def _note(self, key: str, place: Place) -> None:
        """Note that a slow place is being looked at."""
        with self._lock:
            self._slow.pop(key, None)
            self._slow[key] = None
            self._under_way[key] = place.tenant_id

    def _ended(self, key: str, seconds: float) -> None:
        with self._lock:
            del self._under_way[key]
            if seconds < PATIENCE:
                self._slow.pop(key, None)


class _Walk(Thread):
    """Looks at places until none is left; one that is ``alone`` tells when it has ended, and how long it took."""

    def __init__(
        self, rest: deque[tuple[str, Place]], ended: Callable[[str, float], None], *, alone: bool = False
    ) -> None:
        super().__init__(name="files", daemon=True)  # a mount that hangs must not keep the server from ending
        self._rest = rest
        self._ended = ended
        self._alone = alone
        self._at: tuple[str, Place] | None = None
        self._since = perf_counter()
        self._lock = Lock()

    def run(self) -> None:
        """Look at the places."""
        while self._goes_on():
            if self._at is not None:
                self._at[1].look()
        if self._alone and self._at is not None:
            self._ended(self._at[0], perf_counter() - self._since)

    def wait(self, slow: Callable[[str, Place], None]) -> None:
        """Wait until no place is left or one is ``slow``, which is told; the rest is then left to others."""
        while self.is_alive() and not self._alone:
            self.join(max(0.0, self._since + PATIENCE - perf_counter()) + 0.001)
            with self._lock:
                if self.is_alive() and self._at is not None and perf_counter() - self._since >= PATIENCE:
                    slow(*self._at)
                    self._alone = True

    def _goes_on(self) -> bool:
        """Go to the next place, if there is one and it was not left to others."""
        with self._lock:
            if not self._rest or (self._alone and self._at is not None):
                return False
            self._at, self._since = self._rest.popleft(), perf_counter()
            return True
