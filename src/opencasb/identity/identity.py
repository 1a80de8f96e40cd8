"""Identity as a whole: what the composition root opens and the outer layers use."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

from opencasb.identity.credentials import Credentials
from opencasb.identity.pepper import Pepper
from opencasb.store.api_tokens import ApiTokens
from opencasb.store.applications import Applications
from opencasb.store.audit_log import AuditLog

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric import rsa

    from opencasb.identity.access import Access
    from opencasb.identity.consents import Consents
    from opencasb.identity.documents import Documents
    from opencasb.identity.keyring import Keyring
    from opencasb.identity.registrations import Registrar
    from opencasb.identity.resources import Resources
    from opencasb.identity.token_endpoint import TokenEndpoint
    from opencasb.identity.tokens import AccessTokens
    from opencasb.store.database import Database
    from opencasb.store.tenants import Tenants
    from opencasb.store.users import Users

KEY_FOLDER: Final = "keys"
"""Folder in the data directory of what the database must not hold."""


@dataclass(frozen=True, slots=True)
class IdentitySettings:
    """The settings of identity.

    ``public_url`` is the address that clients use and ``host_names`` are further names of this server; ``issuer_base``
    is the start of ``iss`` where it differs from the address. ``token_lifetime`` is in seconds, 600 to 86400.
    """

    public_url: str
    issuer_base: str = ""
    token_lifetime: int = 3600
    host_names: tuple[str, ...] = ()

    @property
    def hosts(self) -> frozenset[str]:
        """Every host name of this server, in lower case and without ports."""
        names = {urlsplit(self.public_url).hostname or "", "localhost", "127.0.0.1", "::1", *self.host_names}
        return frozenset(name.lower() for name in names if name)


class Identity:
    """The identity of one server; its parts are made when first used, so that a command pays only for what it needs."""

    def __init__(
        self,
        database: Database,
        data: Path,
        clock: Callable[[], int],
        settings: IdentitySettings,
        *,
        tenants: Tenants,
        users: Users,
        make_key: Callable[[], rsa.RSAPrivateKey] | None = None,
    ) -> None:
        self._database = database
        self._keys = data / KEY_FOLDER
        self._clock = clock
        self._settings = settings
        self._tenants = tenants
        self._users = users
        self._make_key = make_key
        self._pepper = Pepper(self._keys / "pepper")
        self.applications: Final = Applications(database, clock)
        self.api_tokens: Final = ApiTokens(database, clock)
        self.audit_log: Final = AuditLog(database, clock)
        self.credentials: Final = Credentials(self.applications, self.api_tokens, self._pepper, clock)

    @cached_property
    def access(self) -> Access:
        """The check of the ``Authorization`` header."""
        from opencasb.identity.access import Access

        return Access(
            self.tokens,
            self._tenants,
            self._users,
            self.applications,
            self.api_tokens,
            self._pepper,
            self._clock,
        )

    @cached_property
    def token_endpoint(self) -> TokenEndpoint:
        """The grants."""
        from opencasb.identity.clients import Clients
        from opencasb.identity.throttle import Throttle
        from opencasb.identity.token_endpoint import TokenEndpoint

        clients = Clients(self.applications, self._pepper, Throttle(), self._clock)
        return TokenEndpoint(self._tenants, clients, self._resources, self.tokens, self.audit_log)

    @cached_property
    def documents(self) -> Documents:
        """Metadata, keys and instance discovery."""
        from opencasb.identity.documents import Documents

        return Documents(
            self._tenants,
            self.keyring,
            self.tokens,
            base=self._settings.public_url,
            hosts=self._settings.hosts,
            grant_types=self.token_endpoint.grant_types,
        )

    @cached_property
    def registrations(self) -> Registrar:
        """Redirects, certificates and requested permissions of applications."""
        from opencasb.identity.registrations import Registrar
        from opencasb.store.registrations import Registrations

        return Registrar(Registrations(self._database, self._clock), self._clock)

    @cached_property
    def consents(self) -> Consents:
        """What was granted to applications, and who may grant it."""
        from opencasb.identity.consents import Consents
        from opencasb.store.consents import Grants

        return Consents(self.applications, Grants(self._database, self._clock))

    @cached_property
    def keyring(self) -> Keyring:
        """The signing keys."""
        from opencasb.identity.keyring import Keyring, new_rsa_key
        from opencasb.identity.vault import Vault
        from opencasb.store.signing_keys import SigningKeys

        vault = Vault(self._keys / "vault")
        return Keyring(SigningKeys(self._database), vault, self._clock, make_key=self._make_key or new_rsa_key)

    @cached_property
    def _resources(self) -> Resources:
        from opencasb.identity.resources import Resources

        return Resources(self._settings.hosts)

    @cached_property
    def tokens(self) -> AccessTokens:
        """Issuing and checking of access tokens."""
        from opencasb.identity.tokens import AccessTokens

        return AccessTokens(
            self.keyring,
            self._resources,
            self._clock,
            issuer_base=self._settings.issuer_base or self._settings.public_url,
            lifetime=self._settings.token_lifetime,
        )
