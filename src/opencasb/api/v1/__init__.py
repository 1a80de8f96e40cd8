"""The REST API in the dialect of Defender for Cloud Apps: ``/api/v1/…`` and its aliases."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from starlette.types import ASGIApp

    from opencasb.app import Casb


def build(casb: Casb) -> ASGIApp:
    """Return the ASGI application of ``/api/…``, ``/cas/api/…`` and ``/upload/…``."""
    from opencasb.api.v1.app import RestApi
    from opencasb.api.v1.gate import Gate
    from opencasb.api.v1.throttle import Throttle

    settings = casb.settings
    return RestApi(
        casb, Gate(casb.identity.access, Throttle(settings.requests_per_minute), settings.effective_public_url)
    )
