"""The filters of each resource as data; a new resource needs one more file in :mod:`opencasb.filters.tables`."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from opencasb.filters.field import DAYS, EQUALITY, ORDER, PLACES, PRESENCE, WORDING, Field, Kind, Table, table
from opencasb.filters.tables.activities import ACTIVITIES
from opencasb.filters.tables.alerts import ALERTS
from opencasb.filters.tables.discovery import CATALOG_APPS, DISCOVERED_APPS, USER_ENTITY
from opencasb.filters.tables.entities import ENTITIES
from opencasb.filters.tables.files import FILES
from opencasb.filters.tables.governance import GOVERNANCE
from opencasb.filters.tables.ip_ranges import IP_RANGES
from opencasb.filters.tables.policies import POLICIES
from opencasb.filters.tables.user_groups import USER_GROUPS

__all__ = [
    "ACTIVITIES",
    "ALERTS",
    "CATALOG_APPS",
    "DAYS",
    "DISCOVERED_APPS",
    "ENTITIES",
    "EQUALITY",
    "FILES",
    "GOVERNANCE",
    "IP_RANGES",
    "ORDER",
    "PLACES",
    "POLICIES",
    "PRESENCE",
    "RESOURCES",
    "USER_ENTITY",
    "USER_GROUPS",
    "WORDING",
    "Field",
    "Kind",
    "Table",
    "table",
]

RESOURCES: Final[Mapping[str, Table]] = MappingProxyType(
    {
        "Activities": ACTIVITIES,
        "Alerts": ALERTS,
        "Entities": ENTITIES,
        "Files": FILES,
        "IP ranges": IP_RANGES,
        "Policies": POLICIES,
        "User groups": USER_GROUPS,
        "Discovered apps": DISCOVERED_APPS,
        "App catalog": CATALOG_APPS,
        "Governance log": GOVERNANCE,
    }
)
"""Every table by the name of its resource."""
