"""The filters of the governance log (api §14)."""

from __future__ import annotations

from typing import Final

from opencasb.filters.field import (
    EQUALITY,
    NULL,
    flag_filter,
    number_filter,
    table,
    text_filter,
    time_filter,
)

GOVERNANCE: Final = table(
    time_filter(name="timestamp", column="timestamp", about="when it was queued"),
    text_filter(name="type", column="task_name", about="type of task"),
    text_filter(name="taskName", column="task_name", about="the same"),
    flag_filter(
        name="status",
        column="is_success",
        operators=EQUALITY,
        nulls=NULL,
        about="whether it succeeded; null is pending",
    ),
    number_filter(name="appId", column="app_id", about="app number"),
)
