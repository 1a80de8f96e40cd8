"""Fixtures for the identity tests: an installation on SQLite and a manual clock."""

from __future__ import annotations

import pytest

from opencasb.identity.passwords import hash_password
from opencasb.model.roles import Role
from opencasb.model.tenant import Tenant
from opencasb.model.user import User
from tests.identity.flows import PASSWORD, flow, native
from tests.identity.standin import StandIn, casb, good, hand, tenant

__all__ = ["casb", "flow", "good", "hand", "native", "tenant"]  # fixtures


@pytest.fixture
def user(casb: StandIn, tenant: Tenant) -> User:
    """Create a user of that tenant, with a password."""
    digest = hash_password(PASSWORD)
    return casb.users.create(tenant.tenant_id, "ann@contoso.example", Role.SECURITY_READER, password_hash=digest)
