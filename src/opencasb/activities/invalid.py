"""The error for an invalid record."""

from __future__ import annotations

from opencasb.filters.errors import shown
from opencasb.model.visible_text import visible


class Invalid(ValueError):
    """A record is invalid.

    ``field`` is the path of the key (``objects[2].name``), ``value`` the offending value, shortened and safe to
    display, and ``allowed`` says what is expected.
    """

    def __init__(self, field: str, value: object, allowed: str) -> None:
        self.field = visible(shown(field))
        self.value = visible(shown(value))
        self.allowed = allowed
        super().__init__(field, value, allowed)

    def __reduce__(self) -> tuple[type[Invalid], tuple[str, str, str]]:
        """Pickle the displayed texts, since the value itself may be anything."""
        return type(self), (self.field, self.value, self.allowed)

    def __str__(self) -> str:
        return f"{self.field}: {self.value or 'empty text'} is not valid; {self.allowed}"
