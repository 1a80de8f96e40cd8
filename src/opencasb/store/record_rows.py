"""How a record becomes the rows that are stored: one in the table of its resource, one for each of many values."""

from __future__ import annotations

from collections.abc import Collection
from typing import TYPE_CHECKING, Any

import msgspec

from opencasb.store.record_tables import LONGEST_VALUE

if TYPE_CHECKING:
    from opencasb.store.record_tables import RecordKind
    from opencasb.store.records import Record

ValueRow = tuple[int, str, str, int, int]
"""A row of the values: tenant, field, value, time and number of the record."""


class RecordRows:
    """Makes the rows of the records of one resource; texts are cut to what an index takes, zero bytes left out."""

    def __init__(self, kind: RecordKind) -> None:
        self._kind = kind
        declared = list(kind.table.c)[list(kind.table.c).index(kind.changed) + 1 : -1]  # between keys and document
        self._longest = {column.name: column.info.get("longest", LONGEST_VALUE) for column in declared}

    def row(self, tenant_id: int, numbers: tuple[int, ...], record: Record) -> list[Any]:  # of any type
        """Return the row of a record with its ``numbers``, in the order of the table's columns.

        Raises ``ValueError`` if the record's columns are not just those that are declared.
        """
        if record.columns.keys() != self._longest.keys():
            wrong = ", ".join(sorted(record.columns.keys() ^ self._longest.keys()))
            raise ValueError(f"{self._kind.name}: a record needs just the columns that are declared; look at {wrong}")
        given = record.columns
        columns = [
            _storable(value, longest)
            if type(value := given[name]) is str and (len(value) > longest or "\0" in value)
            else value
            for name, longest in self._longest.items()
        ]
        return [tenant_id, record.record_id, *numbers, *columns, msgspec.json.encode(record.document).decode()]

    def values(self, tenant_id: int, seq: int, record: Record) -> list[ValueRow]:
        """Return the rows of a record's many-valued fields, each value once."""
        at = record.columns[self._kind.time] if self._kind.time else 0
        return [
            (tenant_id, field, value, at, seq)
            for field, given in record.values.items()
            if given
            for value in _distinct(given)
        ]


def _distinct(values: Collection[str]) -> Collection[str]:
    """Return the values as they are stored, each once; most are alone, and fine as they are."""
    if len(values) == 1 and len(value := next(iter(values))) <= LONGEST_VALUE and "\0" not in value:
        return values
    return {_storable(each) for each in values}


def _storable(value: Any, longest: int = LONGEST_VALUE) -> Any:  # a column value of any type
    return value.replace("\0", "")[:longest] if isinstance(value, str) else value
