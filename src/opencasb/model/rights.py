"""The permission matrix of api §2.3 as data: what each permission and each role allows.

There are two tables: :data:`OPERATIONS` (operation → permissions, any one of which allows it) and :data:`ROLES` (the
most that a user's role allows). :func:`permits` evaluates them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from opencasb.model.principal import Principal
from opencasb.model.roles import FULL_ACCESS, Role
from opencasb.model.user import User

_INVESTIGATION = frozenset({"investigation.read", "investigation.manage"})
_DISCOVERY = frozenset({"discovery.read", "discovery.manage"})
_SETTINGS = frozenset({"settings.read", "settings.manage"})
_GRAPH_DISCOVERY = frozenset({"cloudapp-discovery.read.all"})

REPORTS_READ: Final = "reports.read"
REPORTS_USERS: Final = "reports.users"
"""The permissions of report credentials: granted to nobody else, and allowing nothing else."""

OPERATIONS: Final[Mapping[str, frozenset[str]]] = MappingProxyType(
    {
        "activities.view": _INVESTIGATION,
        "activities.feedback": _INVESTIGATION,
        "alerts.view": _INVESTIGATION | _DISCOVERY,
        "alerts.mark": _INVESTIGATION | _DISCOVERY,
        "alerts.close": frozenset({"investigation.manage", "discovery.manage"}),
        "entities.view": _INVESTIGATION,
        "files.view": _INVESTIGATION,
        "ingest.write": frozenset({"investigation.manage"}),
        "policies.view": _INVESTIGATION,
        "oauth_apps.view": _INVESTIGATION,
        "governance.view": _INVESTIGATION | _DISCOVERY,
        "subnet.list": _INVESTIGATION | _SETTINGS,
        "subnet.change": frozenset({"investigation.manage", "settings.manage"}),
        "discovery.view": _DISCOVERY,
        "discovery.change": frozenset({"discovery.manage"}),
        "discovery.upload": frozenset({"discovery.manage"}),
        "discovery.block_script": frozenset({"discovery.manage"}),
        "settings.view": _SETTINGS,
        "settings.change": frozenset({"settings.manage"}),
        "admin_access.view": _SETTINGS,
        "admin_access.change": frozenset({"settings.manage"}),
        "graph.discovery.view": _GRAPH_DISCOVERY,
        "reports.view": _DISCOVERY | _GRAPH_DISCOVERY | {REPORTS_READ},
        "reports.view_users": _DISCOVERY | _GRAPH_DISCOVERY | {REPORTS_USERS},
    }
)


@dataclass(frozen=True, slots=True)
class RoleRights:
    """The rights of a role: ``permissions`` in lower case, minus the ``withheld`` operations."""

    permissions: frozenset[str] = frozenset()
    withheld: frozenset[str] = frozenset()
    own_api_tokens: bool = False


_SUBNETS = frozenset({"subnet.list", "subnet.change"})
# Whoever judges evidence must not write it, which ``investigation.manage`` by itself would permit.
_EVIDENCE = frozenset({"ingest.write"})
_EVERYTHING = RoleRights(_INVESTIGATION | _DISCOVERY | _SETTINGS | _GRAPH_DISCOVERY, own_api_tokens=True)
_READ_DISCOVERY = frozenset({"discovery.read"}) | _GRAPH_DISCOVERY
_COMPLIANCE = RoleRights(_INVESTIGATION | _READ_DISCOVERY | {"settings.read"}, _EVIDENCE | {"subnet.change"})
# Of the settings, these roles may see only who has access (identity §11, api §2.3).
_ACCESS_ONLY = _SUBNETS | {"settings.view"}

ROLES: Final[Mapping[Role, RoleRights]] = MappingProxyType(
    {
        **dict.fromkeys(FULL_ACCESS, _EVERYTHING),
        Role.COMPLIANCE_ADMINISTRATOR: _COMPLIANCE,
        Role.COMPLIANCE_DATA_ADMINISTRATOR: _COMPLIANCE,
        Role.SECURITY_OPERATOR: RoleRights(
            _INVESTIGATION | _READ_DISCOVERY | {"settings.read"}, _ACCESS_ONLY | _EVIDENCE
        ),
        Role.SECURITY_READER: RoleRights(
            frozenset({"investigation.read", "settings.read"}) | _READ_DISCOVERY, _ACCESS_ONLY, own_api_tokens=True
        ),
        Role.GLOBAL_READER: RoleRights(frozenset({"investigation.read", "settings.read"}) | _READ_DISCOVERY),
        Role.POWER_BI_ADMINISTRATOR: RoleRights(
            _INVESTIGATION, _SUBNETS | _EVIDENCE | {"activities.view", "activities.feedback", "entities.view"}
        ),
        # opencasb.governance.visibility decides which records these two roles see.
        Role.APP_INSTANCE_ADMIN: RoleRights(_INVESTIGATION, _SUBNETS | _EVIDENCE, own_api_tokens=True),
        Role.USER_GROUP_ADMIN: RoleRights(
            _INVESTIGATION, _SUBNETS | _EVIDENCE | {"files.view", "oauth_apps.view"}, own_api_tokens=True
        ),
        Role.CLOUD_DISCOVERY_GLOBAL_ADMIN: RoleRights(_DISCOVERY | _GRAPH_DISCOVERY, own_api_tokens=True),
        Role.CLOUD_DISCOVERY_REPORT_ADMIN: RoleRights(_READ_DISCOVERY, own_api_tokens=True),
    }
)


def permits(principal: Principal, operation: str) -> bool:
    """Return whether ``principal`` may perform ``operation``. Raises ``KeyError`` for one outside the table."""
    if principal.operations is not None and operation not in principal.operations:
        return False
    if principal.role is not None and operation in ROLES[Role(principal.role)].withheld:
        return False
    return not OPERATIONS[operation].isdisjoint(principal.permissions)


def permissions_of(user: User) -> frozenset[str]:
    """Return the permissions that a user's role allows now; with a read-only scope, only those to view."""
    if not user.active:
        return frozenset()
    allowed = ROLES[user.role].permissions
    if user.scope is None or not user.scope.read_only:
        return allowed
    return frozenset(name for name in allowed if not name.endswith(".manage"))
