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

MOST_ITEMS: Final = 1000
"""Of a list."""

LARGEST_NUMBER: Final = 2**53
"""Of apps and instances: what every client reads exactly."""

Value = TypeVar("Value")


@dataclass(frozen=True, slots=True)
class Given:
    """A delivered record. Each method takes the spellings of one key; the first that is there and not null counts.

    All of them raise :class:`Invalid`.
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
        return self._read(
            names, f"text of at most {longest} characters is expected", lambda value: _text(value, longest)
        )

    def flag(self, *names: str) -> bool | None:
        """Return a boolean."""
        return self._read(names, "true or false is expected", values.flag)

    def number(self, *names: str, most: int = LARGEST_NUMBER) -> int | None:
        """Return a whole number from 0 to ``most``."""
        return self._read(names, f"a whole number from 0 to {most} is expected", lambda value: _number(value, most))

    def time(self, *names: str) -> int | None:
        """Return a time in ms since 1970, given so or in ISO 8601."""
        return self._read(names, "a time in ms since 1970 or in ISO 8601 is expected", _time)

    def code(self, *names: str, words: Mapping[str, int]) -> int | None:
        """Return one of the numbers of ``words``, given as number, as word, or as the pair that files have."""
        allowed = "allowed are " + ", ".join(f"{number} {word}" for word, number in words.items())
        return self._read(names, allowed, lambda value: _code(value, words))

    def items(self, *names: str) -> list[Any]:  # any JSON
        """Return a list; a single value is a list of one, and nothing is an empty one."""
        found = self._read(names, f"a list of at most {MOST_ITEMS} values is expected", _items)
        return [] if found is None else found

    def texts(self, *names: str) -> list[str]:
        """Return a list of texts without blanks and repetitions."""
        allowed = f"texts of at most {LONGEST_TEXT} characters are expected"
        found = self._read(names, allowed, lambda value: [_text(each, LONGEST_TEXT) for each in _items(value)])
        return list(dict.fromkeys(each for each in found or [] if each))

    def structure(self, *names: str) -> Mapping[str, Any] | None:  # any JSON
        """Return an object."""
        return self._read(names, "an object is expected", _object)

    def _read(self, names: tuple[str, ...], allowed: str, convert: Callable[[Any], Value]) -> Value | None:
        name, value = self.value(*names)
        if value is None:
            return None
        try:
            return convert(value)
        except (TypeError, ValueError):
            raise Invalid(name, value, allowed) from None


def _text(value: Any, longest: int) -> str | None:  # any JSON
    text = values.text(value).strip()
    if len(text) > longest:
        raise ValueError
    return text or None


def _number(value: Any, most: int) -> int:  # any JSON
    number = values.integer(value)
    if not 0 <= number <= most:
        raise ValueError
    return number


def _time(value: Any) -> int:  # any JSON
    moment = values.time(value)
    if not 0 <= moment <= LATEST:
        raise ValueError
    return moment


def _code(value: Any, words: Mapping[str, int]) -> int:  # any JSON
    first = value[0] if isinstance(value, list) and value else value
    if isinstance(first, str) and first.strip().lower() in words:
        return words[first.strip().lower()]
    number = values.integer(first)
    if number not in words.values():
        raise ValueError
    return number


def _items(value: Any) -> list[Any]:  # any JSON
    found = value if isinstance(value, list) else [value]
    if len(found) > MOST_ITEMS:
        raise ValueError
    return found


def _object(value: Any) -> Mapping[str, Any]:  # any JSON
    if not isinstance(value, Mapping):
        raise TypeError
    return value
