"""Warnings that go out to people: where to, of what, and how far each came (saas §4)."""

from __future__ import annotations

from typing import ClassVar, Literal
from urllib.parse import urlsplit

import msgspec

from opencasb.model.guarded import Guarded

CredentialKind = Literal["secret", "certificate"]
DeliveryState = Literal["waiting", "delivered", "given_up", "dropped"]
"""``given_up``: every try failed; ``dropped``: what it warned of was over before it could be told."""


class Channel(Guarded, frozen=True, kw_only=True):
    """A way out to the people of a tenant. ``kind`` is that of a notifier, ``created`` ms since the epoch UTC.

    ``anywhere`` says whether it may lead to addresses that are not public: whoever has the command line may say so, a
    tenant's administrators may not. ``sealed_secret`` signs what is sent, where the notifier signs.
    """

    GUARDED: ClassVar = ("sealed_secret",)

    tenant_id: int
    channel_id: str
    kind: str
    address: str
    anywhere: bool
    created: int
    created_by: str
    sealed_secret: bytes | None = None

    @property
    def place(self) -> str:
        """The address without what may be a secret in it: of a URL the host alone."""
        return urlsplit(self.address).netloc or self.address


class Credential(msgspec.Struct, frozen=True, kw_only=True):
    """A secret or certificate of an enabled application that is registered in the tenant. ``expires`` is in ms."""

    tenant_id: int
    kind: CredentialKind
    client_id: str
    application: str
    key_id: str
    description: str
    expires: int


class Notice(msgspec.Struct, frozen=True, kw_only=True):
    """The warning that a credential ends within ``days``, or with 0 that it ended; there is one of each.

    ``notice_id`` follows from what it is about. Times are ms since the epoch UTC.
    """

    notice_id: str
    credential: Credential
    days: int
    made: int


class Delivery(msgspec.Struct, frozen=True, kw_only=True):
    """A notice on its way to a channel. Times are ms since the epoch UTC.

    ``attempts`` counts those that were begun; ``attempted`` is the time of the last one, ``last_error`` why it failed.
    """

    tenant_id: int
    notice_id: str
    channel_id: str
    next_attempt: int
    state: DeliveryState = "waiting"
    attempts: int = 0
    attempted: int | None = None
    last_error: str = ""
    lease_owner: str = ""
    lease_until: int = 0
