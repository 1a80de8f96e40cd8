"""A score that a tenant assigns to an app itself."""

from __future__ import annotations

import msgspec


class ScoreOverride(msgspec.Struct, frozen=True, kw_only=True):
    """``score``, 0 (risky) to 10 (safe), replaces the one computed from facts; ``note`` says why.

    ``author`` set it at ``created`` (ms since the epoch UTC).
    """

    app_id: int
    score: int
    note: str
    author: str
    created: int
