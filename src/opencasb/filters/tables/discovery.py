"""The filters of the app catalog and of the apps of a report (api §12.4)."""

from __future__ import annotations

from functools import partial
from typing import Final

from opencasb.filters.field import (
    EQUALITY,
    NULL,
    ORDER,
    PRESENCE,
    WORDING,
    Field,
    Kind,
    flag_filter,
    number_filter,
    table,
    text_filter,
    time_filter,
)
from opencasb.filters.tables.risk_factors import RISK_FACTORS
from opencasb.model.categories import category_id

_amount = partial(number_filter, operators=EQUALITY | ORDER)

_APP: Final = (
    number_filter(name="appId", column="app_id", about="app number"),
    text_filter(name="name", column="name", operators=EQUALITY | WORDING, folded=True, about="app name"),
    text_filter(
        name="domain",
        column="domains",
        operators=EQUALITY | WORDING,
        many=True,
        folded=True,
        about="a domain of the app",
    ),
    text_filter(
        name="category",
        column="category",
        canonical=category_id,
        about="category code, with or without `SAASDB_CATEGORY_`, or its name",
    ),
    number_filter(
        name="score",
        column="score",
        operators=EQUALITY | ORDER | PRESENCE,
        nulls=NULL,
        scale=(0, 10),
        about="0 to 10; `eq` with a list of two numbers is a range, and `[0, 10]` is every app, also without a score",
    ),
    text_filter(
        name="tag",
        column="tags",
        operators=EQUALITY | PRESENCE,
        many=True,
        folded=True,
        nulls=frozenset({"null", "none"}),
        about="name of a tag; `None` is an app without tags",
    ),
    text_filter(
        name="flag",
        column="flags",
        many=True,
        folded=True,
        about="a mark of the catalog: `tracker`, `remote-access`, `institution`, `software`, `platform`",
    ),
    flag_filter(name="listed", column="listed", operators=EQUALITY, about="whether the catalog has the app"),
)

USER_ENTITY: Final = Field(
    name="user.entity", column="", kind=Kind.ENTITY, operators=EQUALITY, about="used by one of these users"
)
"""A filter without a column: users are looked up, and the apps they used replace it in the tree."""

CATALOG_APPS: Final = table(*_APP, *RISK_FACTORS)

DISCOVERED_APPS: Final = table(
    *_APP,
    USER_ENTITY,
    _amount(name="users", column="users", about="number of users"),
    _amount(name="ipAddresses", column="ip_addresses", about="number of source addresses"),
    _amount(name="devices", column="devices", about="number of devices"),
    _amount(name="transactions", column="transactions", about="number of transactions"),
    _amount(name="traffic", column="total_bytes", about="bytes in both directions"),
    _amount(name="uploaded", column="uploaded_bytes", about="bytes sent to the app"),
    _amount(name="downloaded", column="downloaded_bytes", about="bytes received from the app"),
    time_filter(name="lastUsed", column="last_seen", about="last use"),
    *RISK_FACTORS,
)
