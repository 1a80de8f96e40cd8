"""The filters of user groups (api §15)."""

from __future__ import annotations

from typing import Final

from opencasb.filters.field import EQUALITY, WORDING, number_filter, table, text_filter

USER_GROUPS: Final = table(
    number_filter(name="app", column="app_id", about="id of the app it comes from"),
    text_filter(name="name", column="name", operators=EQUALITY | WORDING, folded=True, about="name"),
    number_filter(name="status", column="status", about="status"),
)
