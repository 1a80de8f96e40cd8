"""A reader's position in a feed: an opaque, sealed text.

It is bound to the tenant, the resource and its generation, so that a cursor of another feed or a tampered one is
refused, never misread. The generation distinguishes sequences with independent numbering, such as a recreated table.

Wire: base64url of the sealed position, 8 bytes or as many as it needs. A new format gets another label.
"""

from __future__ import annotations

from collections.abc import Sequence

from opencasb.api.v1.errors import BadRequest
from opencasb.identity.vault import Vault
from opencasb.model.base64url import decoded, unpadded


class Cursors:
    """Encodes and decodes cursors."""

    def __init__(self, vault: Vault) -> None:
        self._vault = vault

    def text(self, tenant_id: int, resource: str, position: int, generation: str = "") -> str:
        """Return the cursor for a position."""
        length = max(8, (position.bit_length() + 7) // 8)
        sealed = self._vault.seal(position.to_bytes(length, "big"), _label(tenant_id, resource, generation))
        return unpadded(sealed)

    def position(self, tenant_id: int, resource: str, text: str, generations: Sequence[str] = ("",)) -> int:
        """Return the position of a cursor of any of ``generations``. Raises :class:`BadRequest`."""
        try:
            sealed = decoded(text)
        except ValueError:
            sealed = b""
        for generation in generations:
            opened = self._vault.open(sealed, _label(tenant_id, resource, generation))
            if opened is not None:
                return int.from_bytes(opened, "big")
        raise BadRequest(f"cursor: it was not made for the {resource} of this tenant, or was changed")


def _label(tenant_id: int, resource: str, generation: str) -> str:
    return f"feed 1 {tenant_id} {resource} {generation}".rstrip()
