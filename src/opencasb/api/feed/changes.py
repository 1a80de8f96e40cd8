"""Read a feed: the next changes after a position that the caller may see."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from opencasb.filters.field import RECORD_ID
from opencasb.filters.tree import AllOf, OneOf
from opencasb.store.sequences import newest as last_number

if TYPE_CHECKING:
    from opencasb.activities.exported import Resource
    from opencasb.app import Casb
    from opencasb.model.principal import Principal
    from opencasb.store.record_changes import Change


LOOKED_AT: Final = 1_000
"""Batch size if the caller may not see every change, so that a small limit does not cause many small reads."""

OPERATIONS: Final[Mapping[Resource, str]] = {
    "activities": "activities.view",
    "alerts": "alerts.view",
    "entities": "entities.view",
    "files": "files.view",
}
"""The feeds, and the operation each requires: that of the corresponding list."""


@dataclass(frozen=True, slots=True)
class Page:
    """Changes in order, and the position after the last one examined."""

    changes: Sequence[Change]
    position: int


def newest(casb: Casb, resource: Resource, tenant_id: int) -> int:
    """Return the position after the latest change."""
    with casb.database.read() as connection:
        return last_number(connection, tenant_id, casb.records(resource).kind.name)


def page(casb: Casb, resource: Resource, principal: Principal, after: int, limit: int) -> Page:
    """Return at most ``limit`` changes after the position ``after``."""
    looked_at = max(limit, LOOKED_AT) if resource == "alerts" else limit
    found: Sequence[Change] = casb.records(resource).since(principal.tenant_id, after, looked_at)
    position = found[-1].seq if found else after
    if resource == "alerts":
        found = _visible_alerts(casb, principal, found)
    return Page(found[:limit], found[limit - 1].seq if len(found) > limit else position)


def _visible_alerts(casb: Casb, principal: Principal, found: Sequence[Change]) -> list[Change]:
    """Return the alerts visible in the caller's list, in the same form, with their page's address.

    Deletions go to everyone: the alert's content is gone, and its id reveals nothing.
    """
    from opencasb.api.v1.alerts import LinkedAlerts, scope

    if not found:
        return []
    ids = tuple(change.record_id for change in found if not change.deleted)
    where = AllOf((scope(casb, principal), OneOf(RECORD_ID, ids)))
    linked = LinkedAlerts(casb.alerts, casb.settings.effective_public_url)
    rows = linked.page(principal.tenant_id, where, order="timestamp", ascending=True, limit=len(ids))
    documents = {row.record_id: row.document for row in rows}
    return [
        change if change.deleted else dataclasses.replace(change, document=documents[change.record_id])
        for change in found
        if change.deleted or change.record_id in documents
    ]
