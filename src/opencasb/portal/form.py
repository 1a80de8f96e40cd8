"""The form of a page as it was sent: its fields, ticked boxes and files, whatever bytes they are."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from opencasb.identity.refusals import InvalidValue
from opencasb.model.written_line import is_name

LONGEST = 256
"""Characters of a usual field."""


@dataclass(frozen=True, slots=True)
class Form:
    """What was sent; a field that is missing is empty."""

    fields: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    files: Mapping[str, bytes] = field(default_factory=dict)

    def raw(self, name: str) -> str:
        """Return a field exactly as it was typed, such as a password."""
        return self.fields.get(name, ("",))[-1]

    def line(self, name: str, *, required: bool = False, longest: int = LONGEST) -> str:
        """Return a field of one line without white space around it. Raises :class:`InvalidValue`."""
        text = self.raw(name).strip()
        if required and not text:
            raise InvalidValue(name, "This field is required.")
        if len(text) > longest:
            raise InvalidValue(name, f"At most {longest} characters are allowed; you entered {len(text)}.")
        if not is_name(text):
            raise InvalidValue(name, "Only printable characters on one line are allowed.")
        return text

    def number(self, name: str, least: int, most: int) -> int:
        """Return a field with a whole number from ``least``, which is not negative, to ``most``.

        Raises :class:`InvalidValue`, which says so.
        """
        text = self.line(name, required=True)
        if not (text.isascii() and text.isdecimal() and len(text) <= 9 and least <= int(text) <= most):
            raise InvalidValue(name, f"{text!r} is not a whole number from {least:,} to {most:,}.")
        return int(text)

    def ticked(self, name: str) -> bool:
        """Tell whether a box was ticked."""
        return self.raw(name) != ""

    def all(self, name: str) -> list[str]:
        """Return every value of a field, such as those of ticked boxes."""
        return list(self.fields.get(name, ()))
