"""App tags: list them, tag an app and untag it (api §12.5)."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Final

from opencasb.api.v1.call import Call
from opencasb.api.v1.errors import BadRequest, or_not_found
from opencasb.api.v1.routes import Route
from opencasb.store.tags import AppTag, TagError

if TYPE_CHECKING:
    from opencasb.app import Casb

TARGET: Final = 6
"""Target type of discovered apps among the things that can be tagged."""


def array_of_tags(casb: Casb, call: Call) -> list[dict[str, Any]]:  # JSON
    """Return a bare array, the answer to POST."""
    return [_record(tag, call.tenant_id) for tag in casb.tags.all(call.tenant_id)]


def wrapped_tags(casb: Casb, call: Call) -> dict[str, Any]:  # JSON
    """Return the answer to GET, of which a client reads ``data``."""
    return {"data": array_of_tags(casb, call)}


def add_tag(casb: Casb, call: Call) -> dict[str, Any]:  # JSON
    """Tag an app, creating the tag if it is new."""
    return _change(casb, call, casb.tagging.add)


def remove_tag(casb: Casb, call: Call) -> dict[str, Any]:  # JSON
    """Remove a tag from an app; removing one that the app does not have is not an error."""
    return _change(casb, call, casb.tagging.remove)


def _change(casb: Casb, call: Call, change: Callable[..., bool]) -> dict[str, Any]:  # JSON
    name = call.parameters.required_label("tagName")
    app = or_not_found(casb.reports.app(call.tenant_id, call.app_id))
    try:
        change(call.tenant_id, app, name, by=call.principal.name)
    except TagError as error:
        raise BadRequest(f"tagName: {error}") from None
    return {}


def _record(tag: AppTag, tenant_id: int) -> dict[str, Any]:  # JSON
    made = {"id": tag.tag_id, "name": tag.name, "target": TARGET, "_tid": tenant_id, "appIds": tag.app_ids}
    return {**made, "builtIn": True} if tag.built_in else made


ROUTES: Final = (
    Route("discovery/app_tags", "discovery.view", {"GET": wrapped_tags, "POST": array_of_tags}),
    Route("discovery/discovery_app/<app_id>/add_tag", "discovery.change", {"POST": add_tag}),
    Route("discovery/discovery_app/<app_id>/remove_tag", "discovery.change", {"POST": remove_tag}),
)
