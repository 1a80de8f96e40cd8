"""The reports a caller may see, and their frames; this API reaches streams only through here (api §2.3)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from opencasb.api.v1.call import Call
from opencasb.api.v1.errors import BadRequest
from opencasb.api.v1.facts import with_facts
from opencasb.filters.fields import DISCOVERED_APPS as FIELDS
from opencasb.filters.fields import USER_ENTITY
from opencasb.filters.frames import expression
from opencasb.filters.tree import Leaf, Node, OneOf, rewrite
from opencasb.model.principal import Principal
from opencasb.model.stream import Stream, limited_to

if TYPE_CHECKING:
    import polars as pl

    from opencasb.app import Casb

TIME_FRAMES: Final = (7, 30, 60, 90)
"""Days; the documentation says 60, clients send 90 (api §19)."""

DEFAULT_DAYS: Final = 30
NO_STREAM: Final = "0" * 24


def visible_streams(casb: Casb, principal: Principal) -> list[Stream]:
    """Return the streams that the caller may see."""
    return limited_to(principal.stream_ids, casb.streams.reports(principal.tenant_id))


def asked_report(casb: Casb, call: Call, *, required: bool) -> str:
    """Return the stream id of the requested report; without ``streamId`` that of the global report.

    A report outside a scoped role has no rows: scopes narrow, they do not fail (api §2.3). Raises :class:`BadRequest`
    for a stream that the tenant does not have.
    """
    asked = call.parameters.text("streamId")
    if asked is None and required:
        raise BadRequest("streamId: this parameter is required")
    stream_id = asked.lower() if asked else casb.streams.global_view(call.tenant_id).stream_id
    allowed = call.principal.stream_ids
    if allowed is not None and stream_id not in allowed:
        return NO_STREAM
    if casb.streams.get(call.tenant_id, stream_id) is None:
        raise BadRequest(f"streamId: {asked!r} is not a report; discovery/streams lists them")
    return stream_id


def asked_days(call: Call) -> int:
    """Return the time frame of a call in days. Raises :class:`BadRequest`."""
    days = call.parameters.integer("timeframe", "timeFrame") or DEFAULT_DAYS
    if days not in TIME_FRAMES:
        raise BadRequest(f"timeframe: {days} is not a time frame; allowed: {', '.join(map(str, TIME_FRAMES))}")
    return days


def report_frame(casb: Casb, call: Call, filters: Node, *, required: bool = False) -> pl.DataFrame:
    """Return the rows of the requested report that match ``filters``, in the columns of ``Reports.apps``."""
    stream_id, days = asked_report(casb, call, required=required), asked_days(call)

    def with_apps(leaf: Leaf) -> Node:
        """Replace users by the apps they used."""
        if not (isinstance(leaf, OneOf) and leaf.field is USER_ENTITY):
            return leaf
        users = [str(value) for value in leaf.values]
        apps = casb.reports.apps_of(call.tenant_id, stream_id, days, "user", users)
        return OneOf(FIELDS["appid"], tuple(apps))

    frame = casb.reports.apps(call.tenant_id, stream_id, days)
    frame = with_facts(frame, casb.reports.catalog(call.tenant_id), filters)
    return frame.filter(expression(rewrite(filters, with_apps)))
