"""Fixtures of the tests of the authorization server over HTTP."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from starlette.types import ASGIApp

from opencasb.api import login
from opencasb.model.permissions import MDCA
from opencasb.model.tenant import Tenant
from tests.identity.standin import HandClock, StandIn, open_standin


@pytest.fixture(scope="module")
def casb(tmp_path_factory: pytest.TempPathFactory) -> Iterator[StandIn]:
    """Open an installation that the tests of a module share."""
    with open_standin(tmp_path_factory.mktemp("login"), HandClock()) as opened:
        yield opened


@pytest.fixture(scope="module")
def tenant(casb: StandIn) -> Tenant:
    """Make the tenant of ``casb``."""
    return casb.tenants.create("Contoso", domain="contoso.example")


@pytest.fixture(scope="module")
def app(casb: StandIn) -> ASGIApp:
    """Return the application under test."""
    return login.build(casb)


@pytest.fixture(scope="module")
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
