"""The signing keys: creation, rotation, publication and lookup (identity §2.3, §7.4).

Keys are ordered by the moment from which they sign. The latest one already active is the current key; one more is
always published ahead, so that every client knows it long before its first use. Older keys stay published until the
last token they signed has expired, plus a day.
"""

from __future__ import annotations

import itertools
import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import ClassVar, Final

import msgspec
import structlog
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from joserfc.jwk import RSAKey

from opencasb.identity.vault import Vault
from opencasb.model.base64url import unpadded
from opencasb.model.durations import DAY
from opencasb.model.guarded import Guarded
from opencasb.store.signing_keys import SealedKey, SigningKeys

ROTATE_AFTER: Final = 90 * DAY
RETIRE_AFTER: Final = 2 * DAY
"""How long a replaced key stays published: the longest token lifetime (a day), plus one day."""
RELOAD_AFTER: Final = 5_000
"""Interval (ms) after which the database is checked for keys that another process added or removed."""
BITS: Final = 3072
_SKEW: Final = timedelta(hours=1)
"""How far certificates are backdated, for clients whose clock is slow."""


class SigningKey(Guarded, frozen=True, kw_only=True):
    """A key in use. ``key_id`` is also its ``x5t``: base64url of the SHA-1 of ``certificate`` (DER). Times are ms."""

    GUARDED: ClassVar = ("private",)

    key_id: str
    created: int
    active_from: int
    certificate: bytes
    private: RSAKey
    public: RSAKey


def new_rsa_key() -> rsa.RSAPrivateKey:
    """Return a new 3072-bit key pair; takes some tenths of a second."""
    return rsa.generate_private_key(public_exponent=65537, key_size=BITS)


class Keyring:
    """All signing keys of the server, cached in this process; thread-safe."""

    def __init__(
        self,
        repository: SigningKeys,
        vault: Vault,
        clock: Callable[[], int],
    ) -> None:
        self._repository = repository
        self._vault = vault
        self._clock = clock
        self._lock = threading.RLock()
        self._keys: dict[str, SigningKey] = {}
        self._looked_at: int | None = None

    def signer(self) -> SigningKey:
        """Return the current key, creating or rotating keys first if due."""
        with self._lock:
            self.maintain()
            return self._current() or self._published()[0]

    def published(self) -> list[SigningKey]:
        """Return every key that clients may encounter, including the next one: always at least two."""
        with self._lock:
            self.maintain()
            return self._published()

    def find(self, key_id: str) -> SigningKey | None:
        """Return the published key with that id, or None."""
        if self._is_stale() or key_id not in self._keys:
            with self._lock:
                self._load()
        return self._keys.get(key_id)

    def maintain(self) -> None:
        """Create a missing current or next key, and remove expired ones."""
        with self._lock:
            if self._is_stale():
                self._load()
            now = self._clock()
            add: list[SealedKey] = []
            current = self._current()
            upcoming = [key for key in self._published() if key.active_from > now]
            if current is None:
                add.append(self._new(now))
            if not upcoming:
                start = now if current is None else max(now, current.active_from)
                add.append(self._new(start + ROTATE_AFTER))
            expired = self._expired(now)
            if add or expired:
                self._repository.change(now, add=add, remove=expired, reason="rotate")
                self._load()

    def is_whole(self) -> bool:
        """Return whether the key file opens every stored key: it is then that of the installation."""
        stored = self._repository.all()
        return bool(stored) and all(self._vault.open(key.sealed_private_key, key.key_id) for key in stored)

    def rotate(self, *, by: str = "system") -> SigningKey:
        """Advance the rotation to the next key, and return that key.

        It signs from now on, or once it has been published for a day, because clients cache key sets that long.
        """
        with self._lock:
            self._load()
            self.maintain()
            now = self._clock()
            upcoming = next(key for key in self._published() if key.active_from > now)
            start = max(now, upcoming.created + DAY)
            if start < upcoming.active_from:
                [sealed] = [key for key in self._repository.all() if key.key_id == upcoming.key_id]
                moved = msgspec.structs.replace(sealed, active_from=start)
                self._repository.change(now, add=[moved], remove=[sealed.key_id], reason="rotate", by=by)
                self._load()
                self.maintain()
            return self._keys[upcoming.key_id]

    def emergency(self, *, by: str = "system") -> None:
        """Replace every key at once: no token issued so far is accepted any more, here or elsewhere."""
        with self._lock:
            self._load()
            now = self._clock()
            fresh = [self._new(now), self._new(now + ROTATE_AFTER)]
            known = [key.key_id for key in self._repository.all()]
            self._repository.change(now, add=fresh, remove=known, reason="emergency", by=by)
            self._load()

    def _current(self) -> SigningKey | None:
        begun = [key for key in self._published() if key.active_from <= self._clock()]
        return begun[-1] if begun else None

    def _published(self) -> list[SigningKey]:
        return sorted(self._keys.values(), key=lambda key: (key.active_from, key.key_id))

    def _expired(self, now: int) -> list[str]:
        pairs = itertools.pairwise(self._published())
        return [key.key_id for key, successor in pairs if now > successor.active_from + RETIRE_AFTER]

    def _is_stale(self) -> bool:
        return self._looked_at is None or abs(self._clock() - self._looked_at) >= RELOAD_AFTER

    def _load(self) -> None:
        kept: dict[str, SigningKey] = {}
        for sealed in self._repository.all():
            known = self._keys.get(sealed.key_id)
            key = known if known and known.active_from == sealed.active_from else self._opened(sealed)
            if key is not None:
                kept[key.key_id] = key
        self._keys = kept  # replaced in one step: find() reads it without the lock
        self._looked_at = self._clock()

    def _opened(self, sealed: SealedKey) -> SigningKey | None:
        content = self._vault.open(sealed.sealed_private_key, sealed.key_id)
        if content is None:
            # Without the key file, nobody can make us trust a row that they wrote into the database.
            structlog.get_logger(__name__).warning(
                "signing key ignored: sealed with another key file",
                kid=sealed.key_id,
                remedy=f"restore {self._vault.path} from a backup and restart, or obtain new tokens",
            )
            return None
        # The seal vouches for the numbers; checking that they are prime would take longer than a request.
        pair = serialization.load_der_private_key(content, None, unsafe_skip_rsa_key_validation=True)
        assert isinstance(pair, rsa.RSAPrivateKey)  # noqa: S101 - only we seal
        return SigningKey(
            key_id=sealed.key_id,
            created=_created(sealed.certificate),
            active_from=sealed.active_from,
            certificate=sealed.certificate,
            private=RSAKey.import_key(pair),
            public=RSAKey.import_key(pair.public_key()),
        )

    def _new(self, active_from: int) -> SealedKey:
        pair = new_rsa_key()
        certificate = _self_signed(pair, self._clock(), active_from)
        key_id = unpadded(certificate.fingerprint(hashes.SHA1()))  # noqa: S303
        content = pair.private_bytes(
            serialization.Encoding.DER, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
        return SealedKey(
            key_id=key_id,
            active_from=active_from,
            certificate=certificate.public_bytes(serialization.Encoding.DER),
            sealed_private_key=self._vault.seal(content, key_id),
        )


def _created(certificate: bytes) -> int:
    begins = x509.load_der_x509_certificate(certificate).not_valid_before_utc
    return int((begins + _SKEW).timestamp() * 1000)


def _self_signed(pair: rsa.RSAPrivateKey, now: int, active_from: int) -> x509.Certificate:
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "OpenCASB token signing")])
    builder = x509.CertificateBuilder(name, name, pair.public_key(), x509.random_serial_number())
    builder = builder.not_valid_before(datetime.fromtimestamp(now / 1000, UTC) - _SKEW)
    builder = builder.not_valid_after(datetime.fromtimestamp(active_from / 1000, UTC) + timedelta(days=5 * 365))
    return builder.sign(pair, hashes.SHA256())
