"""Files and folders of connected apps (api §10)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, Final

import sqlalchemy as sa

from opencasb.filters.clauses import clause
from opencasb.filters.operands import object_id
from opencasb.filters.tables.files import APP, INSTANCE
from opencasb.filters.tree import EVERYTHING, AllOf, AnyOf, OneOf, rewrite
from opencasb.store.database import Database
from opencasb.store.record_tables import TEXT, RecordKind
from opencasb.store.records import Records

if TYPE_CHECKING:
    from opencasb.filters.tree import Leaf, Node

MOST_FOUND: Final = 100
"""Most files with one id, each in a different app, among which one is chosen."""

FILES: Final = RecordKind.of(
    "files",
    order=("modified", "created"),
    columns=[
        sa.Column("modified", sa.BigInteger, nullable=False),
        sa.Column("created", sa.BigInteger),
        sa.Column("snapshot_modified", sa.BigInteger),
        sa.Column("app_id", sa.BigInteger, nullable=False),
        sa.Column("instance_id", sa.BigInteger, nullable=False),
        sa.Column("file_type", sa.Integer, nullable=False),
        sa.Column("access_level", sa.Integer, nullable=False),
        sa.Column("file_status", sa.Integer, nullable=False),
        sa.Column("name", TEXT, nullable=False),
        sa.Column("extension", TEXT),
        sa.Column("mime_type", TEXT),
        sa.Column("is_folder", sa.Boolean, nullable=False),
        sa.Column("is_quarantined", sa.Boolean, nullable=False),
        sa.Column("owner_entity", TEXT),
        sa.Column("owner_name", TEXT),
        sa.Column("owner_org_unit", TEXT),
        sa.Column("parent_id", TEXT),
    ],
    indexes=[
        *((column, "modified", "record_id") for column in ("app_id", "access_level", "owner_entity", "owner_name")),
        ("name",),
    ],
)
"""Many-valued: ``ids``, ``name_words``, ``collaborator_entities``, ``collaborator_users``, ``domains``, ``groups``,
``labels``, ``scan_labels`` and ``policies``."""


class Files(Records):
    """The files of each tenant."""

    def __init__(self, database: Database) -> None:
        super().__init__(database, FILES)

    def in_folders(self, tenant_id: int) -> Callable[[Node], Node]:
        """Return a filter rewriter that makes a filter for a folder's record id also match the folder's contents.

        A file names its folder by the id in the app, so the rewritten filter includes the folder's app and instance.
        """

        def change(leaf: Leaf) -> Node:
            if not isinstance(leaf, OneOf) or leaf.field.column != "parent_id":
                return leaf
            folders = self.many(tenant_id, [str(each).lower() for each in leaf.values if each is not None])
            inside = [_inside(leaf, folder) for folder in folders.values()]
            return AnyOf((leaf, *inside)) if inside else leaf

        return lambda node: rewrite(node, change)

    def named(self, tenant_id: int, file_id: str, *, within: Node = EVERYTHING) -> dict[str, Any] | None:  # JSON
        """Return the file with a record id or else an id in an app; None if there is none ``within`` a scope."""
        if "\0" in file_id:
            return None
        # A file's ids include its record id, which takes precedence over the same id in an app.
        query = self.kind.having(tenant_id, "ids", lambda value: value == file_id)
        query = query.where(clause(within, self.kind.columns)).limit(MOST_FOUND)
        with self.database.read() as connection:
            found = set(connection.scalars(query))
            record_id = file_id if file_id in found else min(found, default=None)
            return None if record_id is None else self.many(tenant_id, [record_id], connection=connection)[record_id]


def _inside(leaf: OneOf, folder: Mapping[str, Any]) -> Node:  # JSON
    place = (OneOf(APP, (folder["appId"],)), OneOf(INSTANCE, (folder["instId"],)))
    return AllOf((OneOf(leaf.field, (object_id(folder["id"]),)), *place))
