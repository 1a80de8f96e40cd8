"""Read typed values from a record; a value of the wrong type raises an error that names the key."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from typing import Any, Final

import msgspec

from opencasb.activities.invalid import Invalid
from opencasb.filters import values

LARGEST: Final = 2**63 - 1
_DIGITS: Final = re.compile(r"-?\d{1,19}", re.ASCII)


class Fields(msgspec.Struct, frozen=True):
    """The keys of one object in a record. Null counts as absent. Every method raises ``Invalid`` on a wrong type."""

    values: Mapping[str, Any]  # JSON
    path: str = ""

    def name(self, key: str) -> str:
        """Return the path of a key."""
        return f"{self.path}.{key}" if self.path else key

    def told(self) -> Fields:
        """Return the fields without those that are blank text, which some programs write for what is absent."""
        blank = {name for name, value in self.values.items() if type(value) is str and not value.strip()}
        if not blank:
            return self
        return Fields({name: value for name, value in self.values.items() if name not in blank}, self.path)

    def text(self, key: str) -> str | None:
        """Return text unchanged, or None if absent."""
        value = self.values.get(key)
        if value is None or isinstance(value, str):
            return value
        raise Invalid(self.name(key), value, "text is expected")

    def scalar(self, key: str) -> str | None:
        """Return text, a number or a boolean as text, or None if absent."""
        value = self.values.get(key)
        if value is None or isinstance(value, str):
            return value
        if isinstance(value, bool):
            return str(value).lower()
        if isinstance(value, int | float):
            return str(value)
        raise Invalid(self.name(key), value, "text or a number is expected")

    def integer(self, key: str, least: int = 0, most: int = LARGEST) -> int | None:
        """Return a whole number within bounds, or None if absent; it may be written as text."""
        value = self.values.get(key)
        if value is None:
            return None
        if isinstance(value, str) and _DIGITS.fullmatch(value):
            value = int(value)
        if isinstance(value, float) and value.is_integer():
            value = int(value)
        if isinstance(value, bool) or not isinstance(value, int) or not least <= value <= most:
            raise Invalid(self.name(key), value, f"a whole number from {least} to {most} is expected")
        return value

    def flag(self, key: str) -> bool | None:
        """Return a boolean, or None if absent; it may be written as text or as 1 or 0."""
        value = self.values.get(key)
        if value is None or isinstance(value, bool):
            return value
        try:
            return values.flag(value)
        except values.Unfit:
            raise Invalid(self.name(key), value, "true or false is expected") from None

    def one_of(self, key: str, allowed: Collection[str]) -> str | None:
        """Return one of the allowed words, or None if absent."""
        value = self.text(key)
        if value is None or value in allowed:
            return value
        raise Invalid(self.name(key), value, f"allowed: {', '.join(allowed)}")

    def object(self, key: str) -> Fields | None:
        """Return an object, or None if absent."""
        value = self.values.get(key)
        if value is None:
            return None
        if isinstance(value, Mapping):
            return Fields(value, self.name(key))
        raise Invalid(self.name(key), value, "an object is expected")

    def objects(self, key: str) -> Iterator[Fields]:
        """Yield the objects of a list, skipping nulls."""
        for at, value in enumerate(self._list(key, "a list of objects is expected")):
            if value is None:
                continue
            if not isinstance(value, Mapping):
                raise Invalid(f"{self.name(key)}[{at}]", value, "an object is expected")
            yield Fields(value, f"{self.name(key)}[{at}]")

    def texts(self, key: str) -> list[str]:
        """Return the texts of a list, skipping nulls."""
        found = self._list(key, "a list of texts is expected")
        for at, value in enumerate(found):
            if value is not None and not isinstance(value, str):
                raise Invalid(f"{self.name(key)}[{at}]", value, "text is expected")
        return [value for value in found if value is not None] if None in found else found

    def _list(self, key: str, allowed: str) -> list[Any]:
        value = self.values.get(key)
        if value is None:
            return []
        if isinstance(value, list):
            return value
        raise Invalid(self.name(key), value, allowed)
