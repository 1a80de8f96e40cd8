"""What can be followed: the changes of records, and the usage of cloud apps."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from opencasb.api.feed import answers, changes
from opencasb.governance.visibility import is_limited

if TYPE_CHECKING:
    from opencasb.activities.exported import Resource
    from opencasb.app import Casb
    from opencasb.model.principal import Principal


class Answer(Protocol):
    """What a reader gets: changes, maybe none, and the place behind what was looked at."""

    @property
    def place(self) -> int:
        """The place behind what was looked at."""

    def __len__(self) -> int:
        """Return the number of changes."""

    def lines(self) -> bytes:
        """Return a line of JSON for each change."""

    def parquet(self) -> bytes:
        """Return the changes as a Parquet file."""


class Feed(Protocol):
    """A source of changes. Places are numbers that grow; ``operation`` is what a caller must be allowed."""

    @property
    def name(self) -> str:
        """The last segment of the path."""

    @property
    def operation(self) -> str:
        """The operation that opens the feed."""

    def admits(self, principal: Principal) -> bool:
        """Tell whether a caller who may do the operation may read."""

    def editions(self, tenant_id: int) -> Sequence[str]:
        """Return what cursors may be bound to, first what new ones are."""

    def beginning(self, tenant_id: int) -> int:
        """Return the place of a reader who has nothing yet."""

    def newest(self, tenant_id: int) -> int:
        """Return the place behind the last change so far."""

    def is_ahead(self, tenant_id: int, place: int) -> bool:
        """Tell whether a place is of changes that are not there: an older state was restored."""

    def read(self, principal: Principal, after: int, limit: int) -> Answer:
        """Return at most ``limit`` changes behind the place ``after``. Raises :class:`Interrupted`."""


class Interrupted(LookupError):
    """What follows a place is no longer kept: a reader drops the ``days`` it has, all if None, and reads on.

    ``place`` is where; from there come those days as they are, and what follows.
    """

    def __init__(self, place: int, days: Sequence[str] | None) -> None:
        super().__init__(place, days)
        self.place = place
        self.days = days


@dataclass(frozen=True, slots=True)
class RecordFeed:
    """The changes of one resource."""

    casb: Casb
    name: Resource

    @property
    def operation(self) -> str:
        """That of the list of the same records."""
        return changes.OPERATIONS[self.name]

    def admits(self, principal: Principal) -> bool:
        """Turn scoped roles away: the numbers of changes and the ids of deleted records tell of those of others."""
        return not is_limited(principal)

    def editions(self, _tenant_id: int) -> Sequence[str]:
        """Return one: numbers of changes never begin anew."""
        return ("",)

    def beginning(self, _tenant_id: int) -> int:
        """Return the place before the first change."""
        return 0

    def newest(self, tenant_id: int) -> int:
        """Return the place behind the last change so far."""
        return changes.newest(self.casb, self.name, tenant_id)

    def is_ahead(self, tenant_id: int, place: int) -> bool:
        """Tell whether a place is of changes that are not there."""
        return place > self.newest(tenant_id)

    def read(self, principal: Principal, after: int, limit: int) -> Answer:
        """Return at most ``limit`` changes behind the place ``after``."""
        return answers.Records(changes.page(self.casb, self.name, principal, after, limit), self.name)


def feeds(casb: Casb) -> Mapping[str, Feed]:
    """Return every feed by its name."""
    from opencasb.api.feed.usage import UsageFeed

    made: list[Feed] = [RecordFeed(casb, name) for name in changes.OPERATIONS]
    return {feed.name: feed for feed in [*made, UsageFeed(casb)]}
