"""User groups, which clients know as user tags (api §15)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from opencasb.api.v1.call import Call, Reply
from opencasb.api.v1.errors import BadRequest, explained
from opencasb.api.v1.lists import Sorting
from opencasb.api.v1.record_list import answer
from opencasb.api.v1.routes import Route
from opencasb.filters.fields import USER_GROUPS
from opencasb.model.app import LARGEST_APP_ID

if TYPE_CHECKING:
    from opencasb.app import Casb

SORTING: Final = Sorting({"name": "name"}, default="name", ascending=True)


def list_groups(casb: Casb, call: Call) -> Reply:
    """Return a page of groups with their current member counts."""
    casb.user_groups.recount(call.tenant_id, casb.entities.members(call.tenant_id))
    return answer(casb, call, casb.user_groups, USER_GROUPS, SORTING)


def import_group(casb: Casb, call: Call) -> dict[str, Any]:  # JSON
    """Import a directory group and return it; ``shouldNotify`` is accepted but has no effect."""
    given = call.parameters
    source_id, app_id = given.required_text("groupId", longest=256), given.integer("appId")
    given.flag("shouldNotify")
    if app_id is None or not 0 <= app_id <= LARGEST_APP_ID:
        raise BadRequest("appId: the number of the app that has the group is required")
    with explained():
        return casb.user_groups.take_over(
            call.tenant_id, app_id, source_id, name=given.text("name", longest=256), by=call.principal.name
        )


ROUTES: Final = (
    Route("user_tags", "entities.view", {"GET": list_groups, "POST": list_groups}),
    Route("user_tags/create_tag", "settings.change", {"POST": import_group}),
)
