"""``$select`` and ``$expand`` (graph §5): the properties of a response."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Final

from opencasb.api.graph.edm import EntityType
from opencasb.api.graph.entities import RENAMED, find, of_derived
from opencasb.api.graph.errors import BadRequest, quoted

_ITEM: Final = re.compile(r"([\w/]+)\s*+(?:\((.*)\))?", re.DOTALL)
_PIECE: Final = re.compile(r",|\([^)]*+\)?|[^,(]++")
"""A comma between items, parentheses with what they hold, or anything else."""


def select(entity: EntityType, text: str) -> Mapping[str, str]:
    """Return wire name → property, in the type's order, for a ``$select``; all if it is empty.

    The key is always included. A property selected by its old name keeps that name; one that only a derived type has is
    skipped, because clients send the same selection to all streams. Raises :class:`BadRequest`.
    """
    names = [name for part in text.split(",") if (name := part.strip())]
    if not names or "*" in names:
        return {name: name for name in entity.properties}
    wire = {entity.key: entity.key}
    passed_over = {navigation.lower() for navigation in entity.navigations} | of_derived(entity)
    for name in names:
        if name.lower() in passed_over:
            continue
        found = find(entity, name)
        if found is None or found.name not in entity.properties:
            raise BadRequest(
                f"The property {quoted(name)} in $select does not exist on {entity.full_name}; "
                f"it has {', '.join(entity.properties)}."
            )
        wire.setdefault(found.name, RENAMED.get(name.lower(), found.name))
    return {wire[name]: name for name in entity.properties if name in wire}


def expand(text: str, allowed: tuple[str, ...], resource: str) -> Mapping[str, str]:
    """Return navigation → nested ``$select`` (may be empty) for an ``$expand``. Raises :class:`BadRequest`."""
    expanded: dict[str, str] = {}
    spelled = {name.lower(): name for name in allowed}
    for item in _items(text) if text else []:
        parts = _ITEM.fullmatch(item.strip())
        name = spelled.get(parts[1].lower()) if parts else None
        if parts is None or name is None:
            can = f"; allowed: {', '.join(allowed)}" if allowed else ""
            raise BadRequest(f"The $expand {quoted(item)} cannot be applied to {resource}{can}.")
        if name in expanded:
            raise BadRequest(f"The navigation '{name}' is expanded more than once.")
        expanded[name] = _nested_select(name, parts[2] or "")
    return expanded


def _items(text: str) -> Iterator[str]:
    """Yield what stands between the commas outside of parentheses."""
    item: list[str] = []
    for piece in _PIECE.findall(text):
        if piece == ",":
            yield "".join(item)
            item = []
        else:
            item.append(piece)
    yield "".join(item)


def _nested_select(name: str, options: str) -> str:
    chosen: list[str] = []
    for part in filter(None, (part.strip() for part in options.split(";"))):
        option, _, value = part.partition("=")
        if option.strip().lower().removeprefix("$") != "select" or chosen:
            raise BadRequest(f"Inside $expand={name}(...) only one $select is allowed; found {quoted(part)}.")
        chosen.append(value.strip())
    return "".join(chosen)
