"""Refusals of administrative changes; errors of the OAuth endpoints are in :mod:`.errors`."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager


class NotAllowed(Exception):
    """The caller's role does not allow the change."""


class InvalidValue(ValueError):
    """The value given for ``field`` is not acceptable; the message says what is."""

    def __init__(self, field: str, text: str) -> None:
        super().__init__(text)
        self.field = field


@contextmanager
def about(field: str) -> Iterator[None]:
    """Turn a ``ValueError`` into an :class:`InvalidValue` for a field."""
    try:
        yield
    except ValueError as error:
        raise InvalidValue(field, str(error)) from None
