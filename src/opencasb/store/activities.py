"""Activities (api §7): immutable events in apps, with user feedback and the alerts and policies about them."""

from __future__ import annotations

from collections.abc import Callable, Collection
from typing import Any, Final, Literal

import sqlalchemy as sa

from opencasb.store.database import Database, metadata, new_id
from opencasb.store.record_tables import TEXT, RecordKind
from opencasb.store.records import Records

LONGEST_SEARCHED: Final = 20_000
"""Characters of the text that the filter ``text`` searches."""

LONGEST_USER_AGENT: Final = 8_000
"""Most characters of a user agent; few servers accept a longer header."""

ACTIVITIES: Final = RecordKind.of(
    "activities",
    order=("timestamp", "created"),
    time="timestamp",
    monthly=True,
    columns=[
        sa.Column("timestamp", sa.BigInteger, nullable=False),
        sa.Column("created", sa.BigInteger, nullable=False),
        sa.Column("app_id", sa.BigInteger, nullable=False),
        sa.Column("saas_id", sa.BigInteger, nullable=False),
        sa.Column("instance_id", sa.BigInteger, nullable=False),
        sa.Column("event_type", TEXT),
        sa.Column("event_action_type", TEXT),
        sa.Column("action_type", TEXT),
        sa.Column("full_action_type", TEXT),
        sa.Column("is_admin", sa.Boolean, nullable=False),
        sa.Column("is_impersonated", sa.Boolean, nullable=False),
        sa.Column("taken_action", TEXT),
        sa.Column("device_type", TEXT),
        sa.Column("user_agent", TEXT, info={"longest": LONGEST_USER_AGENT}),
        sa.Column("country", TEXT),
        sa.Column("isp", TEXT),
        sa.Column("ip_category", sa.BigInteger, nullable=False),
        sa.Column("source", sa.BigInteger),
        sa.Column("stream_id", TEXT),
        sa.Column("user_name", TEXT),
        sa.Column("user_domain", TEXT),
        sa.Column("org_unit", TEXT),
        sa.Column("search_text", sa.Text, nullable=False, info={"longest": LONGEST_SEARCHED}),
    ],
    # Where investigations begin. Each index is in list order, so a page is read from it without sorting.
    indexes=[
        (column, "timestamp", "record_id") for column in ("app_id", "event_type", "action_type", "country", "user_name")
    ],
    # Looked up when a value is rare. These indexes are far smaller, but the records have to be sorted.
    sought=(
        "app_id",
        "saas_id",
        "instance_id",
        "full_action_type",
        "is_admin",
        "is_impersonated",
        "taken_action",
        "device_type",
        "isp",
        "ip_category",
        "user_domain",
        "org_unit",
    ),
    text="search_text",
)

activity_feedback = sa.Table(
    "activity_feedback",
    metadata,
    sa.Column("tenant_id", sa.Integer, primary_key=True),
    sa.Column("feedback_id", sa.String(24), primary_key=True),
    sa.Column("activity_id", TEXT, nullable=False),
    sa.Column("timestamp", sa.BigInteger, nullable=False),
    sa.Column("given_by", sa.Text, nullable=False),
    sa.Column("rating", sa.Text),
    sa.Column("text", sa.Text),
    sa.Column("allow_contact", sa.Boolean, nullable=False),
    sa.Column("contact_email", sa.Text),
    sa.Index("ix_activity_feedback_activity_id", "tenant_id", "activity_id"),
)


class Activities(Records):
    """The activities of each tenant."""

    def __init__(self, database: Database, clock: Callable[[], int]) -> None:
        super().__init__(database, ACTIVITIES)
        self._clock = clock

    def give_feedback(
        self,
        tenant_id: int,
        activity_id: str,
        *,
        by: str,
        rating: str | None = None,
        text: str | None = None,
        allow_contact: bool = False,
        contact_email: str | None = None,
    ) -> dict[str, Any] | None:  # JSON
        """Store user feedback on an activity and return the activity; None, and nothing stored, if it is unknown."""
        with self.writing() as connection:
            activity = self.many(tenant_id, [activity_id], connection=connection).get(activity_id)
            if activity is None:
                return None
            row = {
                "tenant_id": tenant_id,
                "feedback_id": new_id(),
                "activity_id": activity_id,
                "timestamp": self._clock(),
                "given_by": by,
                "rating": rating,
                "text": text,
                "allow_contact": allow_contact,
                "contact_email": contact_email,
            }
            connection.execute(sa.insert(activity_feedback).values(row))
        return activity

    def mark(
        self,
        tenant_id: int,
        field: Literal["alerts", "policies"],
        value: str,
        activity_ids: Collection[str],
        *,
        connection: sa.Connection | None = None,
    ) -> int:
        """Link an alert or a policy to these activities (filters ``activity.alertId`` and ``policy``).

        Skips unknown activities; marking twice has no further effect. Returns how many of the activities are known.
        """
        table = ACTIVITIES.table
        mine = (table.c.tenant_id == tenant_id, table.c.record_id.in_(list(activity_ids)))
        marked = {"tenant_id": tenant_id, "field": field, "value": value}
        with self._writing(connection) as writing:
            known = writing.execute(sa.select(table.c.seq, table.c.timestamp).where(*mine))
            rows = [{**marked, "at": at, "seq": seq} for seq, at in known]
            self.database.upsert(writing, ACTIVITIES.values, rows)
        return len(rows)
