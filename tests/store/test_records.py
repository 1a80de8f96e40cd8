"""Records with their columns, many-valued fields and changes."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from typing import Any

import pytest
import sqlalchemy as sa

from opencasb.filters.field import column
from opencasb.filters.fields import EQUALITY, PRESENCE, WORDING, Field, Kind, table
from opencasb.filters.parse import parse
from opencasb.filters.tree import EVERYTHING, Node, OneOf
from opencasb.store import deletions, records
from opencasb.store.database import Database
from opencasb.store.record_tables import LONGEST_VALUE, RecordKind
from opencasb.store.records import Record, Records, Row

KIND = RecordKind.of(
    "sightings",
    order=("timestamp", "rank"),
    time="timestamp",
    columns=[
        sa.Column("timestamp", sa.BigInteger, nullable=False),
        sa.Column("rank", sa.Integer),
        sa.Column("name", sa.Text),
    ],
    sought=["name"],
)
for _table in (KIND.table, KIND.values):
    _table.metadata.remove(_table)  # it is not a table of the product

FILTERS = table(
    Field(name="name", column="name", kind=Kind.TEXT, operators=EQUALITY | WORDING, nulls=frozenset({"null"})),
    Field(
        name="tags",
        column="tags",
        kind=Kind.TEXT,
        operators=EQUALITY | WORDING | PRESENCE | {"deq"},
        many=True,
        nulls=frozenset({"null"}),
    ),
    Field(name="codes", column="codes", kind=Kind.INTEGER, operators=EQUALITY, many=True),
)
TENANT, OTHER = 81_000_001, 81_000_002


@pytest.fixture
def sightings(database: Database) -> Iterator[Records]:
    """Return an empty repository whose tables exist during the test."""
    for each in (KIND.table, KIND.values):
        each.create(database.engine)
    yield Records(database, KIND)
    for each in (KIND.table, KIND.values):
        each.drop(database.engine)


def record(record_id: str, timestamp: int = 1, *, tags: tuple[str, ...] = (), **columns: Any) -> Record:
    """Return a record."""
    values = {"tags": tags, "codes": [str(len(tags))]}
    return Record(
        record_id, {"timestamp": timestamp, "rank": None, "name": None, **columns}, values, {"_id": record_id}
    )


def ids(rows: list[Row]) -> list[str]:
    """Return the ids of a page."""
    return [row.record_id for row in rows]


def where(**filters: Any) -> Node:
    """Return the tree of the filters."""
    return parse(filters, FILTERS, 0)


def found(records: Records, **filters: Any) -> list[str]:
    """Return the matching ids in ascending order."""
    return ids(records.page(TENANT, where(**filters), order="timestamp", ascending=True))


def test_add_keeps_what_is_there(sightings: Records) -> None:
    """A redelivered record is not stored again, nor is a duplicate within a batch."""
    assert sightings.add(TENANT, [record("a", name="first"), record("b"), record("a", name="second")]) == 2
    assert sightings.add(TENANT, [record("a", name="third"), record("c")]) == 1
    assert found(sightings, name={"eq": "first"}) == ["a"]
    assert sightings.add(TENANT, []) == 0


def test_what_is_longer_than_stored_is_found(sightings: Records) -> None:
    """By its full text and by a long prefix, in columns and values; only the stored part distinguishes it."""
    long, other = "x" * LONGEST_VALUE + "a" * 78, "x" * (LONGEST_VALUE - 1) + "y" * 9
    made = [record("a", name=long, tags=(long,)), record("b", name=other, tags=(other,)), record("c", tags=("x",))]
    sightings.add(TENANT, made)
    for name in ("name", "tags"):
        for condition, expected in (
            ({"eq": [long]}, ["a"]),
            ({"eq": [long, other, 5]}, ["a", "b"]),
            ({"neq": [long]}, ["b", "c"]),
            ({"eq": [long[:LONGEST_VALUE] + "b"]}, ["a"]),
            ({"eq": [long[: LONGEST_VALUE - 1]]}, []),
            ({"startswith": [long[:610], "z"]}, ["a"]),
            ({"startswith": [long[:9]]}, ["a", "b"]),
            ({"doesnotstartwith": [long[:610]]}, ["b", "c"]),
            ({"contains": [long[-78:]]}, []),
        ):
            assert found(sightings, **{name: condition}) == expected, (name, condition)
            assert sightings.count(TENANT, where(**{name: condition})) == (len(expected), False)
    assert found(sightings, tags={"deq": [long]}) == ["b", "c"]


def test_ids_are_compared_whole(sightings: Records) -> None:
    """Ids are stored untruncated."""
    sightings.add(TENANT, [record("x" * LONGEST_VALUE)])
    for more, number in (("", 1), ("y", 0)):
        node = OneOf(column("record_id"), ("x" * LONGEST_VALUE + more,))
        assert sightings.count(TENANT, node) == (number, False)


def test_put_replaces(sightings: Records) -> None:
    """A replaced record has only its new columns and values."""
    sightings.put(TENANT, [record("a", tags=("x",)), record("b", tags=("x",))])
    assert sightings.put(TENANT, [record("a", 5, tags=("y",))]) == 1
    assert found(sightings, tags={"eq": ["x"]}) == ["b"]
    assert found(sightings, tags={"eq": ["y"]}) == ["a"]


def test_put_changes_what_differs(sightings: Records) -> None:
    """Any of the columns, to and from null; the number of the change, and the document."""

    def new(*given: Any, **columns: Any) -> Record:
        made = record(*given, **columns)
        return Record(made.record_id, made.columns, made.values, {"_id": made.record_id, "new": True})

    sightings.put(TENANT, [record(each, 1, name="same", rank=1) for each in "abcd"])
    sightings.put(TENANT, [new("a", 2, name="same", rank=1), new("b", 1, rank=2), new("c", 1, name="same"), new("e")])
    sightings.put(OTHER, [record("a", 9)])
    assert found(sightings, name={"eq": "same"}) == ["c", "d", "a"]
    rows = sightings.page(TENANT, order="rank", ascending=True)
    assert [(row.record_id, row.key) for row in rows if row.key] == [("a", 1), ("d", 1), ("b", 2)]
    assert [(each.seq, each.record_id) for each in sightings.since(TENANT, 0, 9)] == list(enumerate("dabce", 4))
    assert [sightings.get(TENANT, each) for each in "ad"] == [{"_id": "a", "new": True}, {"_id": "d"}]


def test_values_that_stay_are_not_written_anew(sightings: Records) -> None:
    """A replaced record keeps its number, and only values that differ are written."""

    def rows() -> set[tuple[Any, ...]]:
        values = sightings.kind.values
        with sightings.database.read() as connection:
            query = sa.select(values.c.field, values.c.value, values.c.at, values.c.seq)
            return {tuple(each) for each in connection.execute(query)}

    sightings.put(TENANT, [record("a", tags=("x", "y")), record("b", tags=("x",))])
    before = rows()
    sightings.put(TENANT, [record("a", tags=("y", "z"), name="other"), record("c", tags=("x",))])
    assert before - rows() == {("tags", "x", 1, 1)}
    assert rows() - before == {("tags", "z", 1, 1), ("tags", "x", 1, 4), ("codes", "1", 1, 4)}
    assert found(sightings, tags={"eq": ["x"]}) == ["b", "c"]
    assert [(change.seq, change.record_id) for change in sightings.since(TENANT, 0, 9)] == [
        (2, "b"),
        (3, "a"),
        (4, "c"),
    ]


def test_values_follow_the_time_of_their_record(sightings: Records) -> None:
    """If a record's time changes, its values are still found, and expire with it."""
    sightings.put(TENANT, [record("a", 10, tags=("x",))])
    sightings.put(TENANT, [record("a", 20, tags=("x",))])
    assert found(sightings, tags={"eq": ["x"]}) == ["a"]
    assert sightings.expire(TENANT, 21) == 1
    with sightings.database.read() as connection:
        assert connection.execute(sa.select(sightings.kind.values)).all() == []


def test_others_write_while_many_expire(sightings: Records, monkeypatch: pytest.MonkeyPatch) -> None:
    """They go some at a time, and SQLite's only writer pauses in between."""
    seen = []

    def pause(_: float) -> None:
        sightings.put(OTHER, [record("a")])
        seen.append(sightings.count(TENANT)[0])

    sightings.add(TENANT, [record(str(number)) for number in range(5)])
    monkeypatch.setattr(records, "DELETED_AT_ONCE", dict.fromkeys(records.DELETED_AT_ONCE, 2))
    monkeypatch.setattr("opencasb.store.records.time.sleep", pause)
    assert sightings.expire(TENANT, 2) == 5
    assert seen == ([3, 1, 0] if sightings.database.is_sqlite else [])


def test_retention_takes_steps_that_fit_the_engine(sightings: Records, monkeypatch: pytest.MonkeyPatch) -> None:
    """Only SQLite, whose single writer holds up all others, takes many small steps."""
    steps = []
    note = deletions.note_expiry

    def noted(*given: Any) -> None:
        steps.append(given)
        note(*given)

    monkeypatch.setattr(deletions, "note_expiry", noted)
    sightings.add(TENANT, [record(str(number)) for number in range(1_001)])
    assert sightings.expire(TENANT, 2) == 1_001
    assert len(steps) == (3 if sightings.database.is_sqlite else 1)


def test_tenants_are_apart(sightings: Records) -> None:
    """The same id in two tenants identifies two records."""
    sightings.put(TENANT, [record("a", tags=("x",))])
    sightings.put(OTHER, [record("a", tags=("y",))])
    assert found(sightings, tags={"eq": ["y"]}) == []
    assert sightings.count(OTHER, where(tags={"eq": ["x"]})) == (0, False)
    assert sightings.count(OTHER, where(tags={"neq": ["x"]})) == (1, False)
    assert sightings.delete(OTHER, ["a"]) == 1
    assert sightings.get(TENANT, "a") == {"_id": "a"}
    assert sightings.get(OTHER, "a") is None


@pytest.mark.parametrize(
    ("filters", "expected"),
    [
        ({"tags": {"eq": ["x", "z"]}}, ["a", "c"]),
        ({"tags": {"neq": ["x"]}}, ["b", "c", "d"]),
        ({"tags": {"eq": [None, "x"]}}, ["a", "d"]),
        ({"tags": {"deq": ["x"]}}, ["a", "b", "c"]),
        ({"tags": {"isset": True}}, ["a", "b", "c"]),
        ({"tags": {"isnotset": True}}, ["d"]),
        ({"tags": {"startswith": ["y"]}}, ["a", "b"]),
        ({"tags": {"ncontains": ["y"]}}, ["c", "d"]),
        ({"tags": {"eq": []}}, []),
        ({"codes": {"eq": [2]}}, ["a"]),
        ({"codes": {"neq": [2], "eq": [0, 1]}}, ["b", "c", "d"]),
    ],
)
def test_many_values(sightings: Records, filters: dict[str, Any], expected: list[str]) -> None:
    """A many-valued field is compared as a set."""
    sightings.add(
        TENANT, [record("a", tags=("x", "y1")), record("b", tags=("y2",)), record("c", tags=("z",)), record("d")]
    )
    assert found(sightings, **filters) == expected


@pytest.mark.parametrize("ascending", [True, False])
@pytest.mark.parametrize("order", ["timestamp", "rank"])
def test_pages_are_totally_ordered(sightings: Records, order: str, *, ascending: bool) -> None:
    """Paging by keyset or offset returns every record once, even with equal and missing keys."""
    ranks = [None, 3, None, 1, 3, 2, 1, None, 2]
    sightings.add(TENANT, [record(f"r{n}", n // 3, rank=rank) for n, rank in enumerate(ranks)])
    whole = ids(sightings.page(TENANT, order=order, ascending=ascending))
    assert sorted(whole) == [f"r{n}" for n in range(9)]
    skipped: list[str] = []
    placed: list[str] = []
    after = None
    for skip in range(0, 9, 2):
        skipped += ids(sightings.page(TENANT, order=order, ascending=ascending, skip=skip, limit=2))
        rows = sightings.page(TENANT, order=order, ascending=ascending, limit=2, after=after)
        placed += ids(rows)
        after = (rows[-1].key, rows[-1].record_id)
    assert skipped == placed == whole


def test_count_is_bounded(sightings: Records) -> None:
    """Counting stops at the limit and reports that there are more."""
    sightings.add(TENANT, [record(f"r{n}") for n in range(5)])
    assert sightings.count(TENANT, EVERYTHING, 5) == (5, False)
    assert sightings.count(TENANT, EVERYTHING, 4) == (4, True)


def test_changes_come_in_order(sightings: Records) -> None:
    """A reader that remembers its position sees every change once, with the record's latest state."""
    sightings.add(TENANT, [record("a"), record("b")])
    first = sightings.since(TENANT, 0, 10)
    assert [(change.seq, change.record_id) for change in first] == [(1, "a"), (2, "b")]
    sightings.put(TENANT, [record("a", 7), record("c")])
    assert [(change.seq, change.record_id) for change in sightings.since(TENANT, 2, 10)] == [(3, "a"), (4, "c")]
    assert len(sightings.since(TENANT, 0, 1)) == 1


def test_concurrent_writers(sightings: Records) -> None:
    """A reader that follows concurrent writers misses and repeats nothing."""

    def write(name: str) -> None:
        for number in range(10):
            sightings.add(TENANT, [record(f"{name}{number}"), record(f"{name}{number}x"), record("same")])

    writers = [threading.Thread(target=write, args=(name,)) for name in "pqr"]
    for writer in writers:
        writer.start()
    seen: list[str] = []
    place = 0
    while len(seen) < 61:
        for change in sightings.since(TENANT, place, 7):
            assert change.seq == place + 1
            place = change.seq
            seen.append(change.record_id)
    for writer in writers:
        writer.join()
    assert len(set(seen)) == 61
    assert sightings.since(TENANT, place, 7) == []


def test_expiry(sightings: Records) -> None:
    """Old records are deleted with their values."""
    sightings.add(TENANT, [record("old", 10, tags=("x",)), record("new", 20, tags=("x",))])
    sightings.add(OTHER, [record("old", 10)])
    assert sightings.expire(TENANT, 20) == 1
    assert found(sightings, tags={"eq": ["x"]}) == ["new"]
    assert sightings.get(OTHER, "old") is not None


def test_transactions_are_joined(sightings: Records) -> None:
    """A failure later in the transaction rolls everything back."""

    def half() -> None:
        with sightings.writing() as connection:
            sightings.put(TENANT, [record("a")], connection=connection)
            assert sightings.many(TENANT, ["a", "b"], connection=connection) == {"a": {"_id": "a"}}
            raise RuntimeError("later")

    with pytest.raises(RuntimeError, match="later"):
        half()
    assert sightings.get(TENANT, "a") is None


def test_hostile_texts(sightings: Records) -> None:
    """Text too long for an index is truncated, and null characters are dropped; the document keeps both."""
    name = "\0" + "\U0001f600" * 5000
    sightings.add(TENANT, [record("a", name=name, tags=(name,))])
    assert found(sightings, name={"startswith": ["\U0001f600" * LONGEST_VALUE]}) == ["a"]
    assert sightings.get(TENANT, "a\0") is None
