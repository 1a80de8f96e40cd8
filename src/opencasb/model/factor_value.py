"""Values of risk factors, as users and sources write them."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping
from datetime import date
from typing import Final

from opencasb.model.factor import LONGEST_TEXT, MOST_ITEMS, Factor, Kind, Value

LARGEST_NUMBER: Final = 10**15
_WORDS: Final = {"true": True, "yes": True, "false": False, "no": False}


class BadValue(ValueError):
    """A text that is not a value of its factor; the message names the factor, the text and what is allowed."""


def parse_value(factor: Factor, text: str) -> Value:
    """Parse a text into a typed value. Raises BadValue.

    Words match in any case: ``Yes``, ``TLS1_2``. A list is split at commas. The time of a date is dropped.
    """
    value = _parse(factor, text.strip())
    if value is None:
        raise BadValue(f"{factor.key} {text[:100]!r} must be {factor.expects}")
    return value


def checked_value(factor: Factor, value: object) -> Value:
    """Convert a JSON value to the factor's type. Raises BadValue."""
    match value:
        case bool():
            return parse_value(factor, str(value))
        case str() | int() | float() if factor.kind is not Kind.YES_NO or isinstance(value, str):
            return parse_value(factor, str(value))
        case list() | tuple() if factor.kind is Kind.LIST and all(isinstance(item, str) for item in value):
            return _checked_list(factor, [str(item) for item in value])
    raise BadValue(f"{factor.key} {str(value)[:100]!r} must be {factor.expects}")


def _parse(factor: Factor, text: str) -> Value | None:
    if factor.kind is Kind.LIST:
        return _list(factor, text.split(","))
    word = _word(factor, text)
    return word if word is not None else _READERS[factor.kind](text)


def _word(factor: Factor, text: str) -> str | None:
    return {word.lower(): word for word in factor.allowed}.get(text.lower())


def _date(text: str) -> str | None:
    try:
        return date.fromisoformat(text[:10]).isoformat()
    except ValueError:
        return None


def _number(text: str) -> int | float | None:
    try:
        number = float(text)
    except ValueError:
        return None
    if not math.isfinite(number) or not 0 <= number <= LARGEST_NUMBER:
        return None
    return int(number) if number.is_integer() else number


def _whole(pattern: str) -> Callable[[str], int | None]:
    return lambda text: int(text) if re.fullmatch(pattern, text) else None


def _is_text(text: str) -> bool:
    return 1 <= len(text) <= LONGEST_TEXT and text.isprintable()


def _is_url(text: str) -> bool:
    return _is_text(text) and re.fullmatch(r"https?://[^\s/\"<>]+\S*", text) is not None


def _list(factor: Factor, items: list[str]) -> tuple[str, ...] | None:
    found = [_word(factor, item.strip()) if factor.allowed else item.strip() for item in items]
    kept = tuple(dict.fromkeys(item for item in found if item is not None and _is_text(item)))
    return kept if len(kept) == len(set(found)) and 1 <= len(kept) <= MOST_ITEMS else None


def _checked_list(factor: Factor, items: list[str]) -> Value:
    value = _list(factor, items)
    if value is None:
        raise BadValue(f"{factor.key} {', '.join(items)[:100]!r} must be {factor.expects}")
    return value


_READERS: Final[Mapping[Kind, Callable[[str], Value | None]]] = {
    Kind.YES_NO: lambda text: _WORDS.get(text.lower()),
    Kind.ONE_OF: lambda _text: None,
    Kind.DATE: _date,
    Kind.YEAR: _whole("(1[6-9]|20)[0-9]{2}"),
    Kind.RANK: _whole("[1-9][0-9]{0,14}"),
    Kind.NUMBER: _number,
    Kind.TEXT: lambda text: text if _is_text(text) else None,
    Kind.URL: lambda text: text if _is_url(text) else None,
}
