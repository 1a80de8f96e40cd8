"""Tenants' notification channels: creating, testing and removing them, and their delivery status."""

from __future__ import annotations

import base64
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

import msgspec

from opencasb.identity.vault import Vault
from opencasb.model.notification import Channel
from opencasb.model.tenant import Tenant
from opencasb.notify import wording
from opencasb.notify.notifier import Envelope, Message, Notifier, Undelivered
from opencasb.notify.webhook import PREFIX
from opencasb.store.database import new_id
from opencasb.store.notices import Notices
from opencasb.store.notification_channels import NotificationChannels

SECRET: Final = "signing secret of a notification channel"  # noqa: S105 -- a label
SECRET_BYTES: Final = 32
"""Standard Webhooks requires 24 to 64."""


@dataclass(frozen=True, slots=True)
class NewChannel:
    """A channel, at the only moment its secret is shown; the secret is empty if the notifier does not sign."""

    channel: Channel
    secret: str = field(repr=False)


@dataclass(eq=False)
class Channels:
    """The channels of each tenant."""

    _kept: NotificationChannels
    _notices: Notices
    _vault: Vault
    _ways: Mapping[str, Notifier]
    _clock: Callable[[], int]

    def add(self, tenant_id: int, kind: str, address: str, *, anywhere: bool, by: str) -> NewChannel:
        """Create a channel. Raises ``ValueError``, and :class:`Conflict` for a duplicate or one too many."""
        way = self._ways.get(kind)
        if way is None:
            raise ValueError(f"kind {kind[:60]!r} is not one of: {', '.join(self._ways)}")
        made = Channel(
            tenant_id=tenant_id,
            channel_id=new_id(),
            kind=kind,
            address=way.checked(address, anywhere=anywhere),
            anywhere=anywhere,
            created=self._clock(),
            created_by=by,
        )
        secret = ""
        if way.signs:
            secret = PREFIX + base64.b64encode(secrets.token_bytes(SECRET_BYTES)).decode()
            made = msgspec.structs.replace(made, sealed_secret=self._vault.seal(secret.encode(), _label(made)))
        self._kept.add(made)
        return NewChannel(made, secret)

    def get(self, tenant_id: int, channel_id: str) -> Channel | None:
        """Return one channel, or None."""
        return self._kept.get(tenant_id, channel_id)

    def remove(self, channel: Channel, *, by: str) -> bool:
        """Remove a channel; return whether it existed."""
        return self._kept.remove(channel, by=by)

    def test(self, channel: Channel, tenant: Tenant, *, by: str) -> str:
        """Send a test message; return why it failed, or an empty string."""
        problem = ""
        try:
            self.send(channel, wording.test(new_id(), channel, tenant, self._clock()))
        except Undelivered as error:
            problem = str(error)
        self._kept.note_test(channel, problem, by=by)
        return problem

    def send(self, channel: Channel, message: Message) -> None:
        """Send a message. Raises :class:`Undelivered`."""
        way = self._ways.get(channel.kind)
        if way is None:
            raise Undelivered(f"there is no notifier {channel.kind!r} any more")
        secret = b""
        if channel.sealed_secret is not None:
            opened = self._vault.open(channel.sealed_secret, _label(channel))
            if opened is None:
                raise Undelivered("the signing secret was sealed with another key file; make the channel anew")
            secret = opened
        way.send(Envelope(channel, message, self._clock(), secret.decode()))

    def records(self, tenant_id: int) -> list[dict[str, Any]]:  # JSON
        """Return a tenant's channels as JSON for display, oldest first, without their secrets."""
        return [self.record(each) for each in self._kept.all(tenant_id)]

    def record(self, channel: Channel) -> dict[str, Any]:  # JSON
        """Return a channel and its delivery status. Times are ms since the epoch UTC."""
        sent = [each for each in self._notices.deliveries(channel.tenant_id) if each.channel_id == channel.channel_id]
        tried = [each for each in sent if each.attempted is not None]
        delivered = [each.attempted for each in tried if each.state == "delivered"]
        return {
            "id": channel.channel_id,
            "kind": channel.kind,
            "address": channel.address,
            "private_addresses": channel.anywhere,
            "created": channel.created,
            "created_by": channel.created_by,
            "waiting": sum(each.state == "waiting" for each in sent),
            "given_up": sum(each.state == "given_up" for each in sent),
            "last_delivered": delivered[-1] if delivered else None,
            "problem": (tried[-1].last_error or None) if tried else None,
        }


def _label(channel: Channel) -> str:
    # Bound to its owner: a sealed secret copied to another row of the database cannot be opened.
    return f"{SECRET}: {channel.tenant_id}/{channel.channel_id}"
