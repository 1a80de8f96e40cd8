"""Corrections: a tenant's additions and amendments to the catalog, one statement each."""

from __future__ import annotations

from enum import StrEnum
from typing import Final

import msgspec

UNKNOWN: Final = "unknown"
"""The value of a fact that withdraws the catalog's value of a factor without giving another."""


class Kind(StrEnum):
    """The subject of a correction."""

    FACT = "fact"
    NAME = "name"
    CATEGORY = "category"
    DOMAIN = "domain"
    NOTE = "note"


class State(StrEnum):
    """The state of a correction; only an accepted one that has not expired takes effect."""

    PENDING = "pending"
    ACCEPTED = "accepted"
    REJECTED = "rejected"
    WITHDRAWN = "withdrawn"
    REPLACED = "replaced"


OPEN: Final = frozenset({State.PENDING, State.ACCEPTED})
"""The states that a correction can leave."""


class Statement(msgspec.Struct, frozen=True, kw_only=True):
    """A statement about an app.

    ``app_id`` is None for a domain that belongs to no app. ``key`` is the factor of a fact, or the domain, else empty.
    ``value`` is JSON text (``"true"`` for a state, ``2011``) or ``"unknown"`` for a fact, empty for a domain, and plain
    text otherwise. ``attested_by`` names the source, such as a person at the vendor, ``attested_on`` the day of the
    attestation, and ``expires`` the last day of validity (ISO dates, UTC).
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
        """The key that only one correction can occupy: a domain has one app, and an app one value per factor."""
        return self.kind.value, None if self.kind is Kind.DOMAIN else self.app_id, self.key


class Correction(Statement, frozen=True, kw_only=True):
    """A stored statement with its author, time of entry and outcome (times in ms since the epoch UTC)."""

    correction_id: str
    author: str
    created: int
    state: State
    decided_by: str | None = None
    decided: int | None = None
    reason: str = ""

    @property
    def statement(self) -> Statement:
        """The bare statement, without its outcome."""
        return Statement(**{name: getattr(self, name) for name in Statement.__struct_fields__})
