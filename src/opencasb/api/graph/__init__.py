"""The Graph API of cloud app discovery, version beta: read-only OData over the reports (graph)."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from starlette.types import ASGIApp

    from opencasb.app import Casb


def build(casb: Casb) -> ASGIApp:
    """Return the ASGI application of every path that begins with ``/beta`` or ``/v1.0``."""
    from starlette.middleware.gzip import GZipMiddleware

    from opencasb.api.graph.asgi import Endpoint
    from opencasb.api.graph.service import Service

    return GZipMiddleware(Endpoint(Service(casb)), compresslevel=4)
