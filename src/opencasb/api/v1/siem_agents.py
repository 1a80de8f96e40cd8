"""SIEM agents: list and ``generate`` as clients know them, the rest is our own (api §15, portal §11)."""

from __future__ import annotations

import ipaddress
import re
from typing import TYPE_CHECKING, Any, Final, cast, get_args

import msgspec

from opencasb.api.v1.call import Call
from opencasb.api.v1.callers import administrator
from opencasb.api.v1.errors import BadFilter, BadRequest, Forbidden, explained, or_not_found
from opencasb.api.v1.lists import Sorting, short_list
from opencasb.api.v1.routes import Route
from opencasb.filters.errors import InvalidFilter
from opencasb.filters.fields import ACTIVITIES, ALERTS
from opencasb.filters.parse import parse
from opencasb.model.rights import permits
from opencasb.model.siem_agent import Format, Protocol, SiemAgent
from opencasb.store.database import new_id

if TYPE_CHECKING:
    from opencasb.app import Casb
    from opencasb.filters.field import Table

SORTING: Final = Sorting({"name": "name", "created": "created"}, default="name", ascending=True)
LONGEST_NAME: Final = 64
SYSLOG: Final = 514
MOST_AGENTS: Final = 100
_HOST: Final = re.compile(r"(?=.{1,253}$)[A-Za-z0-9]([A-Za-z0-9-]{0,62})(\.[A-Za-z0-9]([A-Za-z0-9-]{0,62}))*\.?")


def list_or_create(casb: Casb, call: Call) -> dict[str, Any]:  # JSON
    """Return a page of agents; with a ``name``, create an agent and return it."""
    if call.method == "POST" and call.parameters.value("name") is not None:
        return _create(casb, call)
    records = [_record(casb, agent) for agent in casb.identity.siem_agents.all(call.tenant_id)]
    return short_list(casb, call, records, SORTING)


def one_agent(casb: Casb, call: Call) -> dict[str, Any]:  # JSON
    """Return one agent."""
    return _record(casb, _found(casb, call))


def change_agent(casb: Casb, call: Call) -> dict[str, Any]:  # JSON
    """Update the given fields and return the agent."""
    caller, before = administrator(casb, call), _found(casb, call)
    agent = _asked(casb, call, before)
    with explained():
        or_not_found(casb.identity.siem_agents.change(agent, by=caller.upn))
    return one_agent(casb, call)


def delete_agent(casb: Casb, call: Call) -> dict[str, Any]:  # JSON
    """Delete an agent, which invalidates its token."""
    caller = administrator(casb, call)
    or_not_found(casb.identity.siem_agents.delete(call.tenant_id, _agent_id(call), by=caller.upn))
    return {}


def generate_token(casb: Casb, call: Call) -> dict[str, str]:
    """Issue a new token for an agent and return it, just this once; the previous one stops working."""
    caller = administrator(casb, call)
    return {"token": or_not_found(casb.identity.siem_tokens.generate(_found(casb, call), caller))}


def _create(casb: Casb, call: Call) -> dict[str, Any]:  # JSON
    if not permits(call.principal, "settings.change"):
        raise Forbidden
    caller, agents = administrator(casb, call), casb.identity.siem_agents
    if len(agents.all(call.tenant_id)) >= MOST_AGENTS:
        raise BadRequest(f"name: at most {MOST_AGENTS} SIEM agents are allowed")
    blank = SiemAgent(
        tenant_id=call.tenant_id,
        agent_id=new_id(),
        name="",
        format="CEF",
        host="",
        port=SYSLOG,
        protocol="TCP",
        alerts=True,
        activities=True,
        enabled=True,
        created=casb.clock(),
        created_by=caller.upn,
    )
    agent = _asked(casb, call, blank)
    with explained():
        agents.add(agent)
    return _record(casb, agent)


def _asked(casb: Casb, call: Call, agent: SiemAgent) -> SiemAgent:
    """Return an agent updated with the given fields. Raises :class:`BadRequest`."""
    given = call.parameters
    asked = msgspec.structs.replace(
        agent,
        name=given.text("name", longest=LONGEST_NAME) or agent.name,
        format=cast("Format", _word(call, "format", get_args(Format), agent.format)),
        host=_host(given.text("host") or agent.host),
        port=agent.port if given.value("port") is None else given.integer("port") or 0,
        protocol=cast("Protocol", _word(call, "protocol", get_args(Protocol), agent.protocol)),
        alerts=given.flag("alerts", usual=agent.alerts),
        activities=given.flag("activities", usual=agent.activities),
        enabled=given.flag("enabled", usual=agent.enabled),
        alert_filters=_filters(casb, call, "alertFilters", ALERTS, agent.alert_filters),
        activity_filters=_filters(casb, call, "activityFilters", ACTIVITIES, agent.activity_filters),
    )
    if not 1 <= asked.port <= 65535:
        raise BadRequest(f"port: {asked.port} is not allowed; allowed: 1 to 65535")
    if not (asked.alerts or asked.activities):
        raise BadRequest("alerts: an agent that sends neither alerts nor activities has nothing to do")
    return asked


def _host(given: str) -> str:
    try:
        return str(ipaddress.ip_address(given))
    except ValueError:
        if _HOST.fullmatch(given):
            return given.lower()
    raise BadRequest(f"host: {given[:100]!r} is neither a host name nor an address")


def _word(call: Call, name: str, allowed: tuple[str, ...], known: str) -> str:
    given = (call.parameters.text(name) or known).upper()
    if given not in allowed:
        raise BadRequest(f"{name}: {given!r} is not allowed; allowed: {', '.join(allowed)}")
    return given


def _filters(
    casb: Casb,
    call: Call,
    name: str,
    table: Table,
    known: dict[str, Any] | None,  # JSON
) -> dict[str, Any] | None:  # JSON
    """Return filters as given, if the list accepts them; an empty object clears the stored ones."""
    given = call.parameters.structure(name)
    if given is None:
        return known
    if not isinstance(given, dict):
        raise BadRequest(f"{name}: an object is expected")
    try:
        parse(given, table, casb.clock())
    except InvalidFilter as error:
        raise BadFilter(error) from None
    return given or None


def _found(casb: Casb, call: Call) -> SiemAgent:
    return or_not_found(casb.identity.siem_agents.get(call.tenant_id, _agent_id(call)))


def _agent_id(call: Call) -> str:
    return call.segment("agent_id").lower()


def _record(casb: Casb, agent: SiemAgent) -> dict[str, Any]:  # JSON
    return {
        "_id": agent.agent_id,
        "name": agent.name,
        "format": agent.format,
        "host": agent.host,
        "port": agent.port,
        "protocol": agent.protocol,
        "alerts": agent.alerts,
        "activities": agent.activities,
        "alertFilters": agent.alert_filters,
        "activityFilters": agent.activity_filters,
        "enabled": agent.enabled,
        "status": agent.state(casb.clock()),
        "created": agent.created,
        "createdBy": agent.created_by,
        "tokenCreated": agent.token_created,
        "lastSeen": agent.last_seen,
    }


ROUTES: Final = (
    Route("agents/siem", "settings.view", {"GET": list_or_create, "POST": list_or_create}),
    Route("agents/siem/<agent_id>", "settings.view", {"GET": one_agent}),
    Route("agents/siem/<agent_id>", "settings.change", {"POST": change_agent, "DELETE": delete_agent}),
    Route("agents/siem/<agent_id>/generate", "settings.change", {"POST": generate_token}),
)
