"""What all lists share: parameters, limits, sorting, the envelope and scan mode (api §3.3, §4)."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, TypeVar

from opencasb.api.v1 import cursor
from opencasb.api.v1.call import Call
from opencasb.api.v1.cursor import Cursor
from opencasb.api.v1.errors import BadFilter, BadRequest
from opencasb.filters.errors import InvalidFilter, shown
from opencasb.filters.fields import Kind, Table, table
from opencasb.filters.parse import parse
from opencasb.filters.tree import AnyOf, Node

if TYPE_CHECKING:
    from opencasb.app import Casb

PAGE: Final = 100
"""Page size if the client gives no limit."""

NO_FILTERS: Final = table()

SCAN_LEAST: Final = 500
SCAN_MOST: Final = 5000

Record = TypeVar("Record")


@dataclass(frozen=True, slots=True)
class Sorting:
    """The sort options of a list: lower-case wire name of a sort field → its column, and the default field.

    ``ascending`` is the direction if the request does not specify an order (api §4.3). ``small_scans``: a scan honours
    limits of up to a page, as for alerts (api §4.4).
    """

    columns: Mapping[str, str]
    default: str
    ascending: bool = False
    small_scans: bool = False


@dataclass(frozen=True, slots=True)
class ListRequest:
    """A parsed list request; ``given`` are its filters as received, without the cursor.

    ``time`` is the name of the time filter on the sort column, None if the list is not sorted by time.
    """

    filters: Node
    given: Mapping[str, Any]  # JSON
    skip: int
    limit: int
    column: str
    ascending: bool
    scan: bool
    cursor: Cursor | None
    time: str | None = None

    @property
    def leads_on(self) -> bool:
        """Whether the response has a cursor while more follow: a scan, or a continuation by cursor."""
        return self.scan or self.cursor is not None

    def after(self, key: str | int | None, record_id: str | int, following: object) -> dict[str, Any]:  # JSON
        """Return the filters that continue after a record; ``following`` is the sort key of the next record."""
        place = Cursor(1, self.column, self.ascending, key, record_id)
        # No time bound if the page splits records of equal time: clients that use only the bound would lose the rest.
        given = _bounded(self.given, self.time, place) if self.scan and key != following else self.given
        return {**given, cursor.NAME: {"eq": place.text()}}

    def page(self, records: Sequence[Record], key: Callable[[Record], object]) -> tuple[Sequence[Record], bool]:
        """Return the page and whether more follow, given up to ``limit`` + 1 records.

        A scan holds back trailing records that share their sort key with the first of the next page, so that a late
        arrival with the same key is not lost; unless that would leave nothing (api §4.4).
        """
        if len(records) <= self.limit:
            return records, False
        page, following = records[: self.limit], key(records[self.limit])
        if self.scan:
            page = [record for record in page if key(record) != following] or page
        return page, True


def list_request(casb: Casb, call: Call, fields: Table, sorting: Sorting) -> ListRequest:
    """Read the parameters of a list call. Raises :class:`BadRequest`."""
    filters = call.parameters.structure("filters")
    if filters is None or filters == []:  # some languages encode an empty object as a list
        filters = {}
    if not isinstance(filters, dict):
        raise BadRequest(f"filters: an object is expected, not {shown(filters)}")
    given, place = cursor.split(filters)
    scan = call.parameters.flag("isScan")
    column, ascending = _order(call, sorting)
    if place is not None and (place.column, place.ascending) != (column, ascending):
        raise BadRequest(f"{cursor.NAME}: sortField and sortDirection must stay as they were")
    time = _time_of(fields, column)
    if place is not None:
        given = _unbounded(given, time, place)
    skip = call.parameters.count("skip")
    return ListRequest(
        filters=_tree(casb, given, fields),
        given=given,
        skip=0 if scan or place else skip,
        limit=_limit(call, casb.settings.page_size, sorting, scan=scan),
        column=column,
        ascending=ascending,
        scan=scan,
        cursor=place,
        time=time,
    )


def envelope(
    records: Sequence[Any],  # JSON
    request: ListRequest,
    *,
    total: int,
    has_next: bool,
    more_than_total: bool = False,
    next_filters: Mapping[str, Any] | None = None,  # JSON
) -> dict[str, Any]:
    """Return the response of a list call: the five keys of every list (api §4.1), plus the next filters if given."""
    answer = {
        "data": records,
        "total": total,
        "hasNext": has_next,
        "max": request.limit,
        "moreThanTotal": more_than_total,
    }
    return answer if next_filters is None else {**answer, "nextQueryFilters": next_filters}


def short_list(
    casb: Casb,
    call: Call,
    records: Sequence[Mapping[str, Any]],  # JSON
    sorting: Sorting,
) -> dict[str, Any]:  # JSON
    """Return a page of a list without filters that is short enough to hold in memory.

    ``records`` are sorted as the call asks, then by ``_id``. Raises :class:`BadRequest`.
    """
    request = list_request(casb, call, NO_FILTERS, sorting)
    ordered = sorted(
        records,
        key=lambda record: (record[request.column] is not None, record[request.column] or 0, record["_id"]),
        reverse=not request.ascending,
    )
    end = request.skip + request.limit
    return envelope(ordered[request.skip : end], request, total=len(ordered), has_next=end < len(ordered))


def _time_of(fields: Table, column: str) -> str | None:
    """Return the name of the time filter on a column, if any."""
    return next((field.name for field in fields.values() if field.kind is Kind.TIME and field.column == column), None)


def _bounded(given: Mapping[str, Any], time: str | None, place: Cursor) -> dict[str, Any]:  # JSON
    """Return filters with the time bound that a cursor implies.

    A connector takes this bound out of the next page's filters and adds it to its own, dropping the cursor.
    """
    if time is None or not isinstance(place.key, int):
        return dict(given)
    name, (operator, bound) = _named(given, time), _bound(place.key, ascending=place.ascending)
    return {**given, name: {**_as_range(given.get(name) or {}, operator), operator: bound}}


def _as_range(operators: Mapping[str, Any], operator: str) -> Mapping[str, Any]:  # JSON
    """Keep a client's own bound in ``range`` so that ours does not overwrite it; totals depend on it."""
    own = operators.get(operator)
    own = own[0] if isinstance(own, list) else own
    if own is None or "range" in operators:
        return operators
    return {**operators, "range": [{"start" if operator == "gte" else "end": own}]}


def _unbounded(given: Mapping[str, Any], time: str | None, place: Cursor) -> dict[str, Any]:  # JSON
    """Return filters without the bound that :func:`_bounded` added.

    The cursor is more precise: records with the last one's time may still arrive.
    """
    if time is None or not isinstance(place.key, int) or _named(given, time) not in given:
        return dict(given)
    name, (operator, bound) = _named(given, time), _bound(place.key, ascending=place.ascending)
    operators = given[name]
    if not isinstance(operators, Mapping) or operators.get(operator) != bound:
        return dict(given)
    return {**given, name: {each: operand for each, operand in operators.items() if each != operator}}


def _named(given: Mapping[str, Any], name: str) -> str:  # JSON
    """Return a filter's name as the client spells it."""
    return next((each for each in given if each.strip().lower() == name.lower()), name)


def _bound(key: int, *, ascending: bool) -> tuple[str, int]:
    return ("gte", key + 1) if ascending else ("lte", key - 1)


def _tree(casb: Casb, given: Mapping[str, Any], fields: Table) -> Node:  # JSON
    try:
        return parse(given, fields, casb.clock())
    except InvalidFilter as error:
        if error.only_unknown and casb.settings.unknown_filters == "empty":
            return AnyOf()
        raise BadFilter(error) from None


def _order(call: Call, sorting: Sorting) -> tuple[str, bool]:
    field = str(call.parameters.value("sortField") or "").strip().lower()
    direction = str(call.parameters.value("sortDirection") or "").strip().lower()
    ascending = sorting.ascending and not field
    column = sorting.columns.get(field) or sorting.columns[sorting.default.lower()]
    return column, direction == "asc" if direction in {"asc", "desc"} else ascending


def _limit(call: Call, cap: int, sorting: Sorting, *, scan: bool) -> int:
    """Return the page size: the largest pages are only for a scan by POST, all others have ``SCAN_LEAST`` (api §4.4).

    Connectors that scan by GET ask for so many, or for fewer, and would be throttled with smaller pages.
    """
    given = call.parameters.count("limit")
    if scan and not (sorting.small_scans and 0 < given <= PAGE):
        return min(max(given, SCAN_LEAST), SCAN_MOST if call.method == "POST" else SCAN_LEAST)
    return min(given or PAGE, cap)
