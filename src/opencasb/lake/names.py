"""Names of users, addresses, devices and instances, and the integer ids that represent them in the usage table."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    import polars as pl

PSEUDONYM_PREFIX: Final = {"user": "User_", "device": "Device_"}


def name_id(kind: str, name: str) -> int:
    """Return the id of a name: 63 bits of BLAKE2b over kind and name.

    No allocation is needed: every worker on every machine computes the same id. Among ten million names the chance that
    any two collide is five in a million.
    """
    digest = hashlib.blake2b(name.encode(), digest_size=8, person=kind.encode()).digest()
    return int.from_bytes(digest) >> 1


def identify(kind: str, names: Iterable[str], rename: Callable[[str], str] | None = None) -> pl.DataFrame:
    """Return ``text`` (as logged), ``id`` and ``name`` (the text passed through ``rename``) of distinct names."""
    import polars as pl

    texts = list(names)
    shown = [rename(text) for text in texts] if rename else texts
    schema = {"text": pl.String, "id": pl.Int64, "name": pl.String}
    return pl.DataFrame({"text": texts, "id": [name_id(kind, name) for name in shown], "name": shown}, schema=schema)


class Pseudonyms:
    """Reversible pseudonyms: AES-SIV with a 32-byte key per tenant, so equal names get equal pseudonyms.

    The key holder can reverse them; without the key a name cannot be found by guessing (portal §2.6).
    """

    def __init__(self, key: bytes) -> None:
        from cryptography.hazmat.primitives.ciphers.aead import AESSIV

        self._cipher = AESSIV(key)

    def hide(self, kind: str, name: str) -> str:
        """Return the pseudonym of a name, for example ``User_`` and base64 text."""
        sealed = self._cipher.encrypt(name.encode(), [kind.encode()])
        return PSEUDONYM_PREFIX[kind] + base64.b64encode(sealed).decode()

    def reveal(self, kind: str, pseudonym: str) -> str:
        """Return the name behind a pseudonym. Raises ``ValueError`` for text that was not made with this key."""
        from cryptography.exceptions import InvalidTag

        try:
            sealed = base64.b64decode(pseudonym.removeprefix(PSEUDONYM_PREFIX[kind]), validate=True)
            return self._cipher.decrypt(sealed, [kind.encode()]).decode()
        except (InvalidTag, ValueError) as error:
            raise ValueError(f"{pseudonym!r} is not a {kind} pseudonym of this tenant") from error
