"""The installation for browser tests: a real server, users with passwords, an application that requires consent."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from opencasb.app import Casb
from opencasb.identity.passwords import hash_password
from opencasb.model.registration import RequestedPermission
from opencasb.model.roles import Role
from opencasb.settings import load
from tests.server import House, Server, prepare

PASSWORD = "correct horse battery"
STRICT_USER = "max@strict.example"
"""A user with an expired password, in a tenant that requires a second factor."""
DISCOVERY = RequestedPermission("mdca", "delegated", "discovery.read")


@dataclass(frozen=True)
class Installation:
    """A running server, with its users and applications."""

    server: Server
    admin: str
    reader: str
    public_client: str
    user_ids: dict[str, str]

    @property
    def tenant(self) -> str:
        """The tenant's guid."""
        return self.server.house.tenant_guid

    def address(self, path: str) -> str:
        """Return a URL of the server."""
        return f"{self.server.base}/{path}"


def furnish(data: Path) -> tuple[House, dict[str, str], str]:
    """Prepare a data directory; return it, the ids of three users by name, and the id of a public client."""
    house = prepare(data)
    casb = Casb.open(load(data))
    tenant = casb.tenants.by_guid_or_domain(house.tenant_guid)
    assert tenant is not None
    users = {}
    for name, role in (("ann", Role.GLOBAL_ADMINISTRATOR), ("bob", Role.SECURITY_READER), ("kim", Role.GLOBAL_READER)):
        upn, digest = f"{name}@{tenant.domain}", hash_password(PASSWORD)
        made = casb.users.create(tenant.tenant_id, upn, role, display_name=name.title(), password_hash=digest)
        users[upn] = made.user_id
    strict = casb.tenants.create("Strict", domain="strict.example")
    casb.tenants.switch(strict.tenant_id, "second_factor", on=True)
    digest = hash_password(PASSWORD)
    new = casb.users.create(strict.tenant_id, STRICT_USER, Role.SECURITY_READER, password_hash=digest)
    casb.users.expire_password(strict.tenant_id, new.user_id)
    client = casb.identity.applications.create(tenant.tenant_id, "Report tool", public_client=True)
    casb.identity.registrations.add_redirect(client, "publicClient", "http://localhost", by="test")
    casb.identity.registrations.add_requested(client, [DISCOVERY], by="test")
    casb.identity.credentials.new_client_secret(tenant.tenant_id, client.client_id, description="old", days=5)
    own = [RequestedPermission("mdca", "application", "settings.read")]
    casb.identity.consents.grant(client, own, user_id=None, by="test")  # so that its page shows everything
    casb.close()
    return house, users, client.client_id
