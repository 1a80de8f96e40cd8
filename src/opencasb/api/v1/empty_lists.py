"""Lists of what the product does not have: OAuth apps, managed devices (api §15).

They are empty, in the envelope that clients read; one of their objects is not found, because no path leads to it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from opencasb.api.v1.call import Call
from opencasb.api.v1.lists import envelope, list_request
from opencasb.api.v1.routes import Route
from opencasb.api.v1.streams import NO_FILTERS, SORTING

if TYPE_CHECKING:
    from opencasb.app import Casb


def nothing(casb: Casb, call: Call) -> dict[str, Any]:  # JSON
    """Answer a page of nothing."""
    return envelope([], list_request(casb, call, NO_FILTERS, SORTING), total=0, has_next=False)


_LIST: Final = {"GET": nothing, "POST": nothing}

ROUTES: Final = (
    Route("app_permissions", "oauth_apps.view", _LIST),
    Route("managed_devices/get_data", "settings.view", _LIST),
)
