"""The filters of policies (api §15)."""

from __future__ import annotations

from typing import Final

from opencasb.filters.field import EQUALITY, WORDING, flag_filter, table, text_filter
from opencasb.filters.operands import object_id

POLICIES: Final = table(
    text_filter(name="type", column="policy_type", folded=True, about="code of the type, such as `AUDIT` or `FILE`"),
    text_filter(name="id", column="record_id", canonical=object_id, about="id"),
    text_filter(name="name", column="name", operators=EQUALITY | WORDING, folded=True, about="name"),
    flag_filter(name="enabled", column="is_enabled", about="whether the policy is in force"),
)
