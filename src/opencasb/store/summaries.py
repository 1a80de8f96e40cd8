"""Counts records by what they have in common, most frequent first.

Only the newest records are examined, so that no query takes minutes.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import sqlalchemy as sa

from opencasb.filters.clauses import clause

if TYPE_CHECKING:
    from opencasb.filters.tree import Node
    from opencasb.store.records import Records

MOST_RECORDS: Final = 100_000

MOST_GROUPS: Final = 1_000
"""Most groups in a result; the rest is rare."""


class Group(NamedTuple):
    """A value, its number of records, and the number of different ``people`` in them."""

    value: str | int | None
    records: int
    people: int = 0


def by_column(records: Records, tenant_id: int, name: str, where: Node, people: str | None = None) -> list[Group]:
    """Count records by a single-valued column; ``people`` is a column whose distinct values are counted as well."""
    newest = _newest(records, tenant_id, where, name, *([people] if people else []))
    column, count = newest.c[name], sa.func.count()
    persons = sa.func.count(sa.distinct(newest.c[people])) if people else sa.literal(0)
    query = sa.select(column, count, persons).group_by(column).order_by(count.desc(), column)
    return [Group(*row) for row in _read(records, query)]


def with_newest(records: Records, tenant_id: int, name: str, where: Node) -> list[tuple[Any, int, int]]:  # of a column
    """Count records by a single-valued column, each value with the time of its newest record."""
    time = records.kind.order[0]
    newest = _newest(records, tenant_id, where, name, time)
    column, count = newest.c[name], sa.func.count()
    query = sa.select(column, count, sa.func.max(newest.c[time])).group_by(column).order_by(count.desc(), column)
    return [(value, number, last) for value, number, last in _read(records, query)]


def examples(records: Records, tenant_id: int, name: str, where: Node) -> list[tuple[int, str]]:
    """Count records by a single-valued column, with the id of one record of each group."""
    newest = _newest(records, tenant_id, where, name)
    column, count = newest.c[name], sa.func.count()
    query = sa.select(count, sa.func.min(newest.c.record_id)).group_by(column).order_by(count.desc(), column)
    return [(number, record_id) for number, record_id in _read(records, query)]


def by_value(
    records: Records,
    tenant_id: int,
    field: str,
    where: Node,
    people: str | None = None,
    endings: Collection[str] = (),
) -> list[Group]:
    """Count records by the values of a many-valued field; given ``endings``, only values that end in one of them.

    ``people`` is as in :func:`by_column`.
    """
    newest = _newest(records, tenant_id, where, *([people] if people else []))
    values, joined = _joined(records, tenant_id, field, newest)
    count = sa.func.count()
    persons = sa.func.count(sa.distinct(newest.c[people])) if people else sa.literal(0)
    query = sa.select(values.c.value, count, persons).select_from(joined)
    if endings:
        query = query.where(sa.or_(*(values.c.value.endswith(each, autoescape=True) for each in endings)))
    query = query.group_by(values.c.value).order_by(count.desc(), values.c.value)
    return [Group(*row) for row in _read(records, query)]


def with_own_values(records: Records, tenant_id: int, name: str, field: str, where: Node) -> list[tuple[str, int, int]]:
    """Return those values of column ``name`` that share no value of a many-valued field with any other.

    Each comes with its number of records and of values, most records first. Records without a value in the field or the
    column are ignored.
    """
    newest = _newest(records, tenant_id, where, name)
    values, joined = _joined(records, tenant_id, field, newest)
    who = newest.c[name].label("who")
    pairs = sa.select(who, values.c.value, newest.c.seq).select_from(joined).where(newest.c[name].is_not(None)).cte()
    common = sa.select(pairs.c.value).group_by(pairs.c.value).having(sa.func.count(sa.distinct(pairs.c.who)) > 1)
    sharing = sa.select(pairs.c.who).where(pairs.c.value.in_(common))
    count, held = sa.func.count(sa.distinct(pairs.c.seq)), sa.func.count(sa.distinct(pairs.c.value))
    query = sa.select(pairs.c.who, count, held).where(pairs.c.who.not_in(sharing)).group_by(pairs.c.who)
    found = _read(records, query.order_by(count.desc(), pairs.c.who))
    return [(name, number, different) for name, number, different in found]


def by_columns(
    records: Records, tenant_id: int, names: tuple[str, str], where: Node, mark: Node
) -> list[tuple[Any, Any, int, int]]:  # values of any column
    """Count records by two single-valued columns, and how many of them match ``mark``."""
    marked = sa.case((clause(mark, records.kind.columns), 1), else_=0).label("marked")
    newest = _newest(records, tenant_id, where, *names, more=(marked,))
    first, second = (newest.c[name] for name in names)
    count = sa.func.count()
    query = sa.select(first, second, count, sa.func.sum(newest.c.marked)).group_by(first, second)
    found = _read(records, query.order_by(count.desc(), first, second))
    return [(one, other, number, int(passed)) for one, other, number, passed in found]


def _joined(records: Records, tenant_id: int, field: str, newest: sa.Subquery) -> tuple[sa.FromClause, sa.FromClause]:
    """Return the values of a field, and these values joined to the records that have them."""
    table = records.kind.values
    mine = (table.c.tenant_id == tenant_id, table.c.field == field)
    values = sa.select(table.c.value, table.c.seq).where(*mine).subquery()
    return values, values.join(newest, values.c.seq == newest.c.seq)


def _newest(
    records: Records, tenant_id: int, where: Node, *names: str, more: Sequence[sa.ColumnElement[Any]] = ()
) -> sa.Subquery:
    """Return the newest matching records, with their keys, some columns and ``more``."""
    table = records.kind.table
    columns = [*(table.c[name] for name in dict.fromkeys(("record_id", "seq", *names))), *more]
    order = table.c[records.kind.order[0]].desc()
    query = sa.select(*columns).where(table.c.tenant_id == tenant_id, clause(where, records.kind.columns))
    return query.order_by(order, table.c.record_id.desc()).limit(MOST_RECORDS).subquery()


def _read(records: Records, query: sa.Select[*tuple[Any, ...]]) -> Sequence[Sequence[Any]]:  # rows of any columns
    with records.database.read() as connection:
        return connection.execute(query.limit(MOST_GROUPS)).all()
