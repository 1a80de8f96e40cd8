"""The filters of IP ranges (api §11.5)."""

from __future__ import annotations

from typing import Final

from opencasb.filters.field import EQUALITY, WORDING, Field, Kind, table
from opencasb.filters.operands import object_id

IP_RANGES: Final = table(
    Field(
        name="category",
        column="category",
        kind=Kind.INTEGER,
        operators=EQUALITY,
        about="1 corporate, 2 administrative, 3 risky, 4 VPN, 5 cloud provider, 6 other",
    ),
    Field(
        name="tags",
        column="tags",
        kind=Kind.TEXT,
        operators=EQUALITY,
        many=True,
        canonical=object_id,
        about="id of an IP tag",
    ),
    Field(
        name="builtIn",
        column="is_built_in",
        kind=Kind.FLAG,
        operators=frozenset({"eq"}),
        about="true built-in ranges, false your own; without it, your own",
    ),
    Field(name="name", column="name", kind=Kind.TEXT, operators=EQUALITY | WORDING, folded=True, about="name"),
)
