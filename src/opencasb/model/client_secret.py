"""Client secrets of applications (identity §10.4)."""

from __future__ import annotations

import msgspec


class ClientSecret(msgspec.Struct, frozen=True, kw_only=True):
    """The metadata of a client secret, whose value is shown only once; ``hint`` is its beginning."""

    key_id: str
    hint: str
    description: str
    created: int
    expires: int
    digest: str
