"""Entities (api §9): accounts, which are identities in one app, and users, which are people with accounts."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from typing import Any, Final

import sqlalchemy as sa

from opencasb.filters.clauses import clause
from opencasb.filters.tree import EVERYTHING, AnyOf, Leaf, Like, Node, OneOf, rewrite
from opencasb.model.pieces import pieces
from opencasb.store.database import Database
from opencasb.store.record_tables import LONGEST_VALUE, TEXT, RecordKind
from opencasb.store.records import Records

ACCOUNT: Final = 1
USER: Final = 2
"""Types of entities on the wire."""

MOST_ACCOUNTS: Final = 1000
"""Most keys that a filter on users is expanded to."""

MOST_SELECTED: Final = 500
"""Most entities selected by a filter whose other keys are looked up."""

MOST_FOUND: Final = 100
"""Most entities with one id among which the best is sought."""

ENTITIES: Final = RecordKind.of(
    "entities",
    order=("last_seen", "score", "user_name"),
    columns=[
        sa.Column("last_seen", sa.BigInteger),
        sa.Column("entity_type", sa.Integer, nullable=False),
        sa.Column("saas_id", sa.BigInteger, nullable=False),
        sa.Column("instance_id", sa.BigInteger, nullable=False),
        sa.Column("is_admin", sa.Boolean, nullable=False),
        sa.Column("is_external", sa.Boolean),
        sa.Column("domain", TEXT),
        sa.Column("organization", TEXT),
        sa.Column("status", sa.Integer, nullable=False),
        sa.Column("display_name", TEXT),
        sa.Column("user_name", TEXT, nullable=False),
        sa.Column("score", sa.BigInteger),
        sa.Column("parent_id", TEXT),
    ],
    indexes=[("entity_type", "last_seen", "record_id"), ("display_name",)],
)
"""Many-valued: ``entities`` (the keys of an entity; of a user also those of the accounts), ``own_entities`` (its keys
without those of its accounts), ``user_groups`` (ids) and ``apps`` (numbers)."""


def entity_key(entity_id: str, saas: int, inst: int) -> str:
    """Return an entity's key as filters compare it: ``id|inst|saas`` in lower case."""
    return f"{entity_id}|{inst}|{saas}".lower().replace("\0", "")[:LONGEST_VALUE]


@dataclass(frozen=True, slots=True)
class KeysOfMembers:
    """The keys of all current members of ``groups`` (record ids); implements :class:`.tree.Lookup`."""

    database: Database
    tenant_id: int
    groups: tuple[str, ...]

    def query(self) -> sa.Select[str]:
        """Return the query for the keys, with aliases, because it may be nested in a query of the same tables."""
        keys, member = ENTITIES.values.alias(), ENTITIES.values.alias()
        chosen = (member.c.field == "user_groups", member.c.value.in_(self.groups))
        members = sa.select(member.c.seq).where(member.c.tenant_id == self.tenant_id, *chosen)
        mine = (keys.c.tenant_id == self.tenant_id, keys.c.field == "entities")
        return sa.select(keys.c.value).where(*mine, keys.c.seq.in_(members))

    def values(self) -> Collection[str]:
        """Return the keys."""
        with self.database.read() as connection:
            return set(connection.scalars(self.query()))


@dataclass(frozen=True, slots=True)
class KeysOfAccounts:
    """The keys of the accounts that currently have one of ``states``; implements :class:`.tree.Lookup`."""

    database: Database
    tenant_id: int
    states: tuple[int, ...]

    def query(self) -> sa.Select[str]:
        """Return the query for the keys."""
        table, keys = ENTITIES.table.alias(), ENTITIES.values.alias()
        chosen = (table.c.tenant_id == self.tenant_id, table.c.entity_type == ACCOUNT, table.c.status.in_(self.states))
        mine = (keys.c.tenant_id == self.tenant_id, keys.c.field == "own_entities")
        return sa.select(keys.c.value).where(*mine, keys.c.seq.in_(sa.select(table.c.seq).where(*chosen)))

    def values(self) -> Collection[str]:
        """Return the keys."""
        with self.database.read() as connection:
            return set(connection.scalars(self.query()))


class Entities(Records):
    """The entities of each tenant."""

    def __init__(self, database: Database, clock: Callable[[], int]) -> None:
        super().__init__(database, ENTITIES)
        self._clock = clock

    def having(
        self, tenant_id: int, keys: Collection[str], *, connection: sa.Connection | None = None
    ) -> dict[str, dict[str, Any]]:  # JSON
        """Return the documents, by record id, of the entities that have one of ``keys`` (:func:`entity_key`)."""
        found: dict[str, dict[str, Any]] = {}
        with self._reading(connection) as reading:
            for piece in pieces(keys):
                found |= self.having_any(reading, tenant_id, "entities", piece)
        return found

    def find(
        self,
        tenant_id: int,
        entity_id: str,
        saas: int | None = None,
        inst: int | None = None,
        *,
        within: Node = EVERYTHING,
    ) -> dict[str, Any] | None:  # JSON
        """Return the entity with an id, in any app or instance unless given; None if there is none ``within`` a scope.

        Of several, an entity whose own id matches precedes one with a matching account, and a user precedes the account
        that the user is known by.
        """
        start = f"{entity_id}|".lower()
        whole = saas is not None and inst is not None

        def fits(value: sa.ColumnElement[str]) -> sa.ColumnElement[bool]:
            # Upper bound of the prefix range: the id followed by the character after the bar.
            below = value < f"{start[:-1]}{chr(ord('|') + 1)}"
            return value == f"{start}{inst}|{saas}" if whole else (value >= start) & below

        query = self.kind.having(tenant_id, "entities", fits).where(clause(within, self.kind.columns))
        with self.database.read() as connection:
            record_ids = connection.scalars(query.limit(MOST_FOUND)).all()
            found = self.many(tenant_id, record_ids, connection=connection).values()
        wanted = (entity_id.lower(), saas, inst)
        fitting = [each for each in found if _fits(each, saas, inst)]
        return min(fitting, key=lambda each: (not _is_own(each, *wanted), -each["type"], each["_id"]), default=None)

    def members(self, tenant_id: int) -> dict[str, int]:
        """Return group id → number of members: people, and accounts without a user."""
        values, table = self.kind.values, self.kind.table
        same = (values.c.tenant_id == table.c.tenant_id) & (values.c.seq == table.c.seq)
        alone = (table.c.entity_type == USER) | table.c.parent_id.is_(None)
        query = (
            sa.select(values.c.value, sa.func.count())
            .select_from(values.join(table, same))
            .where(values.c.tenant_id == tenant_id, values.c.field == "user_groups", alone)
            .group_by(values.c.value)
        )
        with self.database.read() as connection:
            return dict(connection.execute(query).all())

    def with_accounts(
        self,
        tenant_id: int,
        *columns: str,
        types: Collection[int] = (ACCOUNT, USER),
        within: Node = EVERYTHING,
    ) -> Callable[[Node], Node]:
        """Return a filter rewriter that makes a filter for a user also match the user's accounts (api §6.6).

        ``columns`` are those of the filtered resource that hold entity keys. An account is selected by its id or its
        address, unless ``types`` excludes accounts. Only entities ``within`` a scope are considered, so that filters
        cannot reveal who has which accounts.
        """

        def change(leaf: Leaf) -> Node:
            keys = self._keys_of(tenant_id, leaf, types, within) if leaf.field.column in columns else ()
            return AnyOf((leaf, OneOf(leaf.field, tuple(keys)))) if keys else leaf

        return lambda node: rewrite(node, change)

    def users_named(self, tenant_id: int, within: Node, names: Collection[str]) -> list[str]:
        """Return the record ids of users ``within`` a scope who have one of the given lower-case display names."""
        table = self.kind.table
        query = sa.select(table.c.record_id).where(
            table.c.tenant_id == tenant_id,
            table.c.display_name.in_(names),
            table.c.entity_type == USER,
            clause(within, self.kind.columns),
        )
        with self.database.read() as connection:
            return list(connection.scalars(query.order_by(table.c.record_id).limit(MOST_SELECTED)))

    def _keys_of(self, tenant_id: int, leaf: Leaf, types: Collection[int], within: Node) -> Collection[str]:
        """Return every key of the entities that a leaf selects by one of their own keys."""
        if not isinstance(leaf, OneOf | Like):
            return ()
        table, values = self.kind.table, self.kind.values
        own = dataclasses.replace(leaf, field=dataclasses.replace(leaf.field, column="value", many=False))
        matching = sa.select(values.c.seq).where(
            values.c.tenant_id == tenant_id, values.c.field == "own_entities", clause(own, values.c)
        )
        selected = sa.select(table.c.seq).where(
            table.c.tenant_id == tenant_id,
            table.c.seq.in_(matching),
            table.c.entity_type.in_(types),
            clause(within, self.kind.columns),
        )
        with self.database.read() as connection:
            changes = connection.scalars(selected.limit(MOST_SELECTED)).all()
            # Filter the field here: in the query it would tempt SQLite to scan the keys of all entities.
            every = sa.select(values.c.field, values.c.value).where(
                values.c.tenant_id == tenant_id, values.c.seq.in_(changes)
            )
            keys = {value for field, value in connection.execute(every) if field == "entities"}
        return sorted(keys)[:MOST_ACCOUNTS]


def _fits(document: Mapping[str, Any], saas: int | None, inst: int | None) -> bool:  # JSON
    """Return whether an entity, or one of its accounts, is in an app and instance."""
    app = document["appData"]
    places = {(app["saas"], app["instance"]), *((item["saas"], item["inst"]) for item in document["accounts"])}
    return any(saas in {None, place[0]} and inst in {None, place[1]} for place in places)


def _is_own(document: Mapping[str, Any], entity_id: str, saas: int | None, inst: int | None) -> bool:  # JSON
    app = document["appData"]
    own = saas in {None, app["saas"]} and inst in {None, app["instance"]}
    return own and document["id"].lower() == entity_id
