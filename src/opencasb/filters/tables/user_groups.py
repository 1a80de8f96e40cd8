"""The filters of user groups (api §15)."""

from __future__ import annotations

from typing import Final

from opencasb.filters.field import EQUALITY, WORDING, Field, Kind, table

USER_GROUPS: Final = table(
    Field(name="app", column="app_id", kind=Kind.INTEGER, operators=EQUALITY, about="id of the app it comes from"),
    Field(name="name", column="name", kind=Kind.TEXT, operators=EQUALITY | WORDING, folded=True, about="name"),
    Field(name="status", column="status", kind=Kind.INTEGER, operators=EQUALITY, about="status"),
)
