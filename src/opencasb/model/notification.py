"""Warnings sent to people: the channels, the notices, and the state of each delivery (saas §4)."""

from __future__ import annotations

from typing import ClassVar, Literal
from urllib.parse import urlsplit

import msgspec

from opencasb.model.guarded import Guarded

CredentialKind = Literal["secret", "certificate"]
DeliveryState = Literal["waiting", "delivered", "given_up", "dropped"]
"""``given_up``: every attempt failed; ``dropped``: the reason for the warning vanished before delivery."""


class Channel(Guarded, frozen=True, kw_only=True):
    """A way to notify the people of a tenant. ``kind`` is that of a notifier, ``created`` is ms since the epoch UTC.

    ``anywhere`` permits non-public addresses; it can be set from the command line, but not by a tenant's
    administrators. ``sealed_secret`` signs messages if the notifier supports that.
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
        """The address without possible secrets: for a URL only the host."""
        return urlsplit(self.address).netloc or self.address


class Credential(msgspec.Struct, frozen=True, kw_only=True):
    """A secret or certificate of an enabled application registered in the tenant. ``expires`` is in ms."""

    tenant_id: int
    kind: CredentialKind
    client_id: str
    application: str
    key_id: str
    description: str
    expires: int


class Notice(msgspec.Struct, frozen=True, kw_only=True):
    """The warning that a credential expires within ``days``, or for 0 that it has expired; each is made only once.

    ``notice_id`` is derived from the subject. Times are ms since the epoch UTC.
    """

    notice_id: str
    credential: Credential
    days: int
    made: int


class Delivery(msgspec.Struct, frozen=True, kw_only=True):
    """The delivery of a notice to a channel. Times are ms since the epoch UTC.

    ``attempts`` counts attempts begun; ``attempted`` is the time of the last one and ``last_error`` why it failed.
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
