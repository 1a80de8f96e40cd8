"""Fixtures of the tests of the authorization server over HTTP."""

from __future__ import annotations

import pytest
from starlette.types import ASGIApp

from opencasb.api import login
from opencasb.model.permissions import MDCA
from opencasb.model.tenant import Tenant
from tests.identity.standin import StandIn, casb, hand

__all__ = ["casb", "hand"]  # fixtures of the stand-in


@pytest.fixture
def tenant(casb: StandIn) -> Tenant:
    """Make the tenant of ``casb``."""
    return casb.tenants.create("Contoso", domain="contoso.example")


@pytest.fixture
def app(casb: StandIn) -> ASGIApp:
    """Return the application under test."""
    return login.build(casb.identity, casb.clock)


@pytest.fixture
def good(casb: StandIn, tenant: Tenant) -> dict[str, str]:
    """Return a form that both token endpoints answer."""
    application, secret = casb.application(tenant, "discovery.read", "CloudApp-Discovery.Read.All")
    return {
        "grant_type": "client_credentials",
        "client_id": application.client_id,
        "client_secret": secret.value,
        "scope": f"{MDCA.app_id}/.default",
        "resource": MDCA.app_id,
    }
