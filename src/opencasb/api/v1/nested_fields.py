"""Reassemble objects and lists spread over form fields: ``filters[date][gte]=1``, ``subnets[]=10.0.0.0/8``.

jQuery, axios and PHP encode them this way; ignoring such filters would return everything.
"""

from __future__ import annotations

import re
from typing import Any, Final

from opencasb.api.v1.parameters import Several

_NESTED: Final = re.compile(r"([^\[\]]+)\[((?:[^\[\]]*\]\[){0,7}[^\[\]]*)\]")
"""A name and up to eight keys in brackets; no call takes anything nested more deeply."""

_INDEX: Final = re.compile(r"[0-9]*")


def nested(fields: dict[str, Any]) -> dict[str, Any]:  # texts, or several
    """Return the fields with nested parts reassembled; a plain field of the same name takes precedence."""
    plain: dict[str, Any] = {}
    found: dict[str, dict[str, Any]] = {}
    for name, value in fields.items():
        match = _NESTED.fullmatch(name)
        if match is None:
            plain[name] = value
        else:
            _put(found.setdefault(match[1], {}), match[2].split("]["), value)
    return {**{name: _whole(parts) for name, parts in found.items()}, **plain}


def _put(parts: dict[str, Any], keys: list[str], value: Any) -> None:  # texts, or several
    for key in keys[:-1]:
        inner = parts.setdefault(key, {})
        if not isinstance(inner, dict):
            return  # already a plain text
        parts = inner
    parts.setdefault(keys[-1], value)


def _whole(value: Any) -> Any:  # any JSON of texts
    if not isinstance(value, dict):
        return value
    if not all(_INDEX.fullmatch(key) for key in value):
        return {key: _whole(each) for key, each in value.items()}
    members = (_whole(value[key]) for key in sorted(value, key=lambda key: (len(key), key)))
    return [each for member in members for each in (member if isinstance(member, Several) else [member])]
