"""Fields of every wire activity that clients rely on (api §7.4)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

TEXTS = (
    ("_id",),
    ("appName",),
    ("eventTypeName",),
    ("description",),
    ("user", "userName"),
    ("device", "clientIP"),
    ("device", "userAgent"),
    ("device", "countryCode"),
    ("location", "countryCode"),
    ("location", "city"),
)
INTEGERS = (("appId",), ("timestamp",), ("created",), ("tenantId",), ("saasId",), ("location", "category"))
LISTS = (("user", "userTags"), ("userAgent", "tags"), ("location", "ipTags"), ("internals", "otherIPs"))


def check(document: Mapping[str, Any]) -> None:
    """Assert that all fields are present and of their type."""
    for paths, kind in ((TEXTS, str), (INTEGERS, int), (LISTS, list)):
        for path in paths:
            value = _at(document, path)
            assert isinstance(value, kind), (path, value)
            assert not isinstance(value, bool), path
    assert set(document["entityData"]) >= {"0", "1", "2"}


def colliding(value: Any) -> bool:  # any JSON
    """Return whether an object has two keys that differ only in case."""
    if isinstance(value, list):
        return any(map(colliding, value))
    if not isinstance(value, dict):
        return False
    return len({name.lower() for name in value}) < len(value) or any(map(colliding, value.values()))


def _at(document: Any, path: tuple[str, ...]) -> Any:  # any JSON
    for name in path:
        document = document[name]
    return document
