"""Client secrets of applications (identity §10.4)."""

from __future__ import annotations

import msgspec


class ClientSecret(msgspec.Struct, frozen=True, kw_only=True):
    """What is known of a client secret after it was shown once; ``hint`` is how it begins."""

    key_id: str
    hint: str
    description: str
    created: int
    expires: int
    digest: str
