"""Authentication of report feed readers: the credentials that report tools can be given (saas-management §6.3).

A report credential gives access to the feeds only: its secret has a prefix and a purpose that no other API looks up.
"""

from __future__ import annotations

import base64
import binascii
import re
import secrets
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from typing import Final

from opencasb.filters.errors import shown
from opencasb.identity.access import Access
from opencasb.identity.clients import ClientCredential, Clients
from opencasb.identity.credentials import ALPHABET, MOST_DAYS
from opencasb.identity.errors import OAuthError, Unauthenticated
from opencasb.identity.last_use import note_use
from opencasb.identity.pepper import Pepper
from opencasb.model.application import Application
from opencasb.model.durations import DAY
from opencasb.model.id_forms import is_guid
from opencasb.model.permissions import RESOURCES
from opencasb.model.principal import Principal
from opencasb.model.report_credential import ReportCredential
from opencasb.model.rights import REPORTS_READ, REPORTS_USERS
from opencasb.model.written_line import is_name
from opencasb.store.applications import Applications
from opencasb.store.report_credentials import ReportCredentials

PURPOSE: Final = "report credential"
PREFIX: Final = "rpt_"
"""Prefix of every secret, so that scanners for leaked secrets can find it."""

DAYS: Final = 365

_LENGTH: Final = 44  # 261 random bits
_SECRET: Final = re.compile(rf"{PREFIX}[0-9A-Za-z]{{{_LENGTH}}}")


@dataclass(frozen=True, slots=True)
class NewReportCredential:
    """A report credential, at the only moment its secret is known."""

    secret: str = field(repr=False)
    credential: ReportCredential


@dataclass(eq=False)
class ReportAccess:
    """Creates report credentials, and resolves an ``Authorization`` header to a reader of feeds."""

    _credentials: ReportCredentials
    _access: Access
    _applications: Applications
    _clients: Clients
    _pepper: Pepper
    _clock: Callable[[], int]

    def create(
        self, tenant_id: int, name: str, *, days: int = DAYS, user_data: bool = False, by: str = "system"
    ) -> NewReportCredential:
        """Create a credential, valid for ``days`` (1 to 730); with ``user_data`` it exposes users and IP addresses.

        Raises ``ValueError`` for another number of days, and unless the name has 1 to 256 printable characters.
        """
        if not 1 <= days <= MOST_DAYS:
            raise ValueError(f"a report credential is valid for 1 to {MOST_DAYS} days, not {days}")
        cleaned = name.strip()
        if not 1 <= len(cleaned) <= 256 or not is_name(cleaned):
            raise ValueError(f"name {shown(name)!r} must have 1 to 256 printable characters")
        secret = PREFIX + "".join(secrets.choice(ALPHABET) for _ in range(_LENGTH))
        made = self._credentials.add(
            tenant_id,
            cleaned,
            digest=self._pepper.digest(PURPOSE, secret),
            hint=secret[: len(PREFIX) + 3],
            user_data=user_data,
            expires=self._clock() + days * DAY,
            by=by,
        )
        return NewReportCredential(secret, made)

    def authenticate(self, authorization: str | None, address: str) -> Principal:
        """Return the reader authenticated by ``Basic``, ``Token`` or ``Bearer``.

        The ``Basic`` password is a report credential or an API token, whatever the user name, or the secret of the
        application whose client id is the user name. ``Token`` takes a report credential or an API token, ``Bearer`` an
        access token for Graph or for the REST API. Permissions are not checked here. Raises :class:`Unauthenticated`,
        and OAuthError 90055 after too many wrong secrets of an application.
        """
        scheme, _, value = (authorization or "").strip().partition(" ")
        match scheme.lower():
            case "":
                raise Unauthenticated("missing")
            case "basic":
                return self._by_basic(value.strip(), address)
            case "token" if value.strip().startswith(PREFIX):
                return self._by_credential(value.strip())
            case "bearer":
                return self._by_bearer(authorization)
        return self._access.authenticate(authorization, "mdca")

    def _by_basic(self, encoded: str, address: str) -> Principal:
        try:
            name, colon, password = base64.b64decode(encoded, validate=True).decode().partition(":")
        except (binascii.Error, ValueError):
            colon = ""
        if not colon:
            raise Unauthenticated("invalid", "The Authorization header is not a well-formed Basic credential.")
        password = password.strip()  # no secret has blanks, and a pasted one often ends in a line feed
        if password.startswith(PREFIX):
            return self._by_credential(password)
        if is_guid(name.strip().lower()):
            return self._by_application(name.strip().lower(), password, address)
        return self._access.authenticate(f"Token {password}", "mdca")

    def _by_bearer(self, authorization: str | None) -> Principal:
        try:
            return self._access.authenticate(authorization, "graph")
        except Unauthenticated:
            return self._access.authenticate(authorization, "mdca")

    def _by_application(self, client_id: str, secret: str, address: str) -> Principal:
        application = self._applications.home(client_id)
        if application is None or application.disabled is not None:
            raise Unauthenticated("invalid")
        try:
            self._clients.authenticate(application, ClientCredential(client_id, secret), address)
        except OAuthError as refusal:
            if refusal.retry_after is not None:
                raise
            raise Unauthenticated("invalid", refusal.text) from None
        return Principal(
            tenant_id=application.tenant_id,
            name=application.name,
            permissions=frozenset(map(str.lower, _granted(application))),
            client_id=client_id,
        )

    def _by_credential(self, secret: str) -> Principal:
        found = self._credentials.by_digest(self._pepper.digest(PURPOSE, secret)) if _SECRET.fullmatch(secret) else None
        now = self._clock()
        if found is None:
            raise Unauthenticated("invalid")
        if found.state(now) == "Expired":
            raise Unauthenticated("invalid", "The report credential has expired.")
        note_use(found.last_used, now, partial(self._credentials.touch, found.tenant_id, found.credential_id))
        rights = {REPORTS_READ, REPORTS_USERS} if found.user_data else {REPORTS_READ}
        return Principal(tenant_id=found.tenant_id, name=found.name, permissions=frozenset(rights))


def _granted(application: Application) -> list[str]:
    """Return the permissions known here; a registration may have been given any other permission name of Graph."""
    return [each.name for each in application.permissions if each.name in RESOURCES[each.resource].permissions]
