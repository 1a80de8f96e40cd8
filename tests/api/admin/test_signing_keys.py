"""Signing keys over the administration API."""

from __future__ import annotations

import sqlalchemy as sa

from opencasb.model.roles import Role
from opencasb.store.tenants import tenants
from tests.api.admin.conftest import House

CHANGES = ("signing-keys/rotate", "signing-keys/emergency")


def test_one_tenant_among_others_cannot_change_what_all_share(house: House) -> None:
    """It sees the keys; the error names the operator's command."""
    assert [each["state"] for each in house.ok("GET", "signing-keys")["signing_keys"]] == ["current", "next"]
    for path in CHANGES:
        assert "opencasb keys" in house.refusal(403, "POST", path)


def test_the_only_tenant_rotates_and_replaces(house: House) -> None:
    """By global administrators, not by others with full access; the audit log has the author."""
    house.token()
    with house.casb.database.write() as connection:
        connection.execute(sa.delete(tenants).where(tenants.c.tenant_id == house.fabrikam.tenant_id))
    other = house.token(Role.SECURITY_ADMINISTRATOR)
    assert "global administrator" in house.refusal(403, "POST", CHANGES[0], token=other)
    rotated = house.ok("POST", CHANGES[0])["signing_keys"]
    fresh = house.ok("POST", CHANGES[1])["signing_keys"]
    assert not {each["key_id"] for each in rotated} & {each["key_id"] for each in fresh}
    noted = {each["action"]: each for each in house.ok("GET", "audit-log")["entries"]}
    assert "@" in noted["signing_keys.emergency"]["actor"]
    assert noted["signing_keys.emergency"]["details"]["added"] == [each["key_id"] for each in fresh]
