"""Which permission allows which operation, and which permissions a role carries: the matrix of api §2.3 as data.

Three tables: :data:`RESOURCES` (what an application can be granted), :data:`OPERATIONS` (operation to the permissions
any one of which allows it) and :data:`ROLES` (what the role of a user allows at most). :func:`permits` reads them.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final, Literal, NamedTuple

from opencasb.model.principal import Principal
from opencasb.model.roles import FULL_ACCESS, Role

Audience = Literal["mdca", "graph"]


@dataclass(frozen=True, slots=True)
class Resource:
    """An API that tokens are issued for (identity §1, §10). ``permissions`` are spelled as tokens carry them."""

    key: Audience
    app_id: str
    display_name: str
    uri: str | None
    permissions: tuple[str, ...]


class Permission(NamedTuple):
    """One application permission of one resource."""

    resource: Audience
    name: str


MDCA: Final = Resource(
    "mdca",
    "05a65629-4c1b-48c1-a78b-804c4abdd4af",
    "Microsoft Cloud App Security",
    None,
    (
        "investigation.read",
        "investigation.manage",
        "discovery.read",
        "discovery.manage",
        "settings.read",
        "settings.manage",
    ),
)
GRAPH: Final = Resource(
    "graph",
    "00000003-0000-0000-c000-000000000000",
    "Microsoft Graph",
    "https://graph.microsoft.com",
    ("CloudApp-Discovery.Read.All",),
)
RESOURCES: Final[Mapping[Audience, Resource]] = MappingProxyType({"mdca": MDCA, "graph": GRAPH})

_INVESTIGATION = frozenset({"investigation.read", "investigation.manage"})
_DISCOVERY = frozenset({"discovery.read", "discovery.manage"})
_SETTINGS = frozenset({"settings.read", "settings.manage"})
_GRAPH_DISCOVERY = frozenset({"cloudapp-discovery.read.all"})

OPERATIONS: Final[Mapping[str, frozenset[str]]] = MappingProxyType(
    {
        "activities.view": _INVESTIGATION,
        "alerts.view": _INVESTIGATION | _DISCOVERY,
        "alerts.close": frozenset({"investigation.manage", "discovery.manage"}),
        "entities.view": _INVESTIGATION,
        "files.view": _INVESTIGATION,
        "ingest.write": frozenset({"investigation.manage"}),
        "policies.view": _INVESTIGATION,
        "governance.view": _INVESTIGATION | _DISCOVERY,
        "subnet.list": _INVESTIGATION | _SETTINGS,
        "subnet.change": frozenset({"investigation.manage", "settings.manage"}),
        "discovery.view": _DISCOVERY,
        "discovery.change": frozenset({"discovery.manage"}),
        "discovery.upload": frozenset({"discovery.manage"}),
        "discovery.block_script": frozenset({"discovery.manage"}),
        "settings.view": _SETTINGS,
        "settings.change": frozenset({"settings.manage"}),
        "graph.discovery.view": _GRAPH_DISCOVERY,
    }
)


@dataclass(frozen=True, slots=True)
class RoleRights:
    """What a role allows: ``permissions`` in lower case, less the ``withheld`` operations."""

    permissions: frozenset[str] = frozenset()
    withheld: frozenset[str] = frozenset()
    own_api_tokens: bool = False


_SUBNETS = frozenset({"subnet.list", "subnet.change"})
# Who judges the evidence does not write it: with ``investigation.manage`` alone these roles could.
_EVIDENCE = frozenset({"ingest.write"})
_EVERYTHING = RoleRights(_INVESTIGATION | _DISCOVERY | _SETTINGS | _GRAPH_DISCOVERY, own_api_tokens=True)
_READ_DISCOVERY = frozenset({"discovery.read"}) | _GRAPH_DISCOVERY
_COMPLIANCE = RoleRights(_INVESTIGATION | _READ_DISCOVERY | {"settings.read"}, _EVIDENCE | {"subnet.change"})
# App/instance and user group admins see only records of their instances and groups. Until such records are kept,
# the honest extent of that is nothing; the whole tenant would be too much.
_LIMITED_TO_RECORDS = RoleRights(own_api_tokens=True)

ROLES: Final[Mapping[Role, RoleRights]] = MappingProxyType(
    {
        **dict.fromkeys(FULL_ACCESS, _EVERYTHING),
        Role.COMPLIANCE_ADMINISTRATOR: _COMPLIANCE,
        Role.COMPLIANCE_DATA_ADMINISTRATOR: _COMPLIANCE,
        Role.SECURITY_OPERATOR: RoleRights(_INVESTIGATION | _READ_DISCOVERY, _SUBNETS | _EVIDENCE),
        Role.SECURITY_READER: RoleRights(
            frozenset({"investigation.read"}) | _READ_DISCOVERY, _SUBNETS, own_api_tokens=True
        ),
        Role.GLOBAL_READER: RoleRights(frozenset({"investigation.read", "settings.read"}) | _READ_DISCOVERY),
        Role.POWER_BI_ADMINISTRATOR: RoleRights(
            _INVESTIGATION, _SUBNETS | _EVIDENCE | {"activities.view", "entities.view"}
        ),
        Role.APP_INSTANCE_ADMIN: _LIMITED_TO_RECORDS,
        Role.USER_GROUP_ADMIN: _LIMITED_TO_RECORDS,
        Role.CLOUD_DISCOVERY_GLOBAL_ADMIN: RoleRights(_DISCOVERY | _GRAPH_DISCOVERY, own_api_tokens=True),
        Role.CLOUD_DISCOVERY_REPORT_ADMIN: RoleRights(_READ_DISCOVERY, own_api_tokens=True),
    }
)


def permits(principal: Principal, operation: str) -> bool:
    """Tell whether ``principal`` may do ``operation``. Raises ``KeyError`` for an operation outside the table."""
    if principal.role is not None and operation in ROLES[Role(principal.role)].withheld:
        return False
    return not OPERATIONS[operation].isdisjoint(principal.permissions)


def parse_permission(text: str) -> Permission:
    """Return the permission that ``text`` names in any case: ``discovery.read``, ``CloudApp-Discovery.Read.All``.

    A resource may stand in front, as in scopes: ``05a65629-…/Investigation.read``. After
    ``https://graph.microsoft.com/`` any permission name is taken, so that a registration copied from elsewhere can be
    kept whole (identity §10.2). Raises ``ValueError`` that lists what is known.
    """
    prefix, _, name = text.strip().rpartition("/")
    for resource in RESOURCES.values():
        if prefix.lower().rstrip("/") not in {"", resource.app_id, resource.uri}:
            continue
        for known in resource.permissions:
            if known.lower() == name.lower():
                return Permission(resource.key, known)
        if prefix and resource is GRAPH and re.fullmatch(r"[A-Za-z][A-Za-z0-9.-]{0,118}", name):
            return Permission("graph", name)
    known_names = ", ".join(name for resource in RESOURCES.values() for name in resource.permissions)
    raise ValueError(f"permission {text!r} is unknown; the permissions are: {known_names}")
