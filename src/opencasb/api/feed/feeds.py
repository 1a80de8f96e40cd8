"""What can be followed: the changes of records, and the usage of cloud apps."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from opencasb.api.feed import answers, changes
from opencasb.api.feed.usage import Usage, UsageFeed
from opencasb.governance.visibility import is_limited

if TYPE_CHECKING:
    from opencasb.activities.exported import Resource
    from opencasb.app import Casb
    from opencasb.model.principal import Principal


@dataclass(frozen=True, slots=True)
class RecordFeed:
    """The changes of one resource. Places are numbers that grow; ``operation`` is what a caller must be allowed."""

    casb: Casb
    name: Resource

    @property
    def operation(self) -> str:
        """That of the list of the same records."""
        return changes.OPERATIONS[self.name]

    def admits(self, principal: Principal) -> bool:
        """Turn scoped roles away: the numbers of changes and the ids of deleted records tell of those of others."""
        return not is_limited(principal)

    def generations(self, _tenant_id: int) -> Sequence[str]:
        """Return what cursors may be bound to, one: numbers of changes never begin anew."""
        return ("",)

    def beginning(self, _tenant_id: int) -> int:
        """Return the position before the first change."""
        return 0

    def newest(self, tenant_id: int) -> int:
        """Return the position behind the last change so far."""
        return changes.newest(self.casb, self.name, tenant_id)

    def is_ahead(self, tenant_id: int, position: int) -> bool:
        """Tell whether a position is of changes that are not there: an older state was restored."""
        return position > self.newest(tenant_id)

    def read(self, principal: Principal, after: int, limit: int) -> answers.Records:
        """Return at most ``limit`` changes behind the position ``after``."""
        return answers.Records(changes.page(self.casb, self.name, principal, after, limit), self.name)


Feed = RecordFeed | UsageFeed
Answer = answers.Records | Usage


def feeds(casb: Casb) -> Mapping[str, Feed]:
    """Return every feed by its name."""
    made: list[Feed] = [RecordFeed(casb, name) for name in changes.OPERATIONS]
    return {feed.name: feed for feed in [*made, UsageFeed(casb)]}
