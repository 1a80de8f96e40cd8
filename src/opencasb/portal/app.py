"""The portal over HTTP: its pages and their static files."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from starlette.applications import Starlette
from starlette.responses import Response
from starlette.routing import Mount
from starlette.staticfiles import StaticFiles

from opencasb.portal.exchange import Portal
from opencasb.portal.pages.table import ACTIONS, VIEWS

if TYPE_CHECKING:
    from opencasb.app import Casb

ASSETS: Final = Path(__file__).parent / "assets"


class _Assets(StaticFiles):
    """Static files that browsers revalidate by ETag each time, because pages need the new ones after an upgrade."""

    def file_response(self, *args: Any, **extra: Any) -> Response:  # as Starlette's
        """Serve a file."""
        answer = super().file_response(*args, **extra)
        answer.headers["cache-control"] = "no-cache"
        answer.headers["x-content-type-options"] = "nosniff"
        return answer


def build(casb: Casb) -> Starlette:
    """Return the ASGI application for everything under ``/portal``."""
    app = Starlette(routes=[Mount("/portal/assets", _Assets(directory=ASSETS))])
    app.router.redirect_slashes = False
    app.router.default = Portal(casb, VIEWS, ACTIONS)
    return app
