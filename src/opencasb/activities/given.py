"""Read values from a delivered record whose keys have several spellings; errors name the key at fault."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final, TypeVar

import msgspec

from opencasb.activities.invalid import Invalid
from opencasb.filters import values
from opencasb.model.iso_time import LATEST

LONGEST_TEXT: Final = 1000
"""Default limit for texts, in characters."""

LONGEST_URL: Final = 8192
"""Limit for links and paths, in characters."""

MOST_ITEMS: Final = 1000
"""Limit for lists; further items are dropped."""

LARGEST_NUMBER: Final = 2**53
"""Limit for app and instance numbers: every JSON client represents these exactly."""

Value = TypeVar("Value")
Limit = TypeVar("Limit")


class Given(msgspec.Struct, frozen=True):
    """A delivered record. Each method takes the spellings of one key and reads the first that is present and not null.

    Blank text counts as absent. Every method raises :class:`Invalid` for a value of the wrong type or out of bounds.
    """

    record: Mapping[str, Any]  # any JSON

    def value(self, *names: str) -> tuple[str, Any]:  # any JSON
        """Return the first present name and its value; the first spelling and None if there is none."""
        for name in names:
            value = self.record.get(name)
            if value is not None:
                return name, value
        return names[0], None

    def text(self, *names: str, longest: int = LONGEST_TEXT) -> str | None:
        """Return stripped text, or None if blank; a number is converted to text."""
        return self._read(names, _text, longest, "text of at most {} characters is expected")

    def label(self, *names: str, longest: int = LONGEST_TEXT) -> str | None:
        """Return display text, which identifies nothing and is therefore truncated instead of rejected."""
        return self._read(names, _label, longest, "text is expected")

    def flag(self, *names: str) -> bool | None:
        """Return a boolean."""
        return self._read(names, _flag, None, "true or false is expected")

    def number(self, *names: str) -> int | None:
        """Return a whole number from 0 to :data:`LARGEST_NUMBER`."""
        return self._read(names, _number, LARGEST_NUMBER, "a whole number from 0 to {} is expected")

    def time(self, *names: str) -> int | None:
        """Return a time in ms since 1970, also from ISO 8601; a date before 1970, such as 0001-01-01, is None."""
        return self._read(names, _time, None, "a time in ms since 1970 or in ISO 8601 is expected")

    def code(self, *names: str, words: Mapping[str, int]) -> int | None:
        """Return one of the numbers in ``words``, given as a number, a word, or the pair that files have."""
        return self._read(names, _code, _Words(words), "allowed: {}")

    def items(self, *names: str) -> list[Any]:  # any JSON
        """Return the first thousand items of a list, wrapping a single value in a list."""
        return self.all_items(*names)[:MOST_ITEMS]

    def all_items(self, *names: str) -> list[Any]:  # any JSON
        """Return a whole list."""
        return self._read(names, _items, None, "a list is expected") or []

    def texts(self, *names: str) -> list[str]:
        """Return a list of at most a thousand texts, without blanks and duplicates."""
        return self._read(names, _texts, LONGEST_TEXT, "texts of at most {} characters are expected") or []

    def structure(self, *names: str) -> Mapping[str, Any] | None:  # any JSON
        """Return an object."""
        return self._read(names, _object, None, "an object is expected")

    def _read(
        self, names: tuple[str, ...], convert: Callable[[Any, Limit], Value], limit: Limit, allowed: str
    ) -> Value | None:
        """Return a value converted within a limit; the common case, an absent key, returns early."""
        if self.record.keys().isdisjoint(names):
            return None
        name, value = self.value(*names)
        if value is None or (isinstance(value, str) and not value.strip()):
            return None
        try:
            return convert(value, limit)
        except (TypeError, ValueError):
            raise Invalid(name, value, allowed.format(limit)) from None


class _Words(msgspec.Struct, frozen=True):
    """The allowed words of a code with their numbers."""

    numbers: Mapping[str, int]

    def __str__(self) -> str:
        return ", ".join(f"{number} {word}" for word, number in self.numbers.items())


def _text(value: Any, longest: int) -> str | None:  # any JSON
    text = _whole(value).strip()
    if len(text) > longest:
        raise ValueError
    return text or None


def _label(value: Any, longest: int) -> str | None:  # any JSON
    return _whole(value).strip()[:longest].strip() or None


def _whole(value: Any) -> str:  # any JSON
    """Return text of any length."""
    if not isinstance(value, str) or len(value) <= values.LONGEST:
        return values.text(value)
    return "".join(values.text(value[at : at + values.LONGEST]) for at in range(0, len(value), values.LONGEST))


def _number(value: Any, most: int) -> int:  # any JSON
    number = values.integer(value)
    if not 0 <= number <= most:
        raise ValueError
    return number


def _flag(value: Any, _limit: None) -> bool:  # any JSON
    return values.flag(value)


def _time(value: Any, _limit: None) -> int | None:  # any JSON
    moment = values.time(value)
    if moment < 0 and isinstance(value, str):
        return None
    if not 0 <= moment <= LATEST:
        raise ValueError
    return moment


def _code(value: Any, words: _Words) -> int:  # any JSON
    first = value[0] if isinstance(value, list) and value else value
    if isinstance(first, str) and first.strip().lower() in words.numbers:
        return words.numbers[first.strip().lower()]
    number = values.integer(first)
    if number not in words.numbers.values():
        raise ValueError
    return number


def _items(value: Any, _limit: None) -> list[Any]:  # any JSON
    return [each for each in value if each is not None] if isinstance(value, list) else [value]


def _texts(value: Any, longest: int) -> list[str]:  # any JSON
    found = dict.fromkeys(_text(each, longest) for each in _items(value, None))
    return [each for each in found if each][:MOST_ITEMS]


def _object(value: Any, _limit: None) -> Mapping[str, Any]:  # any JSON
    if not isinstance(value, Mapping):
        raise TypeError
    return value
