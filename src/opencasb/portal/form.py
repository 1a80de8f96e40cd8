"""A submitted form: its fields, ticked boxes and files, whatever bytes they hold."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from opencasb.identity.refusals import InvalidValue
from opencasb.model.written_line import is_name

LONGEST = 256
"""Default maximum length of a field, in characters."""


@dataclass(frozen=True, slots=True)
class Form:
    """A submitted form; a missing field counts as empty."""

    fields: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    files: Mapping[str, bytes] = field(default_factory=dict)

    def raw(self, name: str) -> str:
        """Return a field exactly as typed, such as a password."""
        return self.fields.get(name, ("",))[-1]

    def line(self, name: str, *, required: bool = False, longest: int = LONGEST) -> str:
        """Return a single-line field without surrounding white space. Raises :class:`InvalidValue`."""
        text = self.raw(name).strip()
        if required and not text:
            raise InvalidValue(name, "This field is required.")
        if len(text) > longest:
            raise InvalidValue(name, f"At most {longest} characters are allowed; you entered {len(text)}.")
        if not is_name(text):
            raise InvalidValue(name, "Only printable characters on one line are allowed.")
        return text

    def number(self, name: str, least: int, most: int) -> int:
        """Return a field as a whole number from ``least`` (not negative) to ``most``.

        Raises :class:`InvalidValue` that names the allowed range.
        """
        text = self.line(name, required=True)
        if not (text.isascii() and text.isdecimal() and len(text) <= 9 and least <= int(text) <= most):
            raise InvalidValue(name, f"{text!r} is not a whole number from {least:,} to {most:,}.")
        return int(text)

    def ticked(self, name: str) -> bool:
        """Return whether a box was ticked."""
        return self.raw(name) != ""

    def all(self, name: str) -> list[str]:
        """Return all values of a field, such as those of ticked boxes."""
        return list(self.fields.get(name, ()))
