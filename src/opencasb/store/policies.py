"""Policies as stored (api §15, portal §6)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

import sqlalchemy as sa

from opencasb.filters.errors import shown
from opencasb.model.id_forms import is_object_id
from opencasb.store.record_tables import TEXT, RecordKind
from opencasb.store.records import Record, Records

if TYPE_CHECKING:
    from opencasb.store.database import Database

TYPES: Final = (
    "ACCESS",
    "ANOMALY_DETECTION",
    "ANOMALY_DISCOVERY",
    "APP_PERMISSION",
    "APP_PERMISSION_ANOMALY",
    "AUDIT",
    "FILE",
    "INLINE",
    "MALWARE",
    "NEW_SERVICE",
    "SESSION",
)
"""The codes of ``policyType``."""


KIND: Final = RecordKind.of(
    "policies",
    order=("modified",),
    columns=[
        sa.Column("modified", sa.BigInteger, nullable=False),
        sa.Column("policy_type", TEXT, nullable=False),
        sa.Column("name", TEXT, nullable=False),
        sa.Column("is_enabled", sa.Boolean, nullable=False),
    ],
)


class Policies(Records):
    """The policies of each tenant; none until somebody defines one."""

    def __init__(self, database: Database) -> None:
        super().__init__(database, KIND)


_KINDS: Final = {
    "name": (str, "text"),
    "policyType": (str, "text"),
    "lastModified": (int, "a time in ms"),
    "enabled": (bool, "true or false"),
}


def record(document: Mapping[str, Any]) -> Record:  # JSON
    """Return a policy in its stored form. Its document has ``_id``, ``name``, ``policyType`` and ``lastModified`` (ms).

    A policy is enabled unless it says otherwise (portal §6.1). Raises ``ValueError`` naming the field.
    """
    whole = {"enabled": True, **document}
    if not is_object_id(str(whole.get("_id"))):
        raise ValueError(f"_id: {shown(whole.get('_id'))} is not valid; an id of 24 lower-case hex digits is expected")
    for name, (kind, allowed) in _KINDS.items():
        if type(whole.get(name)) is not kind:
            raise ValueError(f"{name}: {shown(whole.get(name))} is not valid; {allowed} is expected")
    if whole["policyType"] not in TYPES:
        raise ValueError(f"policyType: {shown(whole['policyType'])} is unknown; allowed: {', '.join(TYPES)}")
    columns = {
        "modified": whole["lastModified"],
        "policy_type": whole["policyType"].lower(),
        "name": whole["name"].lower(),
        "is_enabled": whole["enabled"],
    }
    return Record(whole["_id"], columns, {}, whole)
