"""Fixtures for tests of the authorization server over HTTP."""

from __future__ import annotations

import pytest
from starlette.types import ASGIApp

from opencasb.api.login.routes import authorization_server
from tests.api.login.browser import Browser
from tests.identity.flows import flow, native
from tests.identity.standin import StandIn, casb, good, hand, tenant

__all__ = ["casb", "flow", "good", "hand", "native", "tenant"]  # fixtures


@pytest.fixture
def app(casb: StandIn) -> ASGIApp:
    """Return the application under test."""
    return authorization_server(casb.identity, casb.clock)


@pytest.fixture
def browser(app: ASGIApp) -> Browser:
    """Open a browser."""
    return Browser(app)
