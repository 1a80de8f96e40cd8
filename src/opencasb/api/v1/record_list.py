"""Read stored records for a caller: a single one, or a whole list call (api §3, §4).

Scoped roles are applied to every list here; documents are spliced into the response unparsed.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Final

import msgspec

from opencasb.api.v1.call import Call, Reply
from opencasb.api.v1.cursor import ChangedCursor, Cursor
from opencasb.api.v1.lists import Sorting, envelope, list_request
from opencasb.filters.field import RECORD_ID
from opencasb.filters.tree import EVERYTHING, AllOf, Node, OneOf
from opencasb.governance.visibility import visible

if TYPE_CHECKING:
    from opencasb.app import Casb
    from opencasb.filters.fields import Table
    from opencasb.store.records import Records


COUNTED_AHEAD: Final = 2_000
"""Records counted beyond the page, so that a client that stops at ``total`` does not stop too early.

Counting 5,000 records of one service and week took 16 ms on PostgreSQL, eight times as long as fetching the page.
"""


def answer(
    casb: Casb,
    call: Call,
    records: Records,
    table: Table,
    sorting: Sorting,
    scope: Node = EVERYTHING,
    rewrite: Callable[[Node], Node] = lambda node: node,
) -> Reply:
    """Return a page of the ``records`` in ``scope`` that the caller may see, whatever the filters say.

    ``rewrite`` may transform the client's filter tree. Raises :class:`BadRequest`.
    """
    request = list_request(casb, call, table, sorting)
    where = AllOf((own(casb, call, records), scope, rewrite(request.filters)))
    most = request.skip + request.limit + COUNTED_AHEAD
    with records.database.read() as connection:
        found = records.search(connection, call.tenant_id, where, most)
        rows = records.page(
            call.tenant_id,
            where,
            order=request.column,
            ascending=request.ascending,
            skip=request.skip,
            limit=request.limit + 1,
            after=None if request.cursor is None else _place(request.cursor, records, request.column),
            connection=connection,
            found=found,
        )
        page, has_next = request.page(rows, lambda row: row.key)
        if has_next or request.cursor is not None or (request.skip and not rows):
            total, more = records.count(call.tenant_id, where, most, connection=connection, found=found)
        else:  # reached the end
            total, more = request.skip + len(rows), False
    following = None
    if has_next and request.leads_on:
        following = request.after(page[-1].key, page[-1].record_id, rows[-1].key)
    documents = [msgspec.Raw(row.document) for row in page]
    made = envelope(documents, request, total=total, has_next=has_next, more_than_total=more, next_filters=following)
    return Reply(msgspec.json.encode(made), "application/json")


def one(casb: Casb, call: Call, records: Records, record_id: str) -> dict[str, Any] | None:  # JSON
    """Return the document of a record that the caller may see, or None."""
    found, within = records.get(call.tenant_id, record_id), own(casb, call, records)
    if found is None or within == EVERYTHING:
        return found
    where = AllOf((OneOf(RECORD_ID, (record_id,)), within))
    return found if records.page(call.tenant_id, where, order=records.kind.order[0], ascending=True, limit=1) else None


def own(casb: Casb, call: Call, records: Records) -> Node:
    """Return the condition for the ``records`` that the caller's role may see."""
    return visible(call.principal, records.kind.name, casb.database)


def _place(cursor: Cursor, records: Records, column: str) -> tuple[Any, str]:  # a value of the sort column
    """Return the sort key and id of a cursor; the key must have the column's type."""
    kind = records.kind.table.c[column].type.python_type
    fits = cursor.key is None or (isinstance(cursor.key, kind) and not isinstance(cursor.key, bool))
    if not fits or not isinstance(cursor.record_id, str):
        raise ChangedCursor
    return cursor.key, cursor.record_id
