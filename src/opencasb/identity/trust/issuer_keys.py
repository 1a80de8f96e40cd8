"""The keys of a trusted issuer: fetched, cached, renewed, and still used when renewal fails (identity §7.5)."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Final

import structlog

from opencasb.identity.trust.documents import BadDocument, KeySet, issuers_of, metadata_url, read_keys, read_metadata
from opencasb.identity.trust.fetch import Fetch, Unreachable
from opencasb.model.delegation import Version
from opencasb.model.durations import DAY, MINUTE
from opencasb.model.trusted_issuer import TrustedIssuer

FRESH: Final = DAY
"""How long (ms) keys are used without a fetch on demand; an hourly job renews them anyway."""
KEPT: Final = 7 * FRESH
"""How long (ms) keys are used if newer ones cannot be fetched."""
RETRY_AFTER: Final = 5 * MINUTE
"""Minimum interval (ms) between two fetches triggered by callers, such as by an unknown key id."""
FIRST_RETRY_AFTER: Final = 30 * 1000
"""The same before the first successful fetch."""
MOST_WAITING: Final = 8
"""Callers that may wait for the very first fetch; with a slow authority, more would block threads of all tenants."""
_VERSIONS: Final[tuple[Version, ...]] = (2, 1)
_log = structlog.get_logger(__name__)


class IssuerKeys:
    """The keys of one issuer; thread-safe: one thread fetches while the others continue."""

    def __init__(self, issuer: TrustedIssuer, fetch: Fetch, clock: Callable[[], int]) -> None:
        self.issuer: Final = issuer
        self._fetch = fetch
        self._clock = clock
        self._lock = threading.Lock()
        self._room = threading.BoundedSemaphore(MOST_WAITING)
        self._known: KeySet | None = None
        self._fetched = 0
        self._tried: int | None = None

    def known(self, key_id: str) -> KeySet | None:
        """Return the keys, or None while there are none; refetch them if they are old or lack ``key_id``."""
        # Callers wait only for the very first fetch: an unreachable authority must not block everybody.
        if self._is_due(key_id) and self._room.acquire(blocking=False):
            try:
                self._attempt_if_due(key_id)
            finally:
                self._room.release()
        kept = self.issuer.pinned_keys or self._clock() - self._fetched <= KEPT
        return self._known if kept else None

    def refresh(self) -> bool:
        """Fetch the keys now, unless another thread is doing so; return whether they were renewed."""
        if not self._lock.acquire(blocking=False):
            return False
        try:
            return self._attempt()
        finally:
            self._lock.release()

    def read(self) -> KeySet:
        """Fetch the keys. Raises :class:`Unreachable` and :class:`BadDocument`."""
        if self.issuer.pinned_keys:
            issuers = issuers_of(self.issuer)
            return KeySet(issuers, read_keys(self.issuer.pinned_keys.encode(), issuers))
        metadata = [
            read_metadata(self._fetch(metadata_url(self.issuer, version)), self.issuer, version)
            for version in _VERSIONS
        ]
        issuers = frozenset(each.issuer for each in metadata)
        keys = [read_keys(self._fetch(url), issuers) for url in dict.fromkeys(each.jwks_uri for each in metadata)]
        return KeySet(issuers, {key_id: key for found in reversed(keys) for key_id, key in found.items()})

    def _attempt_if_due(self, key_id: str) -> None:
        if self._lock.acquire(blocking=self._tried is None):
            try:
                if self._is_due(key_id):
                    self._attempt()
            finally:
                self._lock.release()

    def _is_due(self, key_id: str) -> bool:
        waited = None if self._tried is None else self._clock() - self._tried
        if waited is None:
            return True
        if self._known is None:
            return waited >= FIRST_RETRY_AFTER
        if self.issuer.pinned_keys:
            return False
        return waited >= RETRY_AFTER and (key_id not in self._known.keys or self._clock() - self._fetched >= FRESH)

    def _attempt(self) -> bool:
        try:
            self._known = self.read()
            self._fetched = self._clock()
        except (Unreachable, BadDocument) as error:
            _log.warning("keys of a trusted issuer not renewed", issuer=self.issuer.issuer, reason=str(error))
            return False
        else:
            return True
        finally:
            self._tried = self._clock()
