"""Ingest activities, entities and files: one record per line; a bad record is rejected without affecting the others.

Accepted records are durable; each transaction stores up to a thousand. An interrupted delivery can be sent again as a
whole, because records are deduplicated by id.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from itertools import islice
from typing import TYPE_CHECKING, Any, Final

import msgspec

from opencasb.activities.group_commit import GroupCommit
from opencasb.activities.json_values import storable
from opencasb.activities.lines import LONGEST
from opencasb.activities.repeats import is_repeated
from opencasb.store.sequences import lock

if TYPE_CHECKING:
    import sqlalchemy as sa

    from opencasb.store.records import Record, Records

BATCH: Final = 1000
"""Records per transaction."""

BATCH_BYTES: Final = 16 * 1024 * 1024
"""A batch ends with the line that takes it over this many bytes."""

KEPT_ERRORS: Final = 100

DEEPEST: Final = 50
"""Maximum nesting of a record; clients' parsers stop at 64, and a response adds a few levels."""

Json = dict[str, Any]
Batch = Sequence[tuple[int, bytes]]
"""Lines with their numbers."""
Convert = Callable[[Json], "Record"]
"""Turns a decoded line into a record. Raises ``ValueError`` that names the field, its value and what is allowed."""

Domains = Collection[str]
"""A tenant's own domains, read once per transaction so that everything it stores is judged by the same set."""

Reader = Callable[[int, int, Domains], Convert]
"""(tenant, time in ms, own domains) → converter of lines; called once per batch, so that look-ups can be shared."""

Seen = Callable[[int, Sequence[Mapping[str, Any]], Domains, "sa.Connection"], None]
"""Called with the tenant, its new activities, its own domains and the transaction that stores them."""

Tag = Callable[[int, Sequence["Record"]], Sequence["Record"]]
"""Returns a tenant's activity records, in the same order, with what is known about their actors."""


@dataclass(frozen=True, slots=True)
class Report:
    """The outcome of a delivery: numbers of records read, newly accepted, already known and rejected.

    ``errors`` lists the first hundred rejections: line number (from 1) and what is wrong.
    """

    read: int
    accepted: int
    repeated: int
    rejected: int
    errors: tuple[tuple[int, str], ...]

    def machine(self) -> Json:
        """Return the report as JSON."""
        counts = {name: getattr(self, name) for name in ("read", "accepted", "repeated", "rejected")}
        return {**counts, "errors": [{"line": line, "error": error} for line, error in self.errors]}


@dataclass(slots=True)
class _Tally:
    read: int = 0
    accepted: int = 0
    rejected: int = 0
    errors: list[tuple[int, str]] = field(default_factory=list)

    def reject(self, line: int, error: str) -> None:
        self.rejected += 1
        if len(self.errors) < KEPT_ERRORS:
            self.errors.append((line, error))

    def add(self, other: _Tally) -> None:
        self.read += other.read
        self.accepted += other.accepted
        self.rejected += other.rejected
        self.errors = (self.errors + other.errors)[:KEPT_ERRORS]

    def report(self) -> Report:
        repeated = self.read - self.rejected - self.accepted
        return Report(self.read, self.accepted, repeated, self.rejected, tuple(self.errors))


class Ingest:
    """Ingest deliveries for all tenants."""

    def __init__(  # noqa: PLR0913 -- the stores, their readers and hooks
        self,
        activities: Records,
        entities: Records,
        files: Records,
        *,
        read_activity: Reader,
        read_entity: Reader,
        read_file: Reader,
        clock: Callable[[], int],
        own_domains: Callable[[int], Domains] = lambda _: (),
        tag: Tag = lambda _, records: records,
        seen: Sequence[Seen] = (),
    ) -> None:
        """Take the stores and readers; ``tag`` completes activities, ``seen`` updates people and files from them."""
        self._activities = activities
        self._entities = entities
        self._files = files
        self._read_activity = read_activity
        self._read_entity = read_entity
        self._read_file = read_file
        self._clock = clock
        self._own_domains = own_domains
        self._tag = tag
        self._seen = seen
        self._add = GroupCommit(self._add_activities)

    def activities(self, tenant_id: int, lines: Iterable[bytes]) -> Report:
        """Store activities, normalised (connectors §2) or in wire format (api §7.4); known ids are ignored."""
        return _taken(lines, lambda batch: self._add(tenant_id, batch))

    def activities_together(self, tenant_id: int, deliveries: Sequence[Sequence[bytes]]) -> list[Report | Exception]:
        """Like :meth:`activities` for several small deliveries, in as few transactions as possible.

        Each has a report or an error of its own.
        """
        parts = [list(batches(lines)) for lines in deliveries]
        stored = iter(self._add.together(tenant_id, [batch for each in parts for batch in each]))
        return [_reported(islice(stored, len(each))) for each in parts]

    def entities(self, tenant_id: int, lines: Iterable[bytes]) -> Report:
        """Upsert entities (api §9.2); one that is identical to the stored record counts as *repeated*."""
        return _taken(lines, lambda batch: self._replaced(self._entities, self._read_entity, tenant_id, batch))

    def files(self, tenant_id: int, lines: Iterable[bytes]) -> Report:
        """Upsert files (api §10.2); one that is identical to the stored record counts as *repeated*."""
        return _taken(lines, lambda batch: self._replaced(self._files, self._read_file, tenant_id, batch))

    def _replaced(self, records: Records, reader: Reader, tenant_id: int, batch: Batch) -> _Tally:
        tally = _Tally()
        convert = reader(tenant_id, self._clock(), self._own_domains(tenant_id))
        readable = list(_readable(batch, convert, tally))
        tally.accepted = _store_changed(records, tenant_id, readable) if readable else 0
        return tally

    def _add_activities(self, tenant_id: int, deliveries: Sequence[Batch]) -> list[_Tally]:
        """Store activities in one transaction.

        They are parsed here rather than in each waiting thread, so that look-ups are shared and the waiting threads
        leave the interpreter lock to the one that stores.
        """
        domains = self._own_domains(tenant_id)
        convert = self._read_activity(tenant_id, self._clock(), domains)
        tallies = [_Tally() for _ in deliveries]
        read = [list(_readable(batch, convert, tally)) for batch, tally in zip(deliveries, tallies, strict=True)]
        every = self._tag(tenant_id, [record for records in read for record in records])
        added = {id(record) for record in self._added(tenant_id, every, domains)} if every else set()
        tagged = iter(every)
        for tally, records in zip(tallies, read, strict=True):
            tally.accepted = sum(id(record) in added for record in islice(tagged, len(records)))
        return tallies

    def _added(self, tenant_id: int, records: Sequence[Record], domains: Domains) -> list[Record]:
        with self._activities.writing() as connection:
            new = self._activities.added(tenant_id, records, connection=connection)
            for tell in self._seen:
                tell(tenant_id, [record.document for record in new], domains, connection)
        return new


def _taken(lines: Iterable[bytes], store: Callable[[Batch], _Tally]) -> Report:
    tally = _Tally()
    for batch in batches(lines):
        tally.add(store(batch))
    return tally.report()


def _reported(stored: Iterable[_Tally | Exception]) -> Report | Exception:
    tally = _Tally()
    for each in list(stored):  # all of it, since the next delivery's part follows
        if isinstance(each, Exception):
            return each
        tally.add(each)
    return tally.report()


def decoded(line: bytes) -> Json:
    """Return the object in a line. Raises ``ValueError`` that says what is wrong and what is allowed."""
    if len(line) > LONGEST:
        raise ValueError(f"record: it is too long; allowed: {LONGEST} bytes")
    try:
        found = _object(line)
        too_deep = line.count(b"{") + line.count(b"[") > DEEPEST and _is_too_deep(found)
    except RecursionError:
        too_deep = True
    except UnicodeError:
        raise ValueError("record: this is not UTF-8") from None
    except msgspec.ValidationError as error:
        raise ValueError(f"record: a JSON object is expected: {error}") from None
    except (msgspec.MsgspecError, ValueError) as error:
        raise ValueError(f"record: this is not JSON: {error}") from None
    if too_deep:
        raise ValueError(f"record: it is nested too deeply; allowed: {DEEPEST} levels")
    return found


def _object(line: bytes) -> Json:
    """Return the object in a line, sanitised if only the fast parser refuses it. Raises that parser's errors."""
    try:
        return msgspec.json.decode(line, type=Json)
    except msgspec.DecodeError:
        with suppress(ValueError):
            found = json.loads(line.decode(), parse_constant=int)  # rejects NaN
            if isinstance(found, dict):
                return found if _is_too_deep(found) else storable(found)
        raise


def batches(lines: Iterable[bytes]) -> Iterator[Batch]:
    """Yield numbered lines in batches of one transaction each."""
    batch: list[tuple[int, bytes]] = []
    size = 0
    for number, line in enumerate(lines, 1):
        batch.append((number, line))
        size += len(line)
        if len(batch) == BATCH or size > BATCH_BYTES:
            yield batch
            batch, size = [], 0
    if batch:
        yield batch


def _readable(batch: Batch, convert: Convert, tally: _Tally) -> Iterator[Record]:
    for number, line in batch:
        if not line.strip():
            continue
        tally.read += 1
        try:
            yield convert(decoded(line))
        except ValueError as error:
            tally.reject(number, str(error))


def _store_changed(records: Records, tenant_id: int, given: Sequence[Record]) -> int:
    """Store the records that differ from the stored ones; return how many do once the store has merged them."""
    unique = {record.record_id: record for record in given}
    with records.writing() as connection:
        lock(connection, tenant_id, records.kind.name)  # before reading: other servers write, too
        known = records.many(tenant_id, unique, connection=connection)
        changed = [
            each for each in unique.values() if not is_repeated(each.document, known.get(each.record_id), each.arrived)
        ]
        return records.put(tenant_id, changed, connection=connection)


def _is_too_deep(value: Json) -> bool:
    """Return whether ``value`` is nested more than :data:`DEEPEST` levels deep."""
    layer: list[Any] = [value]
    for _ in range(DEEPEST + 1):
        insides = [each.values() if isinstance(each, dict) else each for each in layer if isinstance(each, dict | list)]
        layer = [each for inside in insides for each in inside]
    return bool(layer)
