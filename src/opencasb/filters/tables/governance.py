"""The filters of the governance log (api §14)."""

from __future__ import annotations

from typing import Final

from opencasb.filters.field import DAYS, EQUALITY, NULL, ORDER, Field, Kind, table

GOVERNANCE: Final = table(
    Field(name="timestamp", column="timestamp", kind=Kind.TIME, operators=ORDER | DAYS, about="when it was queued"),
    Field(name="type", column="task_name", kind=Kind.TEXT, operators=EQUALITY, about="type of task"),
    Field(name="taskName", column="task_name", kind=Kind.TEXT, operators=EQUALITY, about="the same"),
    Field(
        name="status",
        column="is_success",
        kind=Kind.FLAG,
        operators=EQUALITY,
        nulls=NULL,
        about="whether it succeeded; null is pending",
    ),
    Field(name="appId", column="app_id", kind=Kind.INTEGER, operators=EQUALITY, about="app number"),
)
