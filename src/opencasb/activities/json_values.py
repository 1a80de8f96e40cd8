"""JSON as it comes from anywhere → JSON that every store can keep and every client can read."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from opencasb.activities.invalid import Invalid

DEEPEST: Final = 60
"""Levels of objects and lists inside one another; parsers of clients stop at 64."""

_SMALLEST: Final = -(2**63)
_LARGEST: Final = 2**63 - 1
_LONGEST_NUMBER: Final = 10_000
"""Bits of a whole number that is still kept, as its digits."""


def storable(value: Any, field: str = "record", levels: int = DEEPEST) -> Any:  # any JSON
    """Return a copy of ``value`` without what some store refuses.

    NUL and lone surrogates in texts become U+FFFD, numbers of more than 64 bits their digits, and numbers that are none
    null. Raises :class:`Invalid` for what is no JSON and for more levels than ``levels``.
    """
    match value:
        case str():
            return _text(value)
        case None | bool():
            return value
        case int():
            return _whole(value, field)
        case float():
            return value if value - value == 0 else None  # neither infinite nor not a number
        case Mapping() | list() | tuple() if levels <= 0:
            raise Invalid(field, value, f"allowed are {DEEPEST} levels of objects and lists")
        case Mapping():
            return {_key(key, field): storable(each, f"{field}.{key}", levels - 1) for key, each in value.items()}
        case list() | tuple():
            return [storable(each, f"{field}[{at}]", levels - 1) for at, each in enumerate(value)]
        case _:
            raise Invalid(field, type(value).__name__, "JSON is expected")


def _text(value: str) -> str:
    if value.isascii() and "\0" not in value:
        return value
    return value.encode("utf-8", "surrogatepass").decode("utf-8", "replace").replace("\0", "\N{REPLACEMENT CHARACTER}")


def _whole(value: int, field: str) -> int | str:
    if _SMALLEST <= value <= _LARGEST:
        return value
    if value.bit_length() > _LONGEST_NUMBER:
        raise Invalid(field, value, "a smaller number is expected")
    return str(value)


def _key(key: object, field: str) -> str:
    if not isinstance(key, str):
        raise Invalid(field, type(key).__name__, "keys of objects are texts")
    return _text(key)
