"""The place in a feed up to which a reader has read: an opaque, sealed text.

It is bound to the tenant, the resource and its edition, so a cursor of another feed or a changed one is refused, never
misread. The edition tells apart what else has numbers of its own, such as a table that was made anew.

Wire: base64url of the sealed number of the place, 8 bytes or as many as it needs. A new form gets another label.
"""

from __future__ import annotations

from collections.abc import Sequence

from opencasb.api.v1.errors import BadRequest
from opencasb.identity.vault import Vault
from opencasb.model.base64url import decoded, unpadded


class Cursors:
    """Makes and reads cursors."""

    def __init__(self, vault: Vault) -> None:
        self._vault = vault

    def text(self, tenant_id: int, resource: str, place: int, edition: str = "") -> str:
        """Return the cursor behind the place of that number."""
        length = max(8, (place.bit_length() + 7) // 8)
        sealed = self._vault.seal(place.to_bytes(length, "big"), _label(tenant_id, resource, edition))
        return unpadded(sealed)

    def place(self, tenant_id: int, resource: str, text: str, editions: Sequence[str] = ("",)) -> int:
        """Return the number of the place of a cursor of any of ``editions``. Raises :class:`BadRequest`."""
        try:
            sealed = decoded(text)
        except ValueError:
            sealed = b""
        for edition in editions:
            opened = self._vault.open(sealed, _label(tenant_id, resource, edition))
            if opened is not None:
                return int.from_bytes(opened, "big")
        raise BadRequest(f"cursor: it was not made for the {resource} of this tenant, or was changed")


def _label(tenant_id: int, resource: str, edition: str) -> str:
    return f"feed 1 {tenant_id} {resource} {edition}".rstrip()
