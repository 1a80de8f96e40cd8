"""User groups (portal §9.4): two built-in ones in every tenant, and those imported from connected apps' directories."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

import msgspec
import sqlalchemy as sa

from opencasb.filters.errors import shown
from opencasb.model.derived_id import derived_id
from opencasb.model.written_line import is_name
from opencasb.store.audit_log import record as audit
from opencasb.store.database import Database
from opencasb.store.record_tables import TEXT, RecordKind
from opencasb.store.records import Record, Records
from opencasb.store.sequences import lock

EXTERNAL_USERS: Final = "000000200000000000000000"
APPLICATIONS: Final = "0000003b0000000000000000"

BUILT_IN: Final[Mapping[str, tuple[str, str]]] = {
    EXTERNAL_USERS: ("External users", "Everybody from outside the organization"),
    APPLICATIONS: ("Application (Cloud App Security)", "Accounts of programs, not of people"),
}
"""Id → name and description. Wire: clients may keep the ids, so they never change."""

MOST_IMPORTED: Final = 500
"""Most groups that a tenant may import (portal §9.4)."""

LONGEST_NAME: Final = 256

USER_GROUPS: Final = RecordKind.of(
    "user_groups",
    order=("name",),
    columns=[
        sa.Column("name", TEXT, nullable=False),
        sa.Column("app_id", sa.BigInteger),
        sa.Column("status", sa.Integer),
    ],
)


def group_id(tenant_id: int, app_id: int, source_id: str) -> str:
    """Return our id for the group that an app calls ``source_id``."""
    return derived_id(tenant_id, "group", app_id, source_id)


# Built once, because every delivery of records runs it: building takes longer than running.
_IMPORTED: Final = sa.select(USER_GROUPS.table.c.record_id).where(
    USER_GROUPS.table.c.tenant_id == sa.bindparam("tenant"), USER_GROUPS.table.c.app_id.is_not(None)
)


class UserGroups(Records):
    """The user groups of each tenant."""

    def __init__(self, database: Database, clock: Callable[[], int]) -> None:
        super().__init__(database, USER_GROUPS)
        self._clock = clock

    def all(self, tenant_id: int, *, connection: sa.Connection | None = None) -> list[dict[str, Any]]:  # JSON
        """Return every stored group, sorted by name."""
        most = MOST_IMPORTED + len(BUILT_IN)
        rows = self.page(tenant_id, order="name", ascending=True, limit=most, connection=connection)
        return [msgspec.json.decode(row.document) for row in rows]

    def imported(self, tenant_id: int) -> set[str]:
        """Return the ids of the imported groups."""
        with self.database.lookup() as connection:
            return set(connection.scalars(_IMPORTED, {"tenant": tenant_id}))

    def recount(self, tenant_id: int, members: Mapping[str, int]) -> None:
        """Update ``usersCount``, and create a tenant's built-in groups if missing.

        ``members`` is group id (ours or that of the app) → number of members. Writes nothing if nothing differs.
        """
        if not _stale(self.all(tenant_id), members):
            return
        with self.writing() as connection:
            lock(connection, tenant_id, self.kind.name)
            stale = _stale(self.all(tenant_id, connection=connection), members)
            self.put(tenant_id, [record(group) for group in stale], connection=connection)

    def take_over(
        self, tenant_id: int, app_id: int, source_id: str, *, name: str | None = None, by: str = "system"
    ) -> dict[str, Any]:  # JSON
        """Import a group that an app calls ``source_id``, and return it; an already imported one stays unchanged.

        Raises ``ValueError`` for malformed texts, and if the tenant already has 500 imported groups.
        """
        made = {
            "_id": group_id(tenant_id, app_id, _checked("groupId", source_id)),
            "id": source_id,
            "name": _checked("name", name or source_id),
            "description": "",
            "usersCount": 0,
            "appId": app_id,
        }
        with self.writing() as connection:
            lock(connection, tenant_id, self.kind.name)
            known = {group["_id"]: group for group in self.all(tenant_id, connection=connection)}
            if made["_id"] in known:
                return known[made["_id"]]
            if len(known.keys() - BUILT_IN.keys()) >= MOST_IMPORTED:
                raise ValueError(f"groupId: {MOST_IMPORTED} groups are imported already, the most that are allowed")
            self.put(tenant_id, [record(made)], connection=connection)
            audit(connection, tenant_id, self._clock(), "user_group.import", by=by, target=source_id, app=str(app_id))
        return made


def record(group: Mapping[str, Any]) -> Record:  # JSON
    """Return a group in its stored form."""
    columns = {"name": group["name"].lower(), "app_id": group.get("appId"), "status": group.get("status")}
    return Record(group["_id"], columns, {}, group)


def _stale(groups: Sequence[Mapping[str, Any]], members: Mapping[str, int]) -> list[Mapping[str, Any]]:  # JSON
    """Return the groups to write: missing ones, and those whose number of members changed."""
    missing = BUILT_IN.keys() - {group["_id"] for group in groups}
    whole = [*groups, *({**_built_in(each), "usersCount": None} for each in sorted(missing))]
    counted = [(group, max(members.get(group["_id"], 0), members.get(group["id"], 0))) for group in whole]
    return [{**group, "usersCount": count} for group, count in counted if group["usersCount"] != count]


def _built_in(group: str) -> dict[str, Any]:  # JSON
    name, description = BUILT_IN[group]
    return {"_id": group, "id": group, "name": name, "description": description, "usersCount": 0}


def _checked(field: str, text: str) -> str:
    if not 1 <= len(text) <= LONGEST_NAME or not is_name(text):
        raise ValueError(f"{field}: {shown(text)!r} is not valid; 1 to {LONGEST_NAME} printable characters are allowed")
    return text
