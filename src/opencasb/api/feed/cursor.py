"""The place in a feed up to which a reader has read: an opaque, sealed text.

It is bound to the tenant and the resource, so a cursor of another feed or a changed one is refused, never misread.

Wire: base64url of the sealed change number, 8 bytes. A new form gets another label.
"""

from __future__ import annotations

import base64
import binascii

from opencasb.api.v1.errors import BadRequest
from opencasb.identity.vault import Vault


class Cursors:
    """Makes and reads cursors."""

    def __init__(self, vault: Vault) -> None:
        self._vault = vault

    def text(self, tenant_id: int, resource: str, place: int) -> str:
        """Return the cursor behind the change number ``place``."""
        sealed = self._vault.seal(place.to_bytes(8, "big"), _label(tenant_id, resource))
        return base64.urlsafe_b64encode(sealed).decode().rstrip("=")

    def place(self, tenant_id: int, resource: str, text: str) -> int:
        """Return the change number of a cursor. Raises :class:`BadRequest`."""
        try:
            sealed = base64.b64decode(text + "=" * (-len(text) % 4), b"-_", validate=True)
        except (binascii.Error, ValueError):
            sealed = b""
        opened = self._vault.open(sealed, _label(tenant_id, resource))
        if opened is None:
            raise BadRequest(f"cursor: it was not made for the {resource} of this tenant, or was changed")
        return int.from_bytes(opened, "big")


def _label(tenant_id: int, resource: str) -> str:
    return f"feed 1 {tenant_id} {resource}"
