"""Findings: what a source says about a risk factor, before anybody knows of which app."""

from __future__ import annotations

from typing import Final, NamedTuple

import msgspec

from opencasb.catalog.factor import Value

HIGH: Final = "high"
MEDIUM: Final = "medium"
LOW: Final = "low"


class Finding(msgspec.Struct, frozen=True, kw_only=True):
    """A statement of a source.

    ``address`` and ``name`` say what it is about; ``date`` (ISO) is that of the record where it has one, else that of
    the source; ``method`` says how a value was derived that the source does not state outright.
    """

    factor: str
    value: Value
    source: str
    confidence: str = HIGH
    address: str = ""
    name: str = ""
    date: str = ""
    method: str | None = None
    evidence: str | None = None


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
