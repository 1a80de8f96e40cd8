"""IP tags (api §11.4, §15)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from opencasb.api.v1.call import Call
from opencasb.api.v1.errors import BadRequest
from opencasb.api.v1.routes import Route

if TYPE_CHECKING:
    from opencasb.app import Casb


def list_tags(casb: Casb, call: Call) -> dict[str, Any]:  # JSON
    """Answer every IP tag, unpaged: clients read the first answer only."""
    target = call.parameters.text("target") or "ip"
    if target.lower() not in {"ip", "1"}:
        raise BadRequest(f"target: {target!r} is not known; allowed is ip")
    tags = [tag.record(call.tenant_id) for tag in casb.ip_tags.all(call.tenant_id)]
    if (call.parameters.text("sort") or "").lower() == "name":
        descending = (call.parameters.text("sortDirectory") or "").lower() == "desc"  # spelled so by a client
        tags.sort(key=lambda tag: (tag["name"].lower(), tag["_id"]), reverse=descending)
    return {"data": tags, "total": len(tags), "hasNext": False, "max": len(tags), "moreThanTotal": False}


ROUTES: Final = (Route("tags", "settings.view", {"GET": list_tags, "POST": list_tags}),)
