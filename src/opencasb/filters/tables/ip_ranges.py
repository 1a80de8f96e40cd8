"""The filters of IP ranges (api §11.5)."""

from __future__ import annotations

from typing import Final

from opencasb.filters.field import EQUALITY, WORDING, flag_filter, number_filter, table, text_filter
from opencasb.filters.operands import object_id

IP_RANGES: Final = table(
    number_filter(
        name="category",
        column="category",
        about="1 corporate, 2 administrative, 3 risky, 4 VPN, 5 cloud provider, 6 other",
    ),
    text_filter(name="tags", column="tags", many=True, canonical=object_id, about="id of an IP tag"),
    flag_filter(
        name="builtIn", column="is_built_in", about="true built-in ranges, false your own; without it, your own"
    ),
    text_filter(name="name", column="name", operators=EQUALITY | WORDING, folded=True, about="name"),
)
