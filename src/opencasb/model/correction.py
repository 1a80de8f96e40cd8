"""Corrections: what a tenant adds to and puts right in the catalog, one statement each."""

from __future__ import annotations

from enum import StrEnum
from typing import Final

import msgspec

UNKNOWN: Final = "unknown"
"""The value of a fact that takes away what the catalog says of a factor, and says nothing instead."""


class Kind(StrEnum):
    """What a correction is about."""

    FACT = "fact"
    NAME = "name"
    CATEGORY = "category"
    DOMAIN = "domain"
    NOTE = "note"


class State(StrEnum):
    """Where a correction stands; only what is accepted, and has not expired, counts."""

    PENDING = "pending"
    ACCEPTED = "accepted"
    REJECTED = "rejected"
    WITHDRAWN = "withdrawn"
    REPLACED = "replaced"


OPEN: Final = frozenset({State.PENDING, State.ACCEPTED})
"""The states that a correction can leave."""


class Statement(msgspec.Struct, frozen=True, kw_only=True):
    """What somebody says of an app.

    ``app_id`` is None for a domain that belongs to no app. ``key`` is the factor of a fact or the domain, else empty.
    ``value`` of a fact is JSON text (``"true"`` for a state, ``2011``) or ``"unknown"``; of a domain it is empty; else
    it is text. ``attested_by`` is whose word it is, such as a person of the vendor, ``attested_on`` the day it was
    given, ``expires`` the last day it counts (ISO dates, UTC).
    """

    kind: Kind
    app_id: int | None
    key: str = ""
    value: str = ""
    link: str = ""
    remark: str = ""
    attested_by: str = ""
    attested_on: str = ""
    expires: str | None = None

    @property
    def slot(self) -> tuple[str, int | None, str]:
        """What only one correction can fill: a domain belongs to one app, an app has one value of a factor."""
        return self.kind.value, None if self.kind is Kind.DOMAIN else self.app_id, self.key


class Correction(Statement, frozen=True, kw_only=True):
    """A statement that is kept: who wrote it down when, and what became of it (times in ms since the epoch UTC)."""

    correction_id: str
    author: str
    created: int
    state: State
    decided_by: str | None = None
    decided: int | None = None
    reason: str = ""

    @property
    def statement(self) -> Statement:
        """What is said, without what became of it."""
        return Statement(**{name: getattr(self, name) for name in Statement.__struct_fields__})
