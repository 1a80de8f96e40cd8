"""Infer a file inventory from activities (connectors §8), enough for a file's page and for metadata policies.

A file seen for the first time is private. Sharing raises its level; revoking a share lowers it to that of the remaining
ones. Events may arrive late: whatever the order, the newest one decides whether a file exists, its name, its location
and whom it is shared with. A scan overwrites everything, and later events continue from there.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from typing import Any

import msgspec
import sqlalchemy as sa

from opencasb.activities.file_columns import record
from opencasb.activities.file_sightings import FileSighting, file_sightings
from opencasb.activities.inferred_files import file_after, file_of
from opencasb.activities.invalid import Invalid
from opencasb.activities.personal_sites import SiteOwners, folder_in
from opencasb.model.pieces import pieces
from opencasb.store.files import Files
from opencasb.store.records import Record
from opencasb.store.sequences import lock

_Json = Mapping[str, Any]
_Document = dict[str, Any]


class Inventory:
    """Keep a tenant's files up to date with its activities."""

    def __init__(self, files: Files, clock: Callable[[], int], owners: SiteOwners | None = None) -> None:
        """Take the store; ``owners`` finds the owners of personal sites on which somebody else acts."""
        self._files = files
        self._clock = clock
        self._owners = owners

    def seen(
        self, tenant_id: int, activities: Sequence[_Json], domains: Collection[str], connection: sa.Connection
    ) -> None:
        """Store what new activities show, in the transaction that stores them.

        ``domains`` are the tenant's own, with which sharing counts as internal.
        """
        sights = file_sightings(activities, tenant_id)
        if not sights:
            return
        lock(connection, tenant_id, self._files.kind.name)
        stored: dict[str, _Document] = {}
        for names in pieces({each.record_id for each in sights}):
            stored |= self._files.many(tenant_id, names, connection=connection)
        owned = self._owned(sights, tenant_id, stored, domains, connection)
        for piece in pieces(files_after(owned, tenant_id, stored, self._clock(), domains)):
            self._files.replace(connection, tenant_id, piece)

    def _owned(
        self,
        sights: Sequence[FileSighting],
        tenant_id: int,
        stored: Mapping[str, _Json],
        domains: Collection[str],
        connection: sa.Connection,
    ) -> Sequence[FileSighting]:
        """Fill in the owners of personal sites where neither the sightings nor the stored files have one."""
        folders = {
            each.record_id: folder
            for each in sights
            if each.flat["owner"] is None
            and (folder := folder_in(each.flat["sitePath"] or ""))
            and not stored.get(each.record_id, {}).get("ownerAddress")
        }
        if not folders or self._owners is None:
            return sights
        actors = {each.event.by.rpartition("@")[2] for each in sights if "@" in each.event.by}
        owners = self._owners.find(tenant_id, set(folders.values()), actors.union(domains), connection)
        return [_with_owner(each, owners.get(folders.get(each.record_id, ""))) for each in sights]


def _with_owner(sight: FileSighting, owner: str | None) -> FileSighting:
    if owner is None or sight.flat["owner"] is not None:
        return sight
    return msgspec.structs.replace(sight, flat={**sight.flat, "owner": owner})


def files_after(
    sights: Iterable[FileSighting],
    tenant_id: int,
    stored: Mapping[str, _Json],
    now: int,
    domains: Collection[str] = (),
) -> list[Record]:
    """Return the records of sighted files that are new or differ from ``stored`` (by record id).

    ``domains`` are the tenant's own, with which sharing counts as internal.
    """
    documents: dict[str, _Document] = {}
    for sight in sights:
        known = documents.get(sight.record_id) or stored.get(sight.record_id)
        try:
            document = dict(known) if known else file_of(sight, tenant_id, now)
        except Invalid:
            continue  # a file that would be rejected on delivery is not inferred either
        documents[sight.record_id] = file_after(document, sight, domains)
    return [record(each) for record_id, each in documents.items() if stored.get(record_id) != each]
