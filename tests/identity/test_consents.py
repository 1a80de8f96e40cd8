"""Consent: known applications, grants, and who may grant."""

from __future__ import annotations

import msgspec
import pytest

from opencasb.identity.consents import Consents
from opencasb.identity.errors import OAuthError
from opencasb.model.permissions import Permission
from opencasb.model.registration import RequestedPermission
from opencasb.model.roles import Role
from opencasb.model.tenant import Tenant
from tests.identity.standin import StandIn

READ = Permission("mdca", "discovery.read")
ME = Permission("graph", "User.Read")


@pytest.fixture
def tenants(casb: StandIn) -> tuple[Tenant, Tenant]:
    """The home tenant of applications, and another tenant."""
    return casb.tenants.create("Contoso"), casb.tenants.create("Fabrikam")


def _code(consents: Consents, tenant: Tenant | None, client_id: str) -> int:
    try:
        consents.find(tenant, client_id)
    except OAuthError as refusal:
        return refusal.code
    return 0


def test_an_application_is_known_at_home_alone(casb: StandIn, tenants: tuple[Tenant, Tenant]) -> None:
    """It is rejected elsewhere and at an alias, and everywhere if disabled (identity §8)."""
    home, other = tenants
    made, _ = casb.application(home, "discovery.read")
    consents = casb.identity.consents
    assert consents.find(home, made.client_id.upper()) == made
    assert _code(consents, other, made.client_id) == 700016
    assert _code(consents, None, made.client_id) == 50194
    assert [_code(consents, tenant, "no'thing\0") for tenant in (home, None)] == [700016, 700016]
    with pytest.raises(OAuthError, match="AADSTS700016"):
        consents.enter(other, made, "x")
    casb.identity.applications.set_enabled(home.tenant_id, made.client_id, enabled=False)
    assert _code(consents, home, made.client_id) == 7000112


def test_a_multitenant_application_enters_with_nothing(casb: StandIn, tenants: tuple[Tenant, Tenant]) -> None:
    """It gets a service principal there, with its home name, and no permissions until they are granted."""
    home, other = tenants
    made, _ = casb.application(home, "discovery.read")
    applications, consents = casb.identity.applications, casb.identity.consents
    applications.change(home.tenant_id, made.client_id, multitenant=True)
    assert _code(consents, other, made.client_id) == 700016
    entered = consents.enter(other, consents.find(None, made.client_id), "x")
    assert consents.enter(other, entered, "x") == entered == consents.find(other, made.client_id)
    assert (entered.at_home, entered.permissions) == (False, ())
    assert entered.service_principal_id != made.service_principal_id
    applications.change(home.tenant_id, made.client_id, name="renamed")
    assert applications.enabled_name(other.tenant_id, made.client_id) == "renamed"
    consents.grant(entered, [RequestedPermission("mdca", "application", READ.name)], user_id=None, by="x")
    assert consents.find(other, made.client_id).permissions == (READ,)


@pytest.mark.parametrize("what", ["disabled", "single tenant", "deleted"])
def test_what_home_takes_back_is_gone_elsewhere(casb: StandIn, tenants: tuple[Tenant, Tenant], what: str) -> None:
    """At once, also for bearer tokens; deletion by the other tenant only affects that tenant."""
    home, other = tenants
    made, _ = casb.application(home)
    applications, consents = casb.identity.applications, casb.identity.consents
    applications.change(home.tenant_id, made.client_id, multitenant=True)
    entered = consents.enter(other, consents.find(home, made.client_id), "x")
    applications.delete(other.tenant_id, made.client_id)
    assert _code(consents, home, made.client_id) == 0
    consents.enter(other, entered, "x")
    if what == "disabled":
        applications.set_enabled(home.tenant_id, made.client_id, enabled=False)
        applications.set_enabled(other.tenant_id, made.client_id, enabled=True)
    elif what == "single tenant":
        applications.change(home.tenant_id, made.client_id, multitenant=False)
    else:
        applications.delete(home.tenant_id, made.client_id)
    assert _code(consents, other, made.client_id) == (7000112 if what == "disabled" else 700016)
    assert applications.enabled_name(other.tenant_id, made.client_id) is None


def test_grants_add_up_and_are_revoked_together(casb: StandIn, tenants: tuple[Tenant, Tenant]) -> None:
    """A user's own grants can be revoked alone; without a user, everything is."""
    home, _ = tenants
    made, _ = casb.application(home)
    consents, key = casb.identity.consents, (home.tenant_id, made.client_id)
    asked = [RequestedPermission("mdca", "application", READ.name), RequestedPermission("mdca", "delegated", READ.name)]
    consents.grant(made, asked, user_id="ann", by="x")
    assert consents.find(home, made.client_id).permissions == ()
    assert consents.grants.granted(*key, "ann") == {READ}
    assert not consents.grants.granted(*key, "bob")
    consents.grant(made, asked, user_id=None, by="x")
    consents.grant(made, [RequestedPermission("graph", "delegated", ME.name)], user_id="ann", by="x")
    assert consents.find(home, made.client_id).permissions == (READ,)
    assert consents.grants.granted(*key, "ann") == {READ, ME}
    assert consents.grants.granted(*key, "bob") == {READ}
    assert consents.revoke(*key, "ann", by="x")
    assert consents.grants.granted(*key, "ann") == {READ}
    assert consents.revoke(*key, by="x")
    assert not consents.revoke(*key, by="x")
    assert consents.find(home, made.client_id).permissions == ()
    assert consents.grants.all(*key) == []
    consents.grant(made, [RequestedPermission("graph", "delegated", ME.name)], user_id="ann", by="x")
    assert consents.revoke(*key, by="x")


def test_who_may_consent_to_what(casb: StandIn, tenants: tuple[Tenant, Tenant]) -> None:
    """Everyone to sign-in scopes; a global administrator to everything; a deprovisioned user to nothing."""
    home, _ = tenants
    may = casb.identity.consents.may_consent
    own = RequestedPermission("graph", "delegated", ME.name)
    for role in Role:
        user = casb.users.create(home.tenant_id, f"{role.slug}@contoso.example", role)
        everything = role is Role.GLOBAL_ADMINISTRATOR
        assert may(user, [ME, own])
        for wanted in (READ, RequestedPermission("graph", "application", ME.name), Permission("graph", "Mail.Read")):
            assert may(user, [ME, wanted]) is everything
        gone = msgspec.structs.replace(user, deprovisioned=1)
        assert not may(gone, [ME])


def test_assignment_matters_only_where_it_is_demanded(casb: StandIn, tenants: tuple[Tenant, Tenant]) -> None:
    """Otherwise everyone may use the application (identity §8, 50105)."""
    home, _ = tenants
    made, _ = casb.application(home)
    ann = casb.users.create(home.tenant_id, "ann@contoso.example", Role.GLOBAL_ADMINISTRATOR)
    consents = casb.identity.consents
    assert consents.may_use(made, ann)
    casb.identity.applications.change(home.tenant_id, made.client_id, assignment_required=True)
    demanding = consents.find(home, made.client_id)
    assert not consents.may_use(demanding, ann)
    consents.grants.assign(home.tenant_id, made.client_id, ann.user_id, by="x")
    assert consents.may_use(demanding, ann)
