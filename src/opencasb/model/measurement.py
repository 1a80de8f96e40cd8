"""The results of probing an app's host."""

from __future__ import annotations

import msgspec


class Fact(msgspec.Struct, frozen=True, kw_only=True):
    """One measured factor: its typed value, the evidence and the method."""

    factor: str
    value: bool | str
    evidence: str
    method: str


class Measurement(msgspec.Struct, frozen=True, kw_only=True):
    """A visit to a host; ``address`` is None if it has no public one. Times are ms since the epoch UTC."""

    host: str
    address: str | None
    measured: int
    certificate_expires: int | None
    facts: tuple[Fact, ...]
    problems: tuple[str, ...]
