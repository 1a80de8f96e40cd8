"""The administration API of our own: ``/admin/v1/…`` (docs/identity.md)."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from starlette.types import ASGIApp

    from opencasb.app import Casb


def build(casb: Casb) -> ASGIApp:
    """Return the ASGI application of ``/admin/v1/…``."""
    from opencasb.api.admin.app import AdminApi
    from opencasb.api.v1.gate import Gate
    from opencasb.api.v1.throttle import Throttle

    settings = casb.settings
    return AdminApi(
        casb, Gate(casb.identity.access, Throttle(settings.requests_per_minute), settings.effective_public_url)
    )
