"""What a repository says when a unique name is taken."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import sqlalchemy as sa


class Conflict(ValueError):
    """A name or address that has to be unique is in use already; the message names the field and the value."""


@contextmanager
def unique(otherwise: str) -> Iterator[None]:
    """Raise :class:`Conflict` with the message ``otherwise`` where the database finds that something is not unique."""
    try:
        yield
    except sa.exc.IntegrityError as error:
        raise Conflict(otherwise) from error
