"""The notification service: its periodic work, and the interface to the outer layers."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from threading import Event
from typing import Final

import structlog

from opencasb.identity.vault import Vault
from opencasb.model.durations import DAY, MINUTE
from opencasb.model.notification import Channel, Delivery, Notice
from opencasb.notify.channels import Channels
from opencasb.notify.expiry import due
from opencasb.notify.notifier import Notifier, Undelivered
from opencasb.notify.wording import warning
from opencasb.store.database import Database, new_id
from opencasb.store.expiring_credentials import ExpiringCredentials
from opencasb.store.notices import Notices
from opencasb.store.notification_channels import NotificationChannels
from opencasb.store.tenants import Tenants

BACKOFF: Final = tuple(minutes * MINUTE for minutes in (1, 5, 30, 120, 300, 600, 600))
"""Delays (ms) after each failed attempt; after one more the delivery is given up, 27 hours after the first."""
KEPT: Final = 90 * DAY
"""How long (ms) after a credential's expiry its notices are kept; by then no new ones can be created."""
_log = structlog.get_logger(__name__)


class Notifications:
    """Finds what to warn about, queues it in the outbox, and delivers it to the channels of each tenant."""

    def __init__(
        self,
        database: Database,
        vault: Vault,
        clock: Callable[[], int],
        *,
        tenants: Tenants,
        ways: Mapping[str, Notifier],
        base_url: str,
    ) -> None:
        """``ways`` are the notifiers by kind, ``base_url`` is the URL of the server, without a trailing slash."""
        self.notices: Final = Notices(database, clock)
        self.channels: Final = Channels(NotificationChannels(database, clock), self.notices, vault, ways, clock)
        self._credentials = ExpiringCredentials(database)
        self._tenants = tenants
        self._base_url = base_url
        self._clock = clock

    def warn(self, tenant_id: int) -> int:
        """Create the notices that are due and do not exist yet, and purge old ones; return how many were created."""
        found = due(self._credentials, tenant_id, self._clock())
        known = self.notices.known(tenant_id, [each.notice_id for each in found])
        self.notices.forget(tenant_id, self._clock() - KEPT)
        return sum(self.notices.add(each) for each in found if each.notice_id not in known)

    def deliver(self, stop: Event) -> int:
        """Attempt every delivery that is due now, of any tenant, until ``stop`` is set; return how many were attempted.

        Safe to run in any number of threads, processes and servers at once. Acknowledged deliveries are not repeated; a
        server killed between the acknowledgement and recording it sends once more, with the same id.
        """
        tried = 0
        while not stop.is_set():
            taken = self.notices.take(new_id())
            if taken is None:
                break
            self._attempt(taken)
            tried += 1
        return tried

    def _attempt(self, taken: Delivery) -> None:
        channel = self.channels.get(taken.tenant_id, taken.channel_id)
        notice = self.notices.get(taken.tenant_id, taken.notice_id)
        if channel is None or notice is None or not self._holds(notice):
            self.notices.end(taken, "dropped")
            return
        try:
            self._send(channel, notice)
        except Undelivered as error:
            self._failed(taken, channel, str(error))
        except Exception:  # noqa: BLE001 -- a third-party notifier must not keep the others from working
            _log.exception("notifier failed", tenant_id=taken.tenant_id, kind=channel.kind)
            self._failed(taken, channel, "the notifier failed; the log of the server says more")
        else:
            self.notices.end(taken, "delivered")

    def _holds(self, notice: Notice) -> bool:
        """Return whether the notice still applies: the credential exists, and no later threshold is due."""
        found = due(self._credentials, notice.credential.tenant_id, self._clock())
        return any(each.notice_id == notice.notice_id for each in found)

    def _send(self, channel: Channel, notice: Notice) -> None:
        tenant = self._tenants.get(channel.tenant_id)
        if tenant is None:
            raise Undelivered("the tenant is gone")
        self.channels.send(channel, warning(notice, tenant, self._base_url))

    def _failed(self, taken: Delivery, channel: Channel, error: str) -> None:
        if taken.attempts <= len(BACKOFF):
            self.notices.postpone(taken, self._clock() + BACKOFF[taken.attempts - 1], error)
            return
        _log.warning("notification given up", tenant_id=taken.tenant_id, channel_id=channel.channel_id, problem=error)
        self.notices.end(taken, "given_up", error, channel)
