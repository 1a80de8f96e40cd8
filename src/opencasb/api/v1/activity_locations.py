"""The countries a user was active from, for a Microsoft Sentinel playbook that reports them to analysts.

The playbook, *UserEnrichment*, reads lists of country, number of activities and time of the last one.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from opencasb.api.v1.call import Call
from opencasb.api.v1.entity_pk import LONGEST, candidates
from opencasb.api.v1.record_list import own
from opencasb.api.v1.report_rows import recent
from opencasb.api.v1.routes import Route
from opencasb.filters.fields import ACTIVITIES
from opencasb.filters.parse import parse
from opencasb.filters.tree import AllOf
from opencasb.store.summaries import with_newest

if TYPE_CHECKING:
    from opencasb.app import Casb


def by_user(casb: Casb, call: Call) -> dict[str, Any]:  # JSON
    """Return the countries of the last 30 days, busiest first; times are in ms.

    ``username`` is an entity key, as in a path (api §9.1); the playbook appends a slash to it. Raises
    :class:`BadRequest`.
    """
    keys = candidates(call.parameters.required_text("username", longest=LONGEST).rstrip("/"))
    if not keys:
        return {"data": []}
    pk = {name: value for name in ("id", "saas", "inst") if (value := getattr(keys[0], name)) is not None}
    named = parse({"entity": {"eq": [pk]}}, ACTIVITIES, casb.clock())
    with_accounts = casb.entities.with_accounts(call.tenant_id, "entities", within=own(casb, call, casb.entities))
    where = recent(casb, AllOf((own(casb, call, casb.activities), with_accounts(named))))
    found = with_newest(casb.activities, call.tenant_id, "country", where)
    return {"data": [[country.upper(), count, newest] for country, count, newest in found if country]}


ROUTES: Final = (Route("activities_locations/by_user", "activities.view", {"GET": by_user, "POST": by_user}),)
