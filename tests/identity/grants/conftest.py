"""Fixtures of the tests of the grants."""

from __future__ import annotations

import pytest

from opencasb.model.tenant import Tenant
from tests.identity.flows import Flow, begin
from tests.identity.standin import StandIn


@pytest.fixture
def web(casb: StandIn, tenant: Tenant) -> Flow:
    """Return a confidential application's side of the flows."""
    return begin(casb, tenant)


@pytest.fixture
def native(casb: StandIn, tenant: Tenant) -> Flow:
    """Return a public application's side of the flows."""
    flow = begin(casb, tenant, "publicClient")
    casb.identity.applications.change(tenant.tenant_id, flow.application.client_id, public_client=True)
    return flow
