"""The authorization server over HTTP: token endpoints and public documents (identity §2)."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from starlette.applications import Starlette

    from opencasb.api.login.routes import Installation


def build(casb: Installation) -> Starlette:
    """Return the ASGI application of every path that no other API owns."""
    from opencasb.api.login.routes import routes

    return routes(casb.identity, casb.clock)
