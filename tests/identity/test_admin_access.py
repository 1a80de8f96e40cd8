"""Granting and removing access: a rejected change has no effect (see also the tests of API and portal)."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from opencasb.identity.refusals import InvalidValue, NotAllowed
from opencasb.model.roles import Role
from opencasb.model.tenant import Tenant
from opencasb.model.user import User
from tests.identity.standin import StandIn


@pytest.fixture
def chief(casb: StandIn, tenant: Tenant) -> User:
    """Return the only user, a global administrator."""
    return casb.users.create(tenant.tenant_id, "chief@contoso.example", Role.GLOBAL_ADMINISTRATOR)


def test_a_refused_change_changes_nothing(casb: StandIn, tenant: Tenant, chief: User) -> None:
    """If any of the values is invalid, none is applied."""
    access = casb.identity.admin_access
    bob = access.add(chief, "bob@contoso.example", Role.SECURITY_READER, by=chief.upn)
    entries = len(casb.identity.audit_log.latest(tenant.tenant_id))
    with pytest.raises(InvalidValue) as wrong:
        access.change(chief, bob, role=Role.GLOBAL_READER, password="short", by=chief.upn)
    assert wrong.value.field == "password"
    with pytest.raises(InvalidValue) as wrong:
        access.change(chief, chief, active=False, password="long enough", by=chief.upn)
    assert wrong.value.field == "active"
    with pytest.raises(NotAllowed):
        access.change(bob, chief, role=Role.GLOBAL_READER, by=bob.upn)
    assert casb.users.get(tenant.tenant_id, bob.user_id) == bob
    assert len(casb.identity.audit_log.latest(tenant.tenant_id)) == entries


def test_two_who_shut_each_other_out_at_once_leave_one(casb: StandIn, tenant: Tenant, chief: User) -> None:
    """However often they try, and whoever comes first."""
    access, together = casb.identity.admin_access, threading.Barrier(2)
    other = casb.users.create(tenant.tenant_id, "other@contoso.example", Role.GLOBAL_ADMINISTRATOR)

    def shut_out(pair: tuple[User, User]) -> str:
        together.wait(30)
        try:
            access.change(pair[0], pair[1], role=Role.GLOBAL_READER, by=pair[0].upn)
        except InvalidValue as refused:
            return str(refused)
        return ""

    for _ in range(5):
        with ThreadPoolExecutor(2) as pool:
            outcome = sorted(pool.map(shut_out, [(chief, other), (other, chief)]))
        assert outcome[0] == ""
        assert "is the last one with full access" in outcome[1]
        for user in (chief, other):
            casb.users.set_role(tenant.tenant_id, user.user_id, Role.GLOBAL_ADMINISTRATOR)


def test_a_name_is_taken_once(casb: StandIn, chief: User) -> None:
    """The error names the field."""
    with pytest.raises(InvalidValue, match="exists") as wrong:
        casb.identity.admin_access.add(chief, "Chief@contoso.example", Role.SECURITY_READER, by=chief.upn)
    assert wrong.value.field == "name"
