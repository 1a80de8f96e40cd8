"""Stored user feedback on activities."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from opencasb.store.activities import activity_feedback
from opencasb.store.database import Database


def feedback_on(database: Database, tenant_id: int, activity_id: str) -> list[sa.Row[Any]]:  # of any column
    """Return the feedback rows of an activity."""
    mine = (activity_feedback.c.tenant_id == tenant_id, activity_feedback.c.activity_id == activity_id)
    with database.read() as connection:
        return list(connection.execute(sa.select(activity_feedback).where(*mine)))
