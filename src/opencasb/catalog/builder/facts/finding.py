"""Findings: what a source says about a risk factor, before anybody knows of which app."""

from __future__ import annotations

from typing import Final, NamedTuple

import msgspec

from opencasb.model.factor import Value

HIGH: Final = "high"
MEDIUM: Final = "medium"
LOW: Final = "low"


class Finding(msgspec.Struct, frozen=True, kw_only=True):
    """A statement of a source.

    ``address``, ``name`` and ``vendor`` say what it is about; ``date`` (ISO) is that of the record where it has one,
    else that of the source; ``method`` says how a value was derived that the source does not state outright.
    """

    factor: str
    value: Value
    source: str
    confidence: str = HIGH
    address: str = ""
    name: str = ""
    vendor: str = ""
    date: str = ""
    method: str | None = None
    evidence: str | None = None


def page(given: object) -> str | None:
    """Return the address a record gives as evidence, the first of several; None for anything else."""
    first = given[0] if isinstance(given, list) and given else given
    return first if isinstance(first, str) and first.startswith(("https://", "http://")) else None


class FactRow(NamedTuple):
    """A fact of an app as it is written; ``value`` is JSON text."""

    app_id: int
    factor: str
    value: str
    source: str
    date: str
    confidence: str
    method: str | None
    evidence: str | None
