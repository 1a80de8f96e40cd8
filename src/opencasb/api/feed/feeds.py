"""The available feeds: record changes, and usage of cloud apps."""

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
    """The changes of one resource. Positions are increasing numbers; callers need the permission for ``operation``."""

    casb: Casb
    name: Resource

    @property
    def operation(self) -> str:
        """The operation of the list of the same records."""
        return changes.OPERATIONS[self.name]

    def admits(self, principal: Principal) -> bool:
        """Reject scoped roles: change numbers and deleted records' ids would reveal other people's records."""
        return not is_limited(principal)

    def generations(self, _tenant_id: int) -> Sequence[str]:
        """Return the generations of cursors, just one, as change numbers never restart."""
        return ("",)

    def beginning(self, _tenant_id: int) -> int:
        """Return the position before the first change."""
        return 0

    def newest(self, tenant_id: int) -> int:
        """Return the position after the latest change."""
        return changes.newest(self.casb, self.name, tenant_id)

    def is_ahead(self, tenant_id: int, position: int) -> bool:
        """Return whether a position lies beyond the latest change, as after restoring an older backup."""
        return position > self.newest(tenant_id)

    def read(self, principal: Principal, after: int, limit: int) -> answers.Records:
        """Return at most ``limit`` changes after the position ``after``."""
        return answers.Records(changes.page(self.casb, self.name, principal, after, limit), self.name)


Feed = RecordFeed | UsageFeed
Answer = answers.Records | Usage


def feeds(casb: Casb) -> Mapping[str, Feed]:
    """Return all feeds by name."""
    made: list[Feed] = [RecordFeed(casb, name) for name in changes.OPERATIONS]
    return {feed.name: feed for feed in [*made, UsageFeed(casb)]}
