"""Sanitise arbitrary JSON so that every store can keep it and every client can read it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Final

from opencasb.activities.invalid import Invalid

DEEPEST: Final = 60
"""Maximum nesting of objects and lists; clients' parsers stop at 64."""

_SMALLEST: Final = -(2**63)
_LARGEST: Final = 2**63 - 1
_LONGEST_NUMBER: Final = 10_000
"""Maximum size in bits of an integer that is kept, as text."""


def storable(value: Any) -> Any:  # any JSON
    """Return ``value`` if every store accepts it as is, otherwise a sanitised copy.

    NUL and lone surrogates in texts become U+FFFD, integers beyond 64 bits become text, and NaN and infinity become
    null. Raises :class:`Invalid` for a value that is not JSON, and for more than :data:`DEEPEST` levels.
    """
    return value if _is_storable((value,), DEEPEST) else _copied(value, "record", DEEPEST)


def _is_storable(values: Iterable[Any], levels: int) -> bool:  # any JSON
    """Return whether ``values`` need no copy, the usual case: the check takes 4 µs per activity, a copy 15 µs."""
    for value in values:
        kind = type(value)
        if kind is str:
            is_fine = _is_plain(value)
        elif kind is dict:
            is_fine = levels > 0 and _are_plain(value) and _is_storable(value.values(), levels - 1)
        elif kind is list:
            is_fine = levels > 0 and _is_storable(value, levels - 1)
        elif kind is int:
            is_fine = _SMALLEST <= value <= _LARGEST
        else:
            is_fine = value is None or kind is bool or (kind is float and value - value == 0)
        if not is_fine:
            return False
    return True


def _are_plain(keys: Iterable[Any]) -> bool:  # keys of an object
    try:
        return _is_plain("".join(keys))
    except TypeError:
        return False


def _is_plain(text: str) -> bool:
    return "\0" not in text and (text.isascii() or _text(text) == text)


def _copied(value: Any, field: str, levels: int) -> Any:  # any JSON
    match value:
        case str():
            return _text(value)
        case None | bool():
            return value
        case int():
            return _whole(value, field)
        case float():
            return value if value - value == 0 else None  # null for NaN and infinity
        case Mapping() | list() | tuple() if levels <= 0:
            raise Invalid(field, value, f"allowed: {DEEPEST} levels of objects and lists")
        case Mapping():
            return {_key(key, field): _copied(each, f"{field}.{key}", levels - 1) for key, each in value.items()}
        case list() | tuple():
            return [_copied(each, f"{field}[{at}]", levels - 1) for at, each in enumerate(value)]
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
