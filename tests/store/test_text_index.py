"""Words are found by the text index, with the same results as without it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from opencasb.filters.fields import EQUALITY, PRESENCE, WORDING, Field, Kind, table
from opencasb.filters.parse import parse
from opencasb.filters.predicate import holds
from opencasb.filters.tree import AllOf, AnyOf, Node
from opencasb.store import narrowing, text_index
from opencasb.store.database import Database
from opencasb.store.record_tables import TEXT, RecordKind
from opencasb.store.records import Record, Records

KIND = RecordKind.of(
    "remarks",
    order=("timestamp",),
    time="timestamp",
    columns=[
        sa.Column("timestamp", sa.BigInteger, nullable=False),
        sa.Column("colour", TEXT),
        sa.Column("rank", sa.BigInteger),
        sa.Column("search_text", sa.Text, nullable=False, info={"longest": 20_000}),
    ],
    sought=("colour", "rank"),
    text="search_text",
)
for _table in (KIND.table, KIND.values):
    _table.metadata.remove(_table)  # it is not a table of the product

FILTERS = table(
    Field(name="text", column="search_text", kind=Kind.TEXT, operators=frozenset({"text"}) | WORDING, folded=True),
    Field(name="colour", column="colour", kind=Kind.TEXT, operators=EQUALITY | PRESENCE | WORDING),
    Field(name="rank", column="rank", kind=Kind.INTEGER, operators=EQUALITY | PRESENCE),
)
TENANTS = (81_000_001, 81_000_002, 2**31 - 1)
TENANT = TENANTS[0]


@pytest.fixture
def remarks(database: Database) -> Iterator[Records]:
    """Return an empty repository whose tables exist during the test."""
    for each in (KIND.table, KIND.values):
        each.create(database.engine)
    yield Records(database, KIND)
    for each in (KIND.table, KIND.values):
        each.drop(database.engine)


def remark(record_id: str, text: str, timestamp: int = 1, colour: str | None = None, rank: int | None = None) -> Record:
    """Return a record."""
    columns = {"timestamp": timestamp, "colour": colour, "rank": rank, "search_text": text.lower()}
    return Record(record_id, columns, {}, {"_id": record_id})


def found(records: Records, where: Node, tenant_id: int = TENANT) -> list[str]:
    """Return the matching ids in ascending order, and check the count."""
    rows = records.page(tenant_id, where, order="timestamp", ascending=True)
    ids = sorted(row.record_id for row in rows)
    assert records.count(tenant_id, where) == (len(ids), False)
    return ids


def searched(records: Records, word: str) -> list[str]:
    """Return the ids of the records that contain the word."""
    return found(records, parse({"text": {"text": word}}, FILTERS, 0))


def indexed(records: Records, word: str) -> int:
    """Return how many rows of SQLite's full-text table may match a three-character word."""
    query = sa.text("select count(*) from remarks_text where remarks_text match :word")
    with records.database.read() as connection:
        count: int = connection.execute(query, {"word": f'"{word}"'}).scalar_one()
    return count


TEXTS = {
    "wild": "100% of A_B\nnext*line",
    "quoted": 'say "hello world" to o\'neill',
    "accents": "ÅNGSTRÖM straße İstanbul 日本語のテキスト \U0001f600\U0001f601\U0001f602",
    "null": "before\0after",
    "plain": "100x of aXb hello brave world",
    "short": "ab",
    "none": "",
}


WORDS = {
    "100%": ["wild"],
    "a_b": ["wild"],
    "next*": ["wild"],
    '"hello world"': ["quoted"],
    "hello world": ["plain", "quoted"],
    "o'neill": ["quoted"],
    "NGSTRÖM": ["accents"],
    "straße": ["accents"],
    "本語の": ["accents"],
    "\U0001f600\U0001f601\U0001f602": ["accents"],
    "beforeafter": ["null"],
    '"a_b\nnext"': ["wild"],
    "ab": ["short"],
    "hello 100": ["plain"],
    "NOT": [],
    "missing": [],
    "world" * 100: [],
}


@pytest.mark.parametrize("waiting", [0, 4, 1000])
def test_words_are_found_as_they_stand(remarks: Records, monkeypatch: pytest.MonkeyPatch, waiting: int) -> None:
    """Wildcards and quotes are literal, whether a record is indexed or waiting."""
    monkeypatch.setattr(text_index, "MOST_WAITING", waiting)
    for record_id, text in TEXTS.items():
        remarks.add(TENANT, [remark(record_id, text)])
        remarks.add(TENANTS[1], [remark(record_id, "hello 100% missing")])
    assert {words: searched(remarks, words) for words in WORDS} == WORDS


ALPHABET = st.text("abcÅ%_\"' \n*", max_size=12)
CHANGES = st.lists(
    st.tuples(
        st.sampled_from(["add", "put", "delete"]),
        st.sampled_from(TENANTS),
        st.integers(0, 5),
        ALPHABET,
        st.sampled_from(["red", "blue", None]),
    ),
    max_size=12,
)


def _operators(operand: Any, *names: str) -> st.SearchStrategy[dict[str, Any]]:
    return st.builds(lambda name, given: {name: given}, st.sampled_from(names), operand)


CONDITIONS = st.one_of(
    st.builds(lambda given: {"text": given}, _operators(ALPHABET, "text")),
    st.builds(
        lambda given: {"text": given},
        _operators(st.lists(ALPHABET.filter(bool), min_size=1, max_size=3), "contains", "startswith", "endswith"),
    ),
    st.builds(
        lambda given: {"colour": given},
        _operators(st.lists(st.sampled_from(["red", "blue", "none"]), min_size=1), "eq", "neq", "startswith"),
    ),
    st.builds(lambda given: {"colour": given}, _operators(st.just(value=True), "isset", "isnotset")),
    st.builds(lambda given: {"rank": given}, _operators(st.just([0, 3]), "eq", "neq")),
)
TREES = st.lists(CONDITIONS.map(lambda given: parse(given, FILTERS, 0)), min_size=1, max_size=2)


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    changes=CHANGES, trees=TREES, either=st.booleans(), waiting=st.sampled_from([0, 3]), few=st.sampled_from([1, 50])
)
def test_the_index_changes_no_answer(
    remarks: Records, changes: list[Any], trees: list[Node], *, either: bool, waiting: int, few: int
) -> None:
    """After any changes, each tenant finds the same as by comparing every record."""
    kept: dict[int, dict[str, Record]] = {tenant_id: {} for tenant_id in TENANTS}
    with pytest.MonkeyPatch.context() as patch, remarks.database.engine.connect() as connection:
        patch.setattr(text_index, "MOST_WAITING", waiting)
        patch.setattr(narrowing, "FEW", few)
        whole = AnyOf(tuple(trees)) if either else AllOf(tuple(trees))
        with connection.execution_options(opencasb_begin="BEGIN IMMEDIATE").begin() as transaction:
            for what, tenant_id, number, text, colour in changes:
                record = remark(f"r{number}", text, number, colour, number)
                change(remarks, connection, kept[tenant_id], what, tenant_id, record)
            for tenant_id in TENANTS:
                rows = remarks.page(tenant_id, whole, order="timestamp", ascending=True, connection=connection)
                passing = {each for each, record in kept[tenant_id].items() if holds(whole, record.columns)}
                assert {row.record_id for row in rows} == passing
            transaction.rollback()


def change(
    records: Records,
    connection: sa.Connection,
    kept: dict[str, Record],
    what: str,
    tenant_id: int,
    record: Record,
) -> None:
    """Apply a change to the database and to ``kept``."""
    match what:
        case "add":
            records.add(tenant_id, [record], connection=connection)
            kept.setdefault(record.record_id, record)
        case "put":
            records.put(tenant_id, [record], connection=connection)
            kept[record.record_id] = record
        case _:
            records.delete(tenant_id, [record.record_id], connection=connection)
            kept.pop(record.record_id, None)


def test_a_write_that_fails_leaves_no_trace(remarks: Records, monkeypatch: pytest.MonkeyPatch) -> None:
    """The index is part of the records' transaction: rolled-back numbers are reused, and found."""
    monkeypatch.setattr(text_index, "MOST_WAITING", 0)

    def half() -> None:
        with remarks.writing() as connection:
            remarks.add(TENANT, [remark("a", "first words")], connection=connection)
            raise RuntimeError("later")

    with pytest.raises(RuntimeError, match="later"):
        half()
    remarks.add(TENANT, [remark("b", "other words")])
    assert searched(remarks, "first") == []
    assert searched(remarks, "other") == ["b"]
    if remarks.database.is_sqlite:
        assert (indexed(remarks, "irs"), indexed(remarks, "ord")) == (0, 1)


def test_expiry_gives_the_space_back(remarks: Records, monkeypatch: pytest.MonkeyPatch) -> None:
    """An index whose records are replaced over time does not grow."""
    if not remarks.database.is_sqlite:
        pytest.skip("PostgreSQL's index is its own")
    monkeypatch.setattr(text_index, "MOST_WAITING", 50)
    sizes = []
    for turn in range(30):
        texts = [f"text {n * 7919 * turn:x} of turn {turn}" for n in range(100)]
        remarks.add(TENANT, [remark(f"{turn}:{n}", text, turn) for n, text in enumerate(texts)])
        assert remarks.expire(TENANT, turn) == (100 if turn else 0)
        with remarks.database.read() as connection:
            sizes.append(connection.execute(sa.text("select sum(length(block)) from remarks_text_data")).scalar_one())
    assert indexed(remarks, "tex") == 100
    assert sizes[-1] < 3 * sizes[8]


def test_any_number_of_removals_leaves_the_index_sound(remarks: Records, monkeypatch: pytest.MonkeyPatch) -> None:
    """SQLite rejects an index with two thousand levels; a removal adds none."""
    if not remarks.database.is_sqlite:
        pytest.skip("PostgreSQL's index is its own")
    monkeypatch.setattr(text_index, "MOST_WAITING", 0)
    remarks.add(TENANT, [remark(str(n), f"text {n * 7919:x}") for n in range(1100)])
    with remarks.writing() as connection:
        for n in range(1099):
            remarks.delete(TENANT, [str(n)], connection=connection)
    assert (searched(remarks, "text"), indexed(remarks, "tex")) == (["1099"], 1)


def test_an_index_with_all_its_levels_is_used_on(remarks: Records, monkeypatch: pytest.MonkeyPatch) -> None:
    """One that was merged as a whole with each removal has nearly as many levels as SQLite takes, and gets no more."""
    if not remarks.database.is_sqlite:
        pytest.skip("PostgreSQL's index is its own")
    monkeypatch.setattr(text_index, "MOST_WAITING", 100)
    remarks.add(TENANT, [remark(str(n), f"text {n * 7919:x}") for n in range(2_000)])
    _grow_levels(remarks)
    before = _levels_and_size(remarks)
    for first in range(2_000, 6_000, 100):
        remarks.add(TENANT, [remark(str(n), f"text {n * 7919:x}", n) for n in range(first, first + 100)])
        remarks.expire(TENANT, first)
    after = _levels_and_size(remarks)
    assert searched(remarks, "text") == [str(n) for n in range(5_900, 6_000)]
    assert before[0] > 4_000
    assert after[0] <= before[0]
    assert after[1] < before[1]


def _grow_levels(records: Records) -> None:
    """Merge a page of the whole index with each of many writes; SQLite rejects 2,000 levels."""
    other = "INSERT INTO remarks_text (rowid, text) VALUES (1, 'other')"
    gone = "INSERT INTO remarks_text (remarks_text, rowid, text) VALUES ('delete', 1, 'other')"
    with records.writing() as connection:
        for number in range(1_990):
            connection.exec_driver_sql(gone if number % 2 else other)
            connection.exec_driver_sql("INSERT INTO remarks_text (remarks_text, rank) VALUES ('merge', -1)")


def _levels_and_size(records: Records) -> tuple[int, int]:
    """Return the length of the full-text table's list of levels, and its size in bytes."""
    query = "SELECT sum(length(block)) FILTER (WHERE id = 10), sum(length(block)) FROM remarks_text_data"
    with records.database.read() as connection:
        levels, size = connection.exec_driver_sql(query).one()
    return levels, size
