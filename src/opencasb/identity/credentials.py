"""Secrets shown once: client secrets and API tokens. Only a digest and the first characters are stored."""

from __future__ import annotations

import secrets
import string
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

from opencasb.filters.errors import shown
from opencasb.identity.pepper import Pepper
from opencasb.model.api_token import ApiToken
from opencasb.model.client_secret import ClientSecret
from opencasb.model.durations import DAY
from opencasb.model.written_line import is_name
from opencasb.store.api_tokens import ApiTokens
from opencasb.store.applications import Applications

API_TOKEN: Final = "api token"  # noqa: S105 - the purpose of a digest
CLIENT_SECRET: Final = "client secret"  # noqa: S105 - the purpose of a digest
DAYS: Final = 180
MOST_DAYS: Final = 730
"""Maximum lifetime of client secrets and report credentials, in days."""

ALPHABET: Final = string.ascii_letters + string.digits
_SECRET_ALPHABET = ALPHABET + "._~-"
_SECRET_LENGTH = 44  # 264 random bits


@dataclass(frozen=True, slots=True)
class NewSecret:
    """A client secret, at the only moment its value is known."""

    value: str = field(repr=False)
    key_id: str
    expires: int


@dataclass(frozen=True, slots=True)
class NewApiToken:
    """An API token, at the only moment its value is known."""

    value: str = field(repr=False)
    token: ApiToken


@dataclass(eq=False)
class Credentials:
    """Generates secrets and stores their digests."""

    _applications: Applications
    _api_tokens: ApiTokens
    _pepper: Pepper
    _clock: Callable[[], int]

    def new_client_secret(
        self, tenant_id: int, client_id: str, *, description: str = "", days: int = DAYS, by: str = "system"
    ) -> NewSecret:
        """Add a secret to an application, valid for ``days`` (1 to 730, else ``ValueError``)."""
        if not 1 <= days <= MOST_DAYS:
            raise ValueError(f"a client secret is valid for 1 to {MOST_DAYS} days, not {days}")
        now = self._clock()
        # The first character is a letter or digit, so that no shell reads the secret as an option or a home directory.
        tail = "".join(secrets.choice(_SECRET_ALPHABET) for _ in range(_SECRET_LENGTH - 1))
        made = NewSecret(secrets.choice(ALPHABET) + tail, str(uuid.uuid4()), now + days * DAY)
        kept = ClientSecret(
            key_id=made.key_id,
            hint=made.value[:3],
            description=description,
            created=now,
            expires=made.expires,
            digest=self._pepper.digest(CLIENT_SECRET, made.value),
        )
        self._applications.add_secret(tenant_id, client_id, kept, by=by)
        return made

    def new_api_token(self, tenant_id: int, user_id: str, name: str, *, by: str = "system") -> NewApiToken:
        """Add an API token to a user: 64 lower-case hex characters (api §2.1).

        Raises ``ValueError`` unless the name has 1 to 256 printable characters.
        """
        if not name.strip() or len(name) > 256 or not is_name(name):
            raise ValueError(f"token name {shown(name)!r} must have 1 to 256 printable characters")
        value = secrets.token_hex(32)
        digest = self._pepper.digest(API_TOKEN, value)
        return NewApiToken(
            value, self._api_tokens.add(tenant_id, user_id, name.strip(), digest=digest, prefix=value[:4], by=by)
        )
