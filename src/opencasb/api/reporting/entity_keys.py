"""Entity keys in URLs: ``apps(10489)``, ``app_usage(AsOfDate=2025-11-20,Period='P30D',AppId=10489)``."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import date
from typing import Final

from opencasb.api.graph.errors import BadRequest, quoted
from opencasb.reporting.schema import Table, Type

KeyValue = str | int | date

_PART: Final = re.compile(r"\s*+(?:(\w++)\s*+=)?+\s*+('(?:[^']|'')*+'\s*+|[^,'=]++)(?:,|$)")
_INTEGER: Final = re.compile(r"-?[0-9]{1,18}")


def read(table: Table, text: str) -> Mapping[str, KeyValue]:
    """Return key column → value; ``text`` is what stands in the parentheses. Raises :class:`BadRequest`."""
    parts = list(_parts(table, text))
    given = {part[1] or "": part[2].rstrip() for part in parts}
    if list(given) == [""] and len(table.key) == 1:
        given = {table.key[0]: given[""]}
    if len(given) != len(parts) or set(given) != set(table.key):
        raise _unreadable(table, text)
    return {name: _value(table, name, given[name]) for name in table.key}


def _parts(table: Table, text: str) -> Iterator[re.Match[str]]:
    at = 0
    while at < len(text):
        found = _PART.match(text, at)
        if found is None:
            raise _unreadable(table, text)
        yield found
        at = found.end()


def _value(table: Table, name: str, text: str) -> KeyValue:
    kind = table.by_name[name].type
    if kind is Type.STRING and text.startswith("'"):
        return text[1:-1].replace("''", "'")
    if kind is Type.INT64 and _INTEGER.fullmatch(text):
        return int(text)
    if kind is Type.DATE:
        try:
            return date.fromisoformat(text)
        except ValueError:
            pass
    raise BadRequest(f"The key property '{name}' must be an {kind.value}; found {quoted(text)}.")


def _unreadable(table: Table, text: str) -> BadRequest:
    return BadRequest(f"The key {quoted(text)} cannot be read; {table.name} has the key {', '.join(table.key)}.")
