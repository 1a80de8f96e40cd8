"""The portal over HTTP: its pages and the files that pages refer to."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Final

from starlette.applications import Starlette
from starlette.routing import Mount
from starlette.staticfiles import StaticFiles

from opencasb.portal.exchange import Portal
from opencasb.portal.pages.table import ACTIONS, VIEWS

if TYPE_CHECKING:
    from opencasb.app import Casb

ASSETS: Final = Path(__file__).parent / "assets"


def build(casb: Casb) -> Starlette:
    """Return the ASGI application of everything under ``/portal``."""
    app = Starlette(routes=[Mount("/portal/assets", StaticFiles(directory=ASSETS))])
    app.router.redirect_slashes = False
    app.router.default = Portal(casb, VIEWS, ACTIONS)
    return app
