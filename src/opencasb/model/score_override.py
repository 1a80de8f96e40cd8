"""A score that a tenant gives an app itself."""

from __future__ import annotations

import msgspec


class ScoreOverride(msgspec.Struct, frozen=True, kw_only=True):
    """``score`` 0 (risky) to 10 (safe) stands in the place of what facts say; ``note`` says why.

    ``author`` gave it, at ``created`` (ms since the epoch UTC).
    """

    app_id: int
    score: int
    note: str
    author: str
    created: int
