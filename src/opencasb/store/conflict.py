"""What a repository says when a unique name is taken."""

from __future__ import annotations


class Conflict(ValueError):
    """A name or address that has to be unique is in use already; the message names the field and the value."""
