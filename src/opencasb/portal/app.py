"""The portal over HTTP: its pages and the files that pages refer to."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from starlette.applications import Starlette
from starlette.routing import Mount
from starlette.staticfiles import StaticFiles

ASSETS: Final = Path(__file__).parent / "assets"


def build() -> Starlette:
    """Return the ASGI application of everything under ``/portal``."""
    return Starlette(routes=[Mount("/portal/assets", StaticFiles(directory=ASSETS))])
