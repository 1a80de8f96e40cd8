"""The filters of the app catalog and of the apps of a report (api §12.4)."""

from __future__ import annotations

from typing import Final

from opencasb.filters.field import (
    DAYS,
    EQUALITY,
    NULL,
    ORDER,
    PRESENCE,
    WORDING,
    Field,
    Kind,
    table,
)
from opencasb.filters.tables.risk_factors import RISK_FACTORS


def _number(name: str, column: str, about: str) -> Field:
    return Field(name=name, column=column, kind=Kind.INTEGER, operators=EQUALITY | ORDER, about=about)


def _category(text: str) -> str:
    upper = text.upper()
    return upper if upper.startswith("SAASDB_") else f"SAASDB_CATEGORY_{upper}"


_APP: Final = (
    Field(name="appId", column="app_id", kind=Kind.INTEGER, operators=EQUALITY, about="app number"),
    Field(name="name", column="name", kind=Kind.TEXT, operators=EQUALITY | WORDING, folded=True, about="app name"),
    Field(
        name="domain",
        column="domains",
        kind=Kind.TEXT,
        operators=EQUALITY | WORDING,
        many=True,
        folded=True,
        about="a domain of the app",
    ),
    Field(
        name="category",
        column="category",
        kind=Kind.TEXT,
        operators=EQUALITY,
        canonical=_category,
        about="category code, with or without `SAASDB_CATEGORY_`",
    ),
    Field(
        name="score",
        column="score",
        kind=Kind.INTEGER,
        operators=EQUALITY | ORDER | PRESENCE,
        nulls=NULL,
        scale=(0, 10),
        about="0 to 10; `eq` with a list of two numbers is a range, and `[0, 10]` is every app, also without a score",
    ),
    Field(
        name="tag",
        column="tags",
        kind=Kind.TEXT,
        operators=EQUALITY | PRESENCE,
        many=True,
        folded=True,
        nulls=frozenset({"null", "none"}),
        about="name of a tag; `None` is an app without tags",
    ),
    Field(
        name="flag",
        column="flags",
        kind=Kind.TEXT,
        operators=EQUALITY,
        many=True,
        folded=True,
        about="a mark of the catalog: `tracker`, `remote-access`, `institution`, `software`, `platform`",
    ),
    Field(name="listed", column="listed", kind=Kind.FLAG, operators=EQUALITY, about="whether the catalog has the app"),
)

USER_ENTITY: Final = Field(
    name="user.entity", column="", kind=Kind.ENTITY, operators=EQUALITY, about="used by one of these users"
)
"""Has no column: users are looked up, and the apps they used take its place in the tree."""

CATALOG_APPS: Final = table(*_APP, *RISK_FACTORS)

DISCOVERED_APPS: Final = table(
    *_APP,
    USER_ENTITY,
    _number("users", "users", "number of users"),
    _number("ipAddresses", "ip_addresses", "number of source addresses"),
    _number("devices", "devices", "number of devices"),
    _number("transactions", "transactions", "number of transactions"),
    _number("traffic", "total_bytes", "bytes in both directions"),
    _number("uploaded", "uploaded_bytes", "bytes sent to the app"),
    _number("downloaded", "downloaded_bytes", "bytes received from the app"),
    Field(name="lastUsed", column="last_seen", kind=Kind.TIME, operators=ORDER | DAYS, about="last use"),
    *RISK_FACTORS,
)
