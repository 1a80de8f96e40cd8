"""Empty lists for features that the product does not have: OAuth apps, managed devices (api §15).

They use the envelope that clients read; single objects are not found, because they have no route.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any, Final

from opencasb.api.v1.call import Call, Handler
from opencasb.api.v1.lists import NO_FILTERS, envelope, list_request
from opencasb.api.v1.routes import Route
from opencasb.api.v1.streams import SORTING
from opencasb.filters.fields import USER_GROUPS, Table, table

if TYPE_CHECKING:
    from opencasb.app import Casb


OAUTH_APPS: Final = table(USER_GROUPS["app"])
"""The filters of OAuth apps: the app that they have permissions in."""


def nothing(casb: Casb, call: Call, *, filters: Table) -> dict[str, Any]:  # JSON
    """Return an empty page."""
    return envelope([], list_request(casb, call, filters, SORTING), total=0, has_next=False)


def _list(filters: Table) -> dict[str, Handler]:
    return dict.fromkeys(("GET", "POST"), partial(nothing, filters=filters))


ROUTES: Final = (
    Route("app_permissions", "oauth_apps.view", _list(OAUTH_APPS)),
    Route("managed_devices/get_data", "settings.view", _list(NO_FILTERS)),
)
