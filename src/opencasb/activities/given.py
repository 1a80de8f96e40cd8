"""Reading a delivered record whose keys may have several spellings, with an error that names what is wrong."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final, TypeVar

from opencasb.activities.invalid import Invalid
from opencasb.filters import values
from opencasb.model.iso_time import LATEST

LONGEST_TEXT: Final = 1000
"""Characters of a text."""

LONGEST_URL: Final = 8192
"""Characters of a link or a path."""

MOST_ITEMS: Final = 1000
"""Of a list; the others are left out."""

LARGEST_NUMBER: Final = 2**53
"""Of apps and instances: what every client reads exactly."""

Value = TypeVar("Value")
Limit = TypeVar("Limit")


@dataclass(frozen=True, slots=True)
class Given:
    """A delivered record. Each method takes the spellings of one key; the first that is there and not null counts.

    Blank text is nothing. All of them raise :class:`Invalid`.
    """

    record: Mapping[str, Any]  # any JSON

    def value(self, *names: str) -> tuple[str, Any]:  # any JSON
        """Return the name that is there and its value; the first name and None if none is."""
        for name in names:
            value = self.record.get(name)
            if value is not None:
                return name, value
        return names[0], None

    def text(self, *names: str, longest: int = LONGEST_TEXT) -> str | None:
        """Return text without white space around it, None if it is blank; a number becomes its digits."""
        return self._read(names, _text, longest, "text of at most {} characters is expected")

    def label(self, *names: str, longest: int = LONGEST_TEXT) -> str | None:
        """Return text that people read and that identifies nothing: cut off where it is too long."""
        return self._read(names, _label, longest, "text is expected")

    def flag(self, *names: str) -> bool | None:
        """Return a boolean."""
        return self._read(names, _flag, None, "true or false is expected")

    def number(self, *names: str) -> int | None:
        """Return a whole number from 0 to :data:`LARGEST_NUMBER`."""
        return self._read(names, _number, LARGEST_NUMBER, "a whole number from 0 to {} is expected")

    def time(self, *names: str) -> int | None:
        """Return a time in ms since 1970, given so or in ISO 8601; a date before, such as 0001-01-01, is none."""
        return self._read(names, _time, None, "a time in ms since 1970 or in ISO 8601 is expected")

    def code(self, *names: str, words: Mapping[str, int]) -> int | None:
        """Return one of the numbers of ``words``, given as number, as word, or as the pair that files have."""
        return self._read(names, _code, _Words(words), "allowed are {}")

    def items(self, *names: str) -> list[Any]:  # any JSON
        """Return the first thousand of a list; a single value is a list of one, and nothing is an empty one."""
        return self.all_items(*names)[:MOST_ITEMS]

    def all_items(self, *names: str) -> list[Any]:  # any JSON
        """Return a whole list."""
        return self._read(names, _items, None, "a list is expected") or []

    def texts(self, *names: str) -> list[str]:
        """Return the first thousand of a list of texts without blanks and repetitions."""
        return self._read(names, _texts, LONGEST_TEXT, "texts of at most {} characters are expected") or []

    def structure(self, *names: str) -> Mapping[str, Any] | None:  # any JSON
        """Return an object."""
        return self._read(names, _object, None, "an object is expected")

    def _read(
        self, names: tuple[str, ...], convert: Callable[[Any, Limit], Value], limit: Limit, allowed: str
    ) -> Value | None:
        """Return a value converted within a limit; most keys are absent, so nothing is made for them."""
        if self.record.keys().isdisjoint(names):
            return None
        name, value = self.value(*names)
        if value is None or (isinstance(value, str) and not value.strip()):
            return None
        try:
            return convert(value, limit)
        except (TypeError, ValueError):
            raise Invalid(name, value, allowed.format(limit)) from None


@dataclass(frozen=True, slots=True)
class _Words:
    """The words of a code."""

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
    """Return text however long it is."""
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
