"""The change feed: every change of records and every row of usage, in order and without a gap."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from starlette.types import ASGIApp

    from opencasb.app import Casb


def build(casb: Casb) -> ASGIApp:
    """Return the ASGI application of ``/feed/v1/…``."""
    from opencasb.api.feed.app import FeedApi
    from opencasb.api.feed.cursor import Cursors
    from opencasb.api.v1.gate import Gate
    from opencasb.api.v1.throttle import Throttle

    settings = casb.settings
    gate = Gate(casb.identity.access, Throttle(settings.feed_requests_per_minute), settings.effective_public_url)
    return FeedApi(casb, gate, Cursors(casb.identity.vault))
