"""Where a tenant's warnings go; for global administrators only, since addresses may contain receivers' secrets."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from opencasb.api.admin.parameters import made
from opencasb.api.v1.call import Call, Reply
from opencasb.api.v1.callers import demand_global_administrator
from opencasb.api.v1.errors import explained, or_not_found
from opencasb.api.v1.routes import Route
from opencasb.model.notification import Channel
from opencasb.notify.webhook import LONGEST

if TYPE_CHECKING:
    from opencasb.app import Casb


def list_channels(casb: Casb, call: Call) -> dict[str, Any]:  # JSON
    """Return the channels, the oldest first."""
    _demand_administrator(casb, call)
    return {"notification_channels": casb.notifications.channels.records(call.tenant_id)}


def add(casb: Casb, call: Call) -> Reply:
    """Add a channel, to public addresses only; a webhook's secret is returned just this once."""
    _demand_administrator(casb, call)
    kind = call.parameters.required_text("kind", longest=32)
    address = call.parameters.required_text("address", longest=LONGEST)
    with explained("channel"):
        new = casb.notifications.channels.add(call.tenant_id, kind, address, anywhere=False, by=call.principal.name)
    record = casb.notifications.channels.record(new.channel)
    return made({**record, "secret": new.secret} if new.secret else record)


def remove(casb: Casb, call: Call) -> dict[str, Any]:  # JSON
    """Remove a channel."""
    _demand_administrator(casb, call)
    casb.notifications.channels.remove(_channel(casb, call), by=call.principal.name)
    return {}


def test(casb: Casb, call: Call) -> dict[str, Any]:  # JSON
    """Send a test message and return the outcome."""
    _demand_administrator(casb, call)
    channel, tenant = _channel(casb, call), or_not_found(casb.tenants.get(call.tenant_id))
    problem = casb.notifications.channels.test(channel, tenant, by=call.principal.name)
    return {"delivered": not problem, "problem": problem or None}


def _demand_administrator(casb: Casb, call: Call) -> None:
    demand_global_administrator(casb, call, "decides where warnings go")


def _channel(casb: Casb, call: Call) -> Channel:
    return or_not_found(casb.notifications.channels.get(call.tenant_id, call.path["channel_id"]))


ROUTES: Final = (
    Route("notification-channels", None, {"GET": list_channels, "POST": add}),
    Route("notification-channels/<channel_id>", None, {"DELETE": remove}),
    Route("notification-channels/<channel_id>/test", None, {"POST": test}, asks_others=True),
)
