"""The filters of alerts (api §8.8)."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any, Final

from opencasb.filters import values
from opencasb.filters.field import (
    EQUALITY,
    Field,
    Kind,
    column,
    flag_filter,
    number_filter,
    table,
    text_filter,
    time_filter,
)
from opencasb.filters.operands import (
    addresses,
    alternatives,
    entities,
    flagged,
    has,
    object_id,
    strict_object_id,
)
from opencasb.filters.tree import Node, OneOf, Other, Range, Within
from opencasb.filters.values import Unfit

APPS: Final = column("services", Kind.INTEGER, many=True)
INSTANCES: Final = column("instances", many=True)
ENTITIES: Final = column("entities", many=True, folded=True)
IP_KEYS: Final = column("ip_keys", many=True)
RESOLUTION: Final = column("resolution_status", Kind.INTEGER)
STATUS: Final = column("status", Kind.INTEGER)
BUILT_IN: Final = column("is_built_in", Kind.FLAG)

_ORIGINS: Final[Mapping[str, bool]] = {"built-in": True, "builtin": True, "built_in": True, "policy": False}


def _instance(given: Any) -> Node:  # any JSON
    """Return the node for an app, an instance or both, over values ``app``, ``instance`` and ``app|instance``."""
    if isinstance(given, str) and "|" in given:
        saas, _, inst = given.partition("|")
        given = {"saas": saas, "inst": inst}
    if not isinstance(given, Mapping):
        return OneOf(INSTANCES, (str(values.integer(given)),))
    parts = [given[name] for name in ("saas", "inst") if given.get(name) is not None]
    if not parts:
        raise Unfit(f"{Kind.INSTANCE.value} is expected")
    if len(parts) == 1 and "saas" in given and given["saas"] is not None:
        return has(APPS, parts[0])
    return OneOf(INSTANCES, ("|".join(str(values.integer(part)) for part in parts),))


def _origin(given: Any) -> Node:  # any JSON
    found = _ORIGINS.get(values.text(given).strip().lower())
    if found is None:
        raise Unfit(f"one of {', '.join(_ORIGINS)} is expected")
    return OneOf(BUILT_IN, (found,))


_ids = partial(text_filter, many=True, canonical=object_id)
_of_instance = partial(
    Field,
    column="instances",
    kind=Kind.INSTANCE,
    operators=EQUALITY,
    many=True,
    special={"eq": alternatives(_instance)},
)

ALERTS: Final = table(
    Field(
        name="entity.entity",
        column="entities",
        kind=Kind.ENTITY,
        operators=EQUALITY,
        many=True,
        folded=True,
        special={"eq": entities(ENTITIES)},
        about="a user or account in the alert",
    ),
    Field(
        name="entity.ip",
        column="ips",
        kind=Kind.ADDRESS,
        operators=EQUALITY,
        many=True,
        folded=True,
        special={"eq": addresses(IP_KEYS)},
        about="an address in the alert",
    ),
    number_filter(name="entity.service", column="services", many=True, about="id of an app in the alert"),
    _of_instance(name="entity.instance", about="instance of an app in the alert"),
    _of_instance(name="instance", about="the same"),
    _ids(name="entity.policy", column="policies", about="id of a policy in the alert"),
    _ids(name="entity.file", column="files", about="id of a file in the alert"),
    text_filter(name="entity.user", column="users", many=True, folded=True, about="name of a user in the alert"),
    flag_filter(
        name="alertOpen",
        column="resolution_status",
        special={"eq": flagged(OneOf(RESOLUTION, (0,)), Other(RESOLUTION, (0,)))},
        about="whether the alert is open",
    ),
    number_filter(name="severity", column="severity", about="0 low, 1 medium, 2 high, 3 informational"),
    number_filter(
        name="resolutionStatus",
        column="resolution_status",
        about="0 open, 1 dismissed, 2 resolved, 3 false positive, 4 benign, 5 true positive",
    ),
    flag_filter(
        name="read",
        column="status",
        special={"eq": flagged(Within(STATUS, (Range(start=1),)), OneOf(STATUS, (0,)))},
        about="whether somebody has read the alert",
    ),
    time_filter(name="date", column="timestamp", about="when it was raised"),
    time_filter(name="resolutionDate", column="resolved_at", about="when it was closed"),
    number_filter(
        name="risk",
        column="stories",
        many=True,
        about="risk category: 0 threat detection, 1 privileged accounts, 2 compliance, 3 DLP, 4 discovery, 5 sharing,"
        " 7 access, 8 configuration",
    ),
    number_filter(name="alertType", column="alert_type", about="number of the type of alert"),
    text_filter(name="id", column="record_id", canonical=strict_object_id, about="id of the alert"),
    text_filter(
        name="source",
        column="is_built_in",
        operators=frozenset({"eq"}),
        special={"eq": alternatives(_origin)},
        about="`built-in` or `policy`: what raised it",
    ),
)
