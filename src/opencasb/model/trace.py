"""Traces of domains outside the catalog: what logs show of them besides their usage."""

from __future__ import annotations

from typing import Final, NamedTuple

HOST: Final = "host"
"""The kind of a trace whose value is a host of the domain."""

SIGN_IN: Final = "sign-in"
"""The kind of a trace whose value is the host of an identity provider that was asked to send people back there."""

MOST: Final = 50
"""Values of one kind kept of a domain: content networks have names without end."""


class Trace(NamedTuple):
    """Something seen of a domain; ``kind`` is :data:`HOST` or :data:`SIGN_IN`."""

    domain: str
    kind: str
    value: str
