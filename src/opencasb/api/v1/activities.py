"""Activities: list, single record, and feedback (api §7.1-7.3)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from opencasb.api.v1.call import Call, Reply
from opencasb.api.v1.errors import or_not_found
from opencasb.api.v1.lists import Sorting
from opencasb.api.v1.parameters import Parameters
from opencasb.api.v1.record_list import answer, one, own
from opencasb.api.v1.routes import Route
from opencasb.filters.fields import ACTIVITIES

if TYPE_CHECKING:
    from opencasb.app import Casb

SORTING: Final = Sorting({"date": "timestamp", "created": "created"}, default="date")

LONGEST_TEXT: Final = 4000
"""Maximum length of a feedback text, in characters."""


def list_activities(casb: Casb, call: Call) -> Reply:
    """Return a page of activities; a user in the filter ``entity`` also matches the user's accounts (api §6.6)."""
    with_accounts = casb.entities.with_accounts(call.tenant_id, "entities", within=own(casb, call, casb.entities))
    return answer(casb, call, casb.activities, ACTIVITIES, SORTING, rewrite=with_accounts)


def get_activity(casb: Casb, call: Call) -> dict[str, Any]:  # JSON
    """Return the bare record."""
    return or_not_found(one(casb, call, casb.activities, call.path["activity_id"]))


def give_feedback(casb: Casb, call: Call) -> dict[str, Any]:  # JSON
    """Store the caller's feedback; return the activity as a one-element list, which fits both contract readings."""
    get_activity(casb, call)
    given = call.parameters
    found = casb.activities.give_feedback(
        call.tenant_id,
        call.path["activity_id"],
        by=call.principal.name,
        rating=given.text("feedbackValue") or _feedback(given),
        text=given.prose("feedbackText", longest=LONGEST_TEXT).strip() or None,
        allow_contact=given.flag("allowContact"),
        contact_email=given.text("contactEmail", longest=320),
    )
    return {"total": 1, "hasNext": False, "data": [or_not_found(found)]}


def _feedback(given: Parameters) -> str | None:
    """Return ``feedback``, which is free text in the parameter table and a rating number in the example."""
    if isinstance(given.value("feedback"), str):
        return given.prose("feedback", longest=LONGEST_TEXT).strip() or None
    return given.text("feedback")


PATHS: Final = ("activities", "activities_kusto")
"""The second is the path that the PowerShell module of 2019 and 2020 uses."""

ROUTES: Final = (
    *(Route(path, "activities.view", {"GET": list_activities, "POST": list_activities}) for path in PATHS),
    *(Route(f"{path}/<activity_id>", "activities.view", {"GET": get_activity, "POST": get_activity}) for path in PATHS),
    Route("activities/<activity_id>/feedback", "activities.feedback", {"POST": give_feedback}),
)
