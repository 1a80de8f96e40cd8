"""What changes of administrators are refused with; errors of the OAuth endpoints are in :mod:`.errors`."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager


class NotAllowed(Exception):
    """The role of who asks does not allow it."""


class InvalidValue(ValueError):
    """What was given for ``field`` cannot be taken; the text says what can."""

    def __init__(self, field: str, text: str) -> None:
        super().__init__(text)
        self.field = field


@contextmanager
def about(field: str) -> Iterator[None]:
    """Turn a ``ValueError`` into an :class:`InvalidValue` of a field."""
    try:
        yield
    except ValueError as error:
        raise InvalidValue(field, str(error)) from None
