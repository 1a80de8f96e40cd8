"""The index of a text column: which records contain a word at any position (decision 0011).

PostgreSQL has its own (pg_trgm). On SQLite it is a full-text table of trigrams that holds neither the text nor
positions: it yields candidate records, whose text is then compared. It follows the records in batches of a few
thousand, in the transaction of the write that reaches that many; a separate sequence holds the number up to which it
goes. A record keeps its text under its number, so nothing is ever replaced in the index: deletions remove a record with
the text that it was indexed with.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import sqlalchemy as sa

from opencasb.filters.clauses import clause
from opencasb.filters.tree import GAP, AllOf, AnyOf, Like, Node, OneOf
from opencasb.store import sequences
from opencasb.store.narrowing import NOTHING_FOUND, Found, run
from opencasb.store.on_postgresql import on_postgresql

if TYPE_CHECKING:
    from opencasb.filters.clauses import Columns

MOST_WAITING: Final = 4_000
"""Most records of a tenant that may wait for indexing; a search compares all of them."""

EXTENSION: Final = "CREATE EXTENSION IF NOT EXISTS pg_trgm"

_GRAM: Final = 3
_MOST_GRAMS: Final = 8
"""Most trigrams looked up for one word; the comparison does the rest."""

_MERGED_FROM: Final = 2
"""Segments of a size from which on they are merged; with SQLite's four, the index took eight times its size."""

_MOST_WORDS: Final = 64
_NUMBER_BITS: Final = 32
"""A full-text row id is the tenant number, shifted by this many bits, plus the record number."""


def definition(name: str) -> tuple[str, ...]:
    """Return the statements that create a full-text table on SQLite.

    More memory than the default makes fewer and larger segments, which are cheaper to merge.
    """
    options = "content='', detail=none, columnsize=0, tokenize='trigram case_sensitive 1'"
    return (
        f"CREATE VIRTUAL TABLE {name} USING fts5 (text, {options})",
        f"INSERT INTO {name} ({name}, rank) VALUES ('hashsize', 16000000)",  # noqa: S608 -- a name of our own
    )


@dataclass(frozen=True, slots=True)
class TextIndex:
    """The index of one column; ``found`` is the full-text table of SQLite."""

    table: sa.Table
    column: sa.Column[str]
    found: sa.TableClause

    @classmethod
    def of(cls, table: sa.Table, column: str) -> TextIndex:
        """Return the index of a column, created and dropped with its table."""
        name = f"{table.name}_text"
        indexed = table.c[column]
        index = sa.Index(f"ix_{table.name}_{column}", indexed).ddl_if(dialect="postgresql")
        on_postgresql(index, table, using="gin", ops={column: "gin_trgm_ops"})
        sa.event.listen(table, "before_create", _only("postgresql", EXTENSION))
        for statement in definition(name):
            sa.event.listen(table, "after_create", _only("sqlite", statement))
        sa.event.listen(table, "after_drop", _only("sqlite", f"DROP TABLE {name}"))
        columns = (sa.column("rowid", sa.BigInteger), sa.column("text", sa.Text), sa.column(name, sa.Text))
        return cls(table, indexed, sa.table(name, *columns))

    def catch_up(self, connection: sa.Connection, tenant_id: int, newest: int) -> None:
        """Index the records up to number ``newest``, the last one written, if too many are waiting."""
        if connection.dialect.name != "sqlite":
            return
        done = self._done(connection, tenant_id)
        if newest - done < MOST_WAITING:
            return
        rows = self._rows(tenant_id).where(self.table.c.seq > done)
        connection.execute(sa.insert(self.found).from_select(["rowid", "text"], rows))
        sequences.take(connection, tenant_id, self.found.name, newest - done)

    def forget(self, connection: sa.Connection, tenant_id: int, where: sa.ColumnElement[bool]) -> None:
        """Remove the records that match a condition from the index, before their rows are deleted.

        SQLite only notes what was removed, and drops it when it merges segments of the index. Here each removed record
        does a share of that work, a page, which has the words of some fifteen. All segments are never merged at once (a
        negative number of pages): each time that adds a level to the index, and SQLite rejects one with 2,000 levels.
        """
        if connection.dialect.name != "sqlite":
            return
        name = self.found.name
        number = sa.func.coalesce(self.table.c.seq, 0)  # an expression, because SQLite would otherwise walk all numbers
        rows = self._rows(tenant_id).where(number <= self._done(connection, tenant_id), where)
        gone = rows.add_columns(sa.literal("delete"))
        taken = connection.execute(sa.insert(self.found).from_select(["rowid", "text", name], gone)).rowcount
        if taken > 0:
            command = sa.insert(sa.table(name, sa.column(name), sa.column("rank")))
            connection.execute(command.values({name: "usermerge", "rank": _MERGED_FROM}))
            connection.execute(command.values({name: "merge", "rank": taken}))

    def search(
        self, connection: sa.Connection, columns: Columns, tenant_id: int, nodes: Sequence[Node], most: int
    ) -> Found:
        """Return what is found of the records that match those ``nodes`` that can use the index, up to ``most``."""
        parts = [each for each in nodes if self._expression(each)]
        if not parts:
            return NOTHING_FOUND
        table = self.table
        query = sa.select(table.c.seq).where(table.c.tenant_id == tenant_id, *(clause(each, columns) for each in parts))
        if connection.dialect.name != "sqlite":
            found = run(connection, query, most)
        else:
            found = self._search_grams(connection, tenant_id, parts, query, most)
        return found if len(parts) == len(nodes) else Found.among(found.numbers)

    def _search_grams(
        self, connection: sa.Connection, tenant_id: int, parts: Sequence[Node], query: sa.Select[int], most: int
    ) -> Found:
        """Return what ``query`` finds through the full-text table and among the records waiting for it."""
        table = self.table
        done = self._done(connection, tenant_id)
        waiting = connection.scalars(query.where(table.c.seq > done).limit(most + 1)).all()
        start = tenant_id << _NUMBER_BITS
        within = self.found.c.rowid.between(start, start + done)
        expression = " AND ".join(f"({self._expression(each)})" for each in parts)
        matching = query.join_from(self.found, table, table.c.seq == self.found.c.rowid - start).where(
            sa.text(f"{self.found.name} MATCH :expression").bindparams(expression=expression), within
        )
        numbers = sorted([*waiting, *connection.scalars(matching.limit(most + 1))])
        return Found(numbers if len(numbers) <= most else None, len(numbers))

    def _rows(self, tenant_id: int) -> sa.Select[int, str]:
        """Return the query for a tenant's rows in the full-text table.

        They are ordered, because a row id below the previous one makes SQLite start a new segment.
        """
        row = sa.literal(tenant_id << _NUMBER_BITS) + self.table.c.seq
        query = sa.select(row, sa.func.coalesce(self.column, "")).where(self.table.c.tenant_id == tenant_id)
        return query.order_by(row)

    def _done(self, connection: sa.Connection, tenant_id: int) -> int:
        return sequences.newest(connection, tenant_id, self.found.name)

    def _expression(self, node: Node) -> str:
        """Return the full-text expression that every record matching ``node`` meets; empty if any record may match."""
        match node:
            case AllOf(nodes):
                found = [f"({each})" for each in map(self._expression, nodes) if each]
                return " AND ".join(found)
            case AnyOf(nodes) if 0 < len(nodes) <= _MOST_WORDS:
                return _either(map(self._expression, nodes))
            case OneOf(field, values, False) if field.column == self.column.name and len(values) <= _MOST_WORDS:
                return _either(_grams(str(value)) for value in values)
            case Like(field, _, texts) if field.column == self.column.name and len(texts) <= _MOST_WORDS:
                return _either(map(_grams, texts))
            case _:
                return ""


def _either(expressions: Iterable[str]) -> str:
    found = list(expressions)
    return " OR ".join(f"({each})" for each in found) if all(found) else ""


def _grams(text: str) -> str:
    """Return the expression for some trigrams of a text, evenly spread."""
    grams = [
        part[at : at + _GRAM]
        for part in text.split(GAP)
        for at in {*range(0, len(part) - _GRAM + 1, _GRAM), len(part) - _GRAM}
        if at >= 0
    ]
    spread = grams[:: -(-len(grams) // _MOST_GRAMS)] if grams else []
    return " AND ".join('"' + each.replace('"', '""') + '"' for each in dict.fromkeys(spread))


def _only(dialect: str, statement: str) -> sa.schema.ExecutableDDLElement:
    made: sa.DDL = sa.DDL(statement)  # type: ignore[no-untyped-call]
    return made.execute_if(dialect=dialect)
