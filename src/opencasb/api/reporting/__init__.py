"""Report data over HTTP: the OData feed ``/odata/v1/…`` and files ``/export/v1/…`` (docs/report-feeds.md)."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from starlette.types import ASGIApp

    from opencasb.app import Casb


def build(casb: Casb) -> ASGIApp:
    """Return the ASGI application of both paths."""
    from opencasb.api.reporting.app import ReportApi
    from opencasb.api.v1.throttle import Throttle

    return ReportApi(casb, Throttle(casb.settings.feed_requests_per_minute))
