"""The governance log (api §14)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from opencasb.api.v1.call import Call
from opencasb.api.v1.cursor import ChangedCursor, Cursor
from opencasb.api.v1.errors import or_not_found
from opencasb.api.v1.lists import Sorting, envelope, list_request
from opencasb.api.v1.routes import Route
from opencasb.filters.clauses import clause
from opencasb.filters.fields import GOVERNANCE
from opencasb.filters.tree import AllOf
from opencasb.governance.visibility import DISCOVERY_TASK, visible
from opencasb.model.principal import Principal
from opencasb.store.governance import governance_tasks

if TYPE_CHECKING:
    import sqlalchemy as sa

    from opencasb.app import Casb

SORTING: Final = Sorting({"timestamp": "timestamp"}, default="timestamp")


def list_tasks(casb: Casb, call: Call) -> dict[str, Any]:  # JSON
    """Return a page of tasks, by default the newest first."""
    request = list_request(casb, call, GOVERNANCE, SORTING)
    where = [_scope(casb, call.principal), clause(request.filters, governance_tasks.c)]
    place = [] if request.cursor is None else [_behind(request.cursor)]
    skip, count = request.skip, request.limit + 1
    log = casb.governance_log
    records, total = log.page(call.tenant_id, [*where, *place], skip=skip, limit=count, ascending=request.ascending)
    if place:
        _, total = log.page(call.tenant_id, where, limit=0)
    page, has_next = request.page(records, lambda record: record["timestamp"])
    following = None
    if has_next and request.leads_on:
        following = request.after(page[-1]["timestamp"], page[-1]["_id"], records[-1]["timestamp"])
    return envelope(page, request, total=total, has_next=has_next, next_filters=following)


def one_task(casb: Casb, call: Call) -> dict[str, Any]:  # JSON
    """Return one task that the caller may see."""
    where = [_scope(casb, call.principal), governance_tasks.c.task_id == call.segment("task_id").lower()]
    records, _ = casb.governance_log.page(call.tenant_id, where, limit=1)
    return or_not_found(records)[0]


def _scope(casb: Casb, principal: Principal) -> sa.ColumnElement[bool]:
    """Return the condition for the tasks a caller may see: with discovery rights only, discovery tasks (api §2.3)."""
    whole = principal.may("investigation.read", "investigation.manage")
    own = visible(principal, "governance", casb.database)
    return clause(own if whole else AllOf((DISCOVERY_TASK, own)), governance_tasks.c)


def _behind(cursor: Cursor) -> sa.ColumnElement[bool]:
    if not isinstance(cursor.key, int) or not isinstance(cursor.record_id, str):
        raise ChangedCursor
    time, task_id = governance_tasks.c.timestamp, governance_tasks.c.task_id
    later = task_id > cursor.record_id if cursor.ascending else task_id < cursor.record_id
    beyond = time > cursor.key if cursor.ascending else time < cursor.key
    return beyond | ((time == cursor.key) & later)


ROUTES: Final = (
    Route("governance", "governance.view", {"GET": list_tasks, "POST": list_tasks}),
    Route("governance/<task_id>", "governance.view", {"GET": one_task, "POST": one_task}),
)
