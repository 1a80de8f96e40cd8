"""The filters of policies (api §15)."""

from __future__ import annotations

from typing import Final

from opencasb.filters.field import EQUALITY, WORDING, Field, Kind, table
from opencasb.filters.operands import object_id

POLICIES: Final = table(
    Field(
        name="type",
        column="policy_type",
        kind=Kind.TEXT,
        operators=EQUALITY,
        folded=True,
        about="code of the type, such as `AUDIT` or `FILE`",
    ),
    Field(name="id", column="record_id", kind=Kind.TEXT, operators=EQUALITY, canonical=object_id, about="id"),
    Field(name="name", column="name", kind=Kind.TEXT, operators=EQUALITY | WORDING, folded=True, about="name"),
    Field(
        name="enabled",
        column="is_enabled",
        kind=Kind.FLAG,
        operators=frozenset({"eq"}),
        about="whether the policy is in force",
    ),
)
