"""What a probe measured of an app's host."""

from __future__ import annotations

import msgspec


class Fact(msgspec.Struct, frozen=True, kw_only=True):
    """One factor as it was measured: its typed value, where, and how."""

    factor: str
    value: bool | str
    evidence: str
    method: str


class Measurement(msgspec.Struct, frozen=True, kw_only=True):
    """A visit: ``address`` is that of the host, None if it has no public one; times in ms since the epoch UTC."""

    host: str
    address: str | None
    measured: int
    certificate_expires: int | None
    facts: tuple[Fact, ...]
    problems: tuple[str, ...]
