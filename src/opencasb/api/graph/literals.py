"""Literals in a ``$filter``, converted to the type of the property they are compared with (graph §5.2)."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Final

from odata_query import ast
from odata_query.ast import _Node as Node

from opencasb.api.graph.edm import Enum, Primitive, Property
from opencasb.api.graph.errors import BadRequest, quoted

Value = str | int | float | bool | None

_LARGEST: Final = 2**63 - 1
_NUMBER: Final = re.compile(r"[+-]?[0-9]+(?:\.[0-9]+)?(?:e[+-]?[0-9]+)?", re.IGNORECASE)


def word(node: ast.Identifier) -> str:
    """Return an identifier with its namespace."""
    return ".".join((*node.namespace, node.name))


def text_of(node: Node) -> str | None:
    """Return the text of a node, or None if it is not a value.

    An unquoted word counts as text, because public examples omit the quotes.
    """
    match node:
        case ast.Identifier():
            return word(node)
        case ast.UnaryOp(op=ast.USub(), operand=ast.Integer(val=digits) | ast.Float(val=digits)):
            return f"-{digits}"
    value = getattr(node, "val", None)  # every literal but null has its text here; a list has a list
    return value if isinstance(value, str) else None


def value_for(name: str, wanted: Property, node: Node) -> Value:
    """Return the value of a literal node for comparison with property ``wanted``, called ``name`` in the filter.

    Instants become ms since the epoch, enum values their members. Raises :class:`BadRequest` naming the property.
    """
    if isinstance(node, ast.Null):
        return None
    text = text_of(node)
    if text is None:
        raise BadRequest(f"The property '{name}' can only be compared with a value, not with an expression.")
    match wanted.type:
        case Enum() as enum:
            return _member(name, enum, text)
        case Primitive.STRING:
            return text
        case Primitive.INSTANT:
            return _instant(name, text)
        case Primitive.BOOLEAN:
            return _boolean(name, text)
    return _number(name, text)


def _member(name: str, enum: Enum, text: str) -> str:
    members = [enum.member(part) for part in (text.split(",") if enum.flags else [text])]
    known = [member for member in members if member is not None]
    if len(known) < len(members):
        raise BadRequest(f"The property '{name}' has no value {quoted(text)}; allowed: {', '.join(enum.members)}.")
    return ",".join(sorted(known, key=enum.members.index))


def _instant(name: str, text: str) -> int:
    try:
        moment = datetime.fromisoformat(text.strip())
        moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
        return round(moment.timestamp() * 1000)
    except (ValueError, OverflowError):
        raise BadRequest(
            f"The property '{name}' must be compared with a date such as 2024-01-01 or 2024-01-01T00:00:00Z; "
            f"found {quoted(text)}."
        ) from None


def _boolean(name: str, text: str) -> bool:
    if text.lower() not in {"true", "false"}:
        raise BadRequest(f"The property '{name}' must be compared with true or false; found {quoted(text)}.")
    return text.lower() == "true"


def _number(name: str, text: str) -> int | float:
    if not _NUMBER.fullmatch(text.strip()):
        raise BadRequest(f"The property '{name}' must be compared with a number; found {quoted(text)}.")
    value = float(text)
    if abs(value) < 2**53:
        return int(value) if value.is_integer() else value
    # Floats are inexact beyond 2**53; beyond 64 bits no counter can be equal.
    exact = (
        int(text) if len(text) < 30 and text.strip().lstrip("+-").isdecimal() else _LARGEST * (1 if value > 0 else -1)
    )
    return max(-_LARGEST, min(_LARGEST, exact))
