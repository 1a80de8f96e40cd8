"""The authorization server over HTTP: token endpoints and public documents (identity §2)."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from starlette.applications import Starlette

    from opencasb.identity.identity import Identity


def build(identity: Identity, clock: Callable[[], int]) -> Starlette:
    """Return the ASGI application of every path that no other API owns."""
    from opencasb.api.login.routes import routes

    return routes(identity, clock)
