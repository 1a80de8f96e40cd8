"""Alerts as stored, with the columns that lists sort and filter by (api §8.2, §8.8)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import sqlalchemy as sa

from opencasb.store.record_tables import RecordKind
from opencasb.store.records import Records

if TYPE_CHECKING:
    from opencasb.store.database import Database

KIND: Final = RecordKind.of(
    "alerts",
    order=("timestamp", "severity_rank", "resolution_status"),
    time="timestamp",
    columns=[
        sa.Column("timestamp", sa.BigInteger, nullable=False),
        sa.Column("severity", sa.Integer, nullable=False),
        # Severities by urgency: on the wire INFORMATIONAL, which ranks below LOW, has the highest number.
        sa.Column("severity_rank", sa.Integer, nullable=False),
        sa.Column("status", sa.Integer, nullable=False),
        sa.Column("resolution_status", sa.Integer, nullable=False),
        sa.Column("resolved_at", sa.BigInteger),
        sa.Column("alert_type", sa.BigInteger),
        sa.Column("is_built_in", sa.Boolean, nullable=False),
    ],
)
"""Many-valued fields: stories, entities, users, ips, ip_keys, services, instances, policies, files, streams."""


class Alerts(Records):
    """The alerts of each tenant."""

    def __init__(self, database: Database) -> None:
        super().__init__(database, KIND)
