"""The position in a feed up to which a reader has read: an opaque, sealed text.

It is bound to the tenant, the resource and its generation, so a cursor of another feed or a changed one is refused,
never misread. The generation tells apart what else has numbers of its own, such as a table that was made anew.

Wire: base64url of the sealed number of the position, 8 bytes or as many as it needs. A new form gets another label.
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

    def text(self, tenant_id: int, resource: str, position: int, generation: str = "") -> str:
        """Return the cursor behind the position of that number."""
        length = max(8, (position.bit_length() + 7) // 8)
        sealed = self._vault.seal(position.to_bytes(length, "big"), _label(tenant_id, resource, generation))
        return unpadded(sealed)

    def position(self, tenant_id: int, resource: str, text: str, generations: Sequence[str] = ("",)) -> int:
        """Return the number of the position of a cursor of any of ``generations``. Raises :class:`BadRequest`."""
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
