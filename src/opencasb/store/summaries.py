"""Records counted by what they have in common, the most frequent first.

Only the newest records are looked at, so that no question takes minutes.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, NamedTuple

import sqlalchemy as sa

from opencasb.filters.clauses import clause

if TYPE_CHECKING:
    from opencasb.filters.tree import Node
    from opencasb.store.records import Records

MOST_RECORDS: Final = 100_000

MOST_GROUPS: Final = 1_000
"""Groups of an answer: the rest is rare."""


class Group(NamedTuple):
    """A value, the records that have it, and how many different ``people`` are in them."""

    value: str | int | None
    records: int
    people: int = 0


def by_column(records: Records, tenant_id: int, name: str, where: Node, people: str | None = None) -> list[Group]:
    """Count records by a single-valued column; ``people`` is the column whose different values are counted, too."""
    newest = _newest(records, tenant_id, where, name, *([people] if people else []))
    column, count = newest.c[name], sa.func.count()
    persons = sa.func.count(sa.distinct(newest.c[people])) if people else sa.literal(0)
    query = sa.select(column, count, persons).group_by(column).order_by(count.desc(), column)
    return _read(records, query)


def examples(records: Records, tenant_id: int, name: str, where: Node) -> list[tuple[int, str]]:
    """Count records by a single-valued column, and name the id of one of each group."""
    newest = _newest(records, tenant_id, where, name)
    column, count = newest.c[name], sa.func.count()
    query = sa.select(count, sa.func.min(newest.c.record_id)).group_by(column).order_by(count.desc(), column)
    with records.database.read() as connection:
        return [(number, record_id) for number, record_id in connection.execute(query.limit(MOST_GROUPS))]


def by_value(records: Records, tenant_id: int, field: str, where: Node) -> list[Group]:
    """Count records by the values of a many-valued field."""
    values, newest = records.kind.values, _newest(records, tenant_id, where)
    count = sa.func.count()
    query = (
        sa.select(values.c.value, count, sa.literal(0))
        .select_from(values.join(newest, values.c.seq == newest.c.seq))
        .where(values.c.tenant_id == tenant_id, values.c.field == field)
    )
    return _read(records, query.group_by(values.c.value).order_by(count.desc(), values.c.value))


def _newest(records: Records, tenant_id: int, where: Node, *names: str) -> sa.Subquery:
    """Return the newest records that match, with their keys and some columns."""
    table = records.kind.table
    columns = [table.c[name] for name in dict.fromkeys(("record_id", "seq", *names))]
    order = table.c[records.kind.order[0]].desc()
    query = sa.select(*columns).where(table.c.tenant_id == tenant_id, clause(where, records.kind.columns))
    return query.order_by(order, table.c.record_id.desc()).limit(MOST_RECORDS).subquery()


def _read(records: Records, query: sa.Select[Any]) -> list[Group]:  # of a value and two numbers
    with records.database.read() as connection:
        return [Group(value, count, people) for value, count, people in connection.execute(query.limit(MOST_GROUPS))]
