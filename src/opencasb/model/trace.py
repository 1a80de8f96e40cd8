"""Traces of domains outside the catalog: what logs reveal about them besides usage."""

from __future__ import annotations

from typing import Final, NamedTuple

HOST: Final = "host"
"""The kind of trace whose value is a host of the domain."""

SIGN_IN: Final = "sign-in"
"""The kind of trace whose value is the host of an identity provider asked to redirect back to the domain."""

MOST: Final = 50
"""Maximum number of values kept per domain and kind: content networks have an endless supply of names."""


class Trace(NamedTuple):
    """An observation about a domain; ``kind`` is :data:`HOST` or :data:`SIGN_IN`."""

    domain: str
    kind: str
    value: str
