"""The error that a repository raises when a unique name is taken."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import sqlalchemy as sa


class Conflict(ValueError):
    """A name or address that must be unique is already in use; the message names the field and the value."""


@contextmanager
def unique(otherwise: str) -> Iterator[None]:
    """Raise :class:`Conflict` with the message ``otherwise`` if the database reports an integrity error."""
    try:
        yield
    except sa.exc.IntegrityError as error:
        raise Conflict(otherwise) from error
