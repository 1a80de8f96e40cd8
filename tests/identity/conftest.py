"""Fixtures of the identity tests: an installation on SQLite and a clock that tests move."""

from __future__ import annotations

import pytest

from opencasb.model.roles import Role
from opencasb.model.tenant import Tenant
from opencasb.model.user import User
from tests.identity.standin import StandIn, casb, hand

__all__ = ["casb", "hand"]  # fixtures of the stand-in


@pytest.fixture
def tenant(casb: StandIn) -> Tenant:
    """Make the first tenant of ``casb``."""
    return casb.tenants.create("Contoso", domain="contoso.example")


@pytest.fixture
def user(casb: StandIn, tenant: Tenant) -> User:
    """Make a user of that tenant."""
    return casb.users.create(tenant.tenant_id, "ann@contoso.example", Role.SECURITY_READER)
