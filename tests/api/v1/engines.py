"""A small installation on either database engine, for tests that send HTTP calls to both."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from opencasb.model.roles import Role
from opencasb.store.database import Database
from tests.api.v1.conftest import Client
from tests.api.v1.installation import Known, opened

ROLES = (Role.GLOBAL_ADMINISTRATOR, Role.SECURITY_READER, Role.CLOUD_DISCOVERY_GLOBAL_ADMIN)


def client_of(database: Database, folder: Path, **settings: Any) -> Client:
    """Return a client of an empty tenant, in a database that has its schema."""
    casb = opened(folder / "installation", database_url=database.url, **settings)
    folder.joinpath("installation").mkdir(exist_ok=True)
    tenant, other = casb.tenants.create("Contoso"), casb.tenants.create("Fabrikam")
    tokens = {}
    for role in ROLES:
        user = casb.users.create(tenant.tenant_id, f"{role.slug}@contoso.example", role)
        tokens[role] = casb.identity.credentials.new_api_token(tenant.tenant_id, user.user_id, role.slug).value
    stranger = casb.users.create(other.tenant_id, "admin@fabrikam.example", Role.GLOBAL_ADMINISTRATOR)
    other_token = casb.identity.credentials.new_api_token(other.tenant_id, stranger.user_id, "other").value
    known = Known(tenant.tenant_id, "", "", "", tokens, other_token)
    return Client(casb, known)


@pytest.fixture
def client(database: Database, tmp_path: Path) -> Iterator[Client]:
    """A client of an empty tenant, once per engine."""
    made = client_of(database, tmp_path)
    yield made
    made.close()
