"""IP tags (api §11.4, §15)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from opencasb.api.v1.call import Call
from opencasb.api.v1.errors import BadRequest
from opencasb.api.v1.routes import Route

if TYPE_CHECKING:
    from opencasb.app import Casb


def list_tags(casb: Casb, call: Call) -> dict[str, Any]:  # JSON
    """Return every IP tag, unpaged, as clients read only the first response."""
    target = call.parameters.text("target") or "ip"
    if target.lower() not in {"ip", "1"}:
        raise BadRequest(f"target: {target!r} is not known; allowed: ip")
    tags = [tag.record(call.tenant_id) for tag in casb.ip_tags.all(call.tenant_id)]
    if (call.parameters.text("sort") or "").lower() == "name":
        descending = (call.parameters.text("sortDirectory") or "").lower() == "desc"  # sic: a client spells it so
        tags.sort(key=lambda tag: (tag["name"].lower(), tag["_id"]), reverse=descending)
    return {"data": tags, "total": len(tags), "hasNext": False, "max": len(tags), "moreThanTotal": False}


ROUTES: Final = (Route("tags", "settings.view", {"GET": list_tags, "POST": list_tags}),)
