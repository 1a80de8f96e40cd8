"""Deliveries: accepted, repeated and rejected records, with reasons."""

from __future__ import annotations

import itertools
import json
import re
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from typing import Any

import pytest
import sqlalchemy as sa
from hypothesis import given
from hypothesis import strategies as st

from opencasb.activities import readers
from opencasb.activities.columns import to_record
from opencasb.activities.ingest import (
    BATCH,
    BATCH_BYTES,
    DEEPEST,
    KEPT_ERRORS,
    Convert,
    Ingest,
    Report,
    batches,
    decoded,
)
from opencasb.activities.lines import LONGEST
from opencasb.activities.people import ScannedEntities
from opencasb.store.activities import Activities
from opencasb.store.database import Database
from opencasb.store.files import Files
from opencasb.store.record_tables import RecordKind
from opencasb.store.records import Record, Records
from tests.activities.example import TENANT, wire
from tests.conftest import NOW

THINGS = RecordKind.of("things", order=("at",), columns=[sa.Column("at", sa.BigInteger, nullable=False)])
for _table in (THINGS.table, THINGS.values):
    _table.metadata.remove(_table)  # not a table of the product


class House:
    """An ingest with simple readers and real stores, and a record of its calls."""

    def __init__(self, database: Database, clock: Callable[[], int]) -> None:
        self.activities = Activities(database, clock)
        self.things = Records(database, THINGS)
        self.seen: list[list[str]] = []
        self.tenants: list[int] = []
        self.domains: list[str] = []
        """The own domains passed to the reader and then to ``note``, for each transaction."""

        self.ingest = Ingest(
            self.activities,
            self.things,
            self.things,
            read_activity=self.read_activity,
            read_entity=read_thing,
            read_file=read_thing,
            clock=clock,
            own_domains=lambda _: [f"{len(self.tenants)}.example"],
            seen=[self.note],
        )

    def read_activity(self, tenant_id: int, now: int, domains: Collection[str]) -> Convert:
        """Read wire records; ``created`` is the time of storing."""
        self.tenants.append(tenant_id)
        self.domains += domains
        return lambda given_: to_record({**given_, "created": now})

    def note(
        self,
        tenant_id: int,
        documents: Sequence[Mapping[str, Any]],
        domains: Collection[str],
        connection: sa.Connection,
    ) -> None:
        """Note the ids of new activities; fail within the transaction on request."""
        assert tenant_id == TENANT
        assert connection.in_transaction()
        self.domains += domains
        self.seen.append([document["_id"] for document in documents])
        if any(document.get("description") == "fail" for document in documents):
            raise RuntimeError("asked for")

    def take(self, *records: Any) -> Report:
        """Deliver activities."""
        return self.ingest.activities(TENANT, [line(each) for each in records])

    def stored(self) -> list[str]:
        """Return the ids of all activities, newest first."""
        return [row.record_id for row in self.activities.page(TENANT, order="timestamp", ascending=False, limit=9999)]


def line(value: Any) -> bytes:
    """Return a record as a line."""
    return value if isinstance(value, bytes) else json.dumps(value).encode()


def read_thing(tenant_id: int, now: int, domains: Collection[str]) -> Convert:
    """Read records with an id and a time."""

    def convert(given_: dict[str, Any]) -> Record:
        if not isinstance(given_.get("at"), int):
            raise ValueError("at: a whole number is expected")  # noqa: TRY004 -- as readers do
        return Record(given_["_id"], {"at": given_["at"]}, {}, given_)

    return convert


@pytest.fixture
def house(database: Database, clock: Callable[[], int]) -> Iterable[House]:
    """Return an empty store."""
    for table in (THINGS.table, THINGS.values):
        table.create(database.engine)
    yield House(database, clock)
    for table in (THINGS.table, THINGS.values):
        table.drop(database.engine)


def test_a_record_is_stored_ready_to_send(house: House) -> None:
    """The document is the reader's result."""
    assert house.take(wire(1, created=7)) == Report(1, 1, 0, 0, ())
    assert house.activities.get(TENANT, wire(1)["_id"]) == wire(1, created=NOW)


def test_small_deliveries_share_a_transaction(house: House) -> None:
    """Each has its own report; a failure is reported for the delivery that caused it, and the others are stored."""
    made: list[list[Any]] = [[wire(1)], [wire(2), b"{broken"], [], [wire(3, description="fail")], [wire(1), wire(4)]]
    deliveries = [[line(each) for each in records] for records in made]
    one, two, nothing, failed, last = house.ingest.activities_together(TENANT, deliveries)
    assert (one, nothing, last) == (Report(1, 1, 0, 0, ()), Report(0, 0, 0, 0, ()), Report(2, 1, 1, 0, ()))
    assert isinstance(two, Report)
    assert (two.accepted, two.rejected) == (1, 1)
    assert isinstance(failed, RuntimeError)
    assert sorted(house.stored()) == [wire(number)["_id"] for number in (1, 2, 4)]
    house.seen.clear()
    house.ingest.activities_together(TENANT, [[line(wire(number))] for number in range(10, 15)])
    assert [len(each) for each in house.seen] == [5]
    many = [line(wire(number)) for number in range(100, 101 + BATCH)]
    assert house.ingest.activities_together(TENANT, [many, many[:1]])[0] == Report(BATCH + 1, BATCH + 1, 0, 0, ())


def test_a_delivery_again_changes_nothing(house: House) -> None:
    """Records are identified by id, within and between deliveries; only new ones are passed on."""
    assert house.take(wire(1), wire(2), wire(1, description="other")) == Report(3, 2, 1, 0, ())
    assert house.take(wire(2), wire(3), wire(1)) == Report(3, 1, 2, 0, ())
    assert house.stored() == [wire(number)["_id"] for number in (1, 2, 3)]
    assert house.activities.get(TENANT, wire(1)["_id"]) is not None
    assert house.activities.get(TENANT, wire(1)["_id"])["description"] == wire(1)["description"]  # type: ignore[index]
    assert house.seen == [[wire(1)["_id"], wire(2)["_id"]], [wire(3)["_id"]]]


def test_own_domains_are_read_once_for_each_transaction(house: House) -> None:
    """A transaction uses the same ones throughout; the next reads them again."""
    house.take(wire(1))
    house.take(wire(2))
    assert house.domains == ["0.example", "0.example", "1.example", "1.example"]


def test_hostile_texts_are_stored(house: House) -> None:
    """NUL characters, and values too long for an index, on both engines."""
    objects = [{"objType": 1, "id": "\U0001f600" * 5000, "name": "a\0b"}]
    hostile = wire(1, user={"userName": "\xe4\0" * 5000}, mainInfo={"eventObjects": objects}, description="\0")
    assert house.take(hostile, wire(2)) == Report(2, 2, 0, 0, ())
    stored = house.activities.get(TENANT, hostile["_id"])
    assert stored is not None
    assert stored["user"] == hostile["user"]


@pytest.mark.parametrize(
    ("bad", "message"),
    [
        (b"{", "record: this is not JSON: Input data was truncated"),
        (b"\xff", "record: this is not "),
        (b'{"a":"\xff"}', "record: this is not UTF-8"),
        (b"7", "record: a JSON object is expected: Expected `object`, got `int`"),
        (b'{"a":NaN}', "record: this is not JSON"),
        (b'{"a":' + b"1" * 9999 + b"}", "record: a JSON object is expected: Integer value out of range"),
        (b'{"a":"\\ud83d",}', "record: this is not JSON"),
        (b'{"b":"\\ud83d","a":' + b"[" * DEEPEST + b"1" + b"]" * DEEPEST + b"}", "record: it is nested too deeply"),
        (b'{"a":' + b"[" * 99999, f"record: it is nested too deeply; allowed: {DEEPEST} levels"),
        (b'{"a":' + b"[" * DEEPEST + b"1" + b"]" * DEEPEST + b"}", "record: it is nested too deeply"),
        (b'{"a":"' + b"x" * LONGEST + b'"}', f"record: it is too long; allowed: {LONGEST} bytes"),
        (wire(9, timestamp="now"), "timestamp: now is not valid; a whole number is expected"),
    ],
)
def test_a_bad_line_loses_no_other(house: House, bad: Any, message: str) -> None:
    """It is rejected with its line number and the reason; blank lines only count as lines."""
    report = house.take(wire(1), b"", b" \r", bad, wire(2))
    assert (report.read, report.accepted, report.repeated, report.rejected) == (3, 2, 0, 1)
    ((number, error),) = report.errors
    assert number == 4
    assert error.startswith(message)


@pytest.mark.parametrize(
    ("given_", "expected"),
    [
        (b'{"a":"x\\ud83dy","\\udc00":[1]}', {"a": "x\ufffdy", "\ufffd": [1]}),
        (b'{"a":1e400,"b":[-1e400,2.5]}', {"a": None, "b": [None, 2.5]}),
        (b'{"a":"\\ud83d\\ude00"}', {"a": "\U0001f600"}),
    ],
)
def test_what_only_the_fast_parser_refuses_is_taken(given_: bytes, expected: dict[str, Any]) -> None:
    """Lone surrogates become U+FFFD, numbers out of range null; the number of U+FFFD is not checked."""
    assert re.sub("\ufffd+", "\ufffd", json.dumps(decoded(given_), ensure_ascii=False)) == json.dumps(
        expected, ensure_ascii=False
    )


def test_only_the_first_errors_are_kept(house: House) -> None:
    """All errors are counted."""
    report = house.take(*[b"{"] * (KEPT_ERRORS + 5))
    assert (report.rejected, len(report.errors), report.errors[-1][0]) == (KEPT_ERRORS + 5, KEPT_ERRORS, KEPT_ERRORS)
    assert report.machine() == {
        "read": KEPT_ERRORS + 5,
        "accepted": 0,
        "repeated": 0,
        "rejected": KEPT_ERRORS + 5,
        "errors": [{"line": number, "error": error} for number, error in report.errors],
    }


def test_a_batch_is_stored_whole_or_not_at_all(house: House) -> None:
    """A delivery that failed is sent again, and every record is stored once."""
    records = [wire(number) for number in range(BATCH + 3)]
    with pytest.raises(RuntimeError, match="asked for"):
        house.take(*records[:-1], {**records[-1], "description": "fail"})
    assert len(house.stored()) == BATCH
    assert house.take(*records) == Report(BATCH + 3, 3, BATCH, 0, ())
    assert house.stored() == [record["_id"] for record in records]
    assert house.tenants == [TENANT] * 4


def test_state_is_replaced_by_what_comes_later(house: House) -> None:
    """Entities and files: a changed record is accepted, an equal one is repeated, the last of one id wins."""
    things = [{"_id": "a", "at": 1}, {"_id": "b", "at": 1}, {"_id": "a", "at": 2}]
    for take in (house.ingest.entities, house.ingest.files):
        assert take(TENANT, map(line, things)) == Report(3, 2, 1, 0, ())
        assert take(TENANT, map(line, things[1:])) == Report(2, 0, 2, 0, ())
        assert take(TENANT, [line({"_id": "b", "at": 5}), line({"_id": "c"})]) == Report(
            2, 1, 0, 1, ((2, "at: a whole number is expected"),)
        )
        assert house.things.many(TENANT, ["a", "b", "c"]) == {"a": {"_id": "a", "at": 2}, "b": {"_id": "b", "at": 5}}
        house.things.delete(TENANT, ["a", "b"])


def test_entities_and_files_again_are_repeated(database: Database) -> None:
    """A time that is not stated does not count as changed, whenever they arrive."""
    now = itertools.count(NOW)

    def clock() -> int:
        return next(now)

    entities, things = ScannedEntities(database, clock), Files(database)
    ingest = Ingest(
        Activities(database, clock),
        entities,
        things,
        read_activity=lambda *_: to_record,
        read_entity=readers.entities,
        read_file=readers.files,
        clock=clock,
    )
    ana = {"id": "u-1", "appId": 11161, "email": "ana@example.org", "displayName": "Ana", "status": "active"}
    person = {"id": "p-1", "type": "user", "appId": 11161, "email": "ben@example.org"}
    file = {"id": "f-1", "appId": 10489, "name": "Plan.xlsx"}
    for accepted in (1, 0, 0):
        assert ingest.files(TENANT, [line(file)]).accepted == accepted
        assert ingest.entities(TENANT, [line(ana), line(person)]).accepted == 2 * accepted
    kept = [{**file, "modifiedDate": NOW}, {**ana, "sctime": NOW}]
    assert ingest.files(TENANT, [line({**file, "size": 7})]).accepted == 1
    assert ingest.entities(TENANT, [line({**ana, "isAdmin": True})]).accepted == 1
    assert ingest.files(TENANT, [line(kept[0])]).accepted == ingest.entities(TENANT, [line(kept[1])]).accepted == 1


@given(st.lists(st.sampled_from([b"x" * (size << 20) for size in range(4)]), max_size=30))
def test_batches_are_bounded_and_lose_nothing(given_: list[bytes]) -> None:
    """Every line is in one batch, with its number; no batch is much larger than the limit of a transaction."""
    found = list(batches(given_))
    assert [each for batch in found for each in batch] == list(enumerate(given_, 1))
    for batch in found:
        assert sum(len(each) for _, each in batch[:-1]) <= BATCH_BYTES
    assert [len(batch) for batch in batches([b""] * (2 * BATCH + 1))] == [BATCH, BATCH, 1]


@given(st.binary(max_size=40) | st.text('{}[]",:1a', max_size=40).map(str.encode))
def test_any_bytes_are_an_object_or_a_value_error(given_: bytes) -> None:
    """No line raises another error."""
    try:
        assert isinstance(decoded(given_), dict)
    except ValueError:
        return


def test_levels_are_counted_through_objects_and_lists() -> None:
    """A record at the limit is accepted, one with one level more is rejected."""
    nest = (b'{"a":', b"[")
    for levels, fits in ((DEEPEST, True), (DEEPEST + 1, False)):
        opening = list(itertools.islice(itertools.cycle(nest), levels))
        text = b"".join(opening) + b"1" + b"".join(b"}" if each == nest[0] else b"]" for each in reversed(opening))
        if fits:
            decoded(text)
        else:
            with pytest.raises(ValueError, match="nested too deeply"):
                decoded(text)
