"""Authentication: every way to present a credential, and the resulting principal."""

from __future__ import annotations

import jwt as pyjwt
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from joserfc import jwt as jose

from opencasb.identity.access import Access
from opencasb.identity.errors import Unauthenticated
from opencasb.identity.last_use import TOUCH_AFTER
from opencasb.identity.resources import Resources
from opencasb.model.permissions import GRAPH, MDCA, Audience, parse_permission
from opencasb.model.principal import Principal
from opencasb.model.rights import ROLES
from opencasb.model.roles import Role
from opencasb.model.tenant import Tenant
from tests.identity.standin import HandClock, StandIn

RESOURCES = Resources()
BOTH: list[Audience] = ["mdca", "graph"]


@pytest.fixture
def access(casb: StandIn) -> Access:
    """Return the access check of ``casb``."""
    return casb.identity.access


def _bearer(casb: StandIn, tenant: Tenant, resource: str, *permissions: str) -> tuple[str, str]:
    """Return a header with a new token, and the client id."""
    application, _ = casb.application(tenant, *permissions)
    target = RESOURCES.target(resource)
    return f"Bearer {casb.identity.tokens.for_application(tenant, application, target).access_token}", (
        application.client_id
    )


def _reason(access: Access, header: str | None, audience: Audience = "mdca") -> str:
    with pytest.raises(Unauthenticated) as refusal:
        access.authenticate(header, audience)
    return refusal.value.reason


def test_an_application_has_the_permissions_of_its_token(casb: StandIn, access: Access, tenant: Tenant) -> None:
    """In application context the principal has the granted permissions in lower case."""
    header, client_id = _bearer(casb, tenant, MDCA.app_id, "Discovery.Read", "settings.manage")
    assert access.authenticate(header, "mdca") == Principal(
        tenant_id=tenant.tenant_id,
        name="script",
        permissions=frozenset({"discovery.read", "settings.manage"}),
        client_id=client_id,
    )
    header, _ = _bearer(casb, tenant, "https://graph.microsoft.com", "CloudApp-Discovery.Read.All")
    assert access.authenticate(header, "graph").permissions == {"cloudapp-discovery.read.all"}


def test_permissions_without_meaning_stay_without(casb: StandIn, access: Access, tenant: Tenant) -> None:
    """An unknown name granted on Graph has no effect, even if it equals one of the other API."""
    odd = "https://graph.microsoft.com/Discovery.Manage"
    header, _ = _bearer(casb, tenant, GRAPH.app_id, odd, "https://graph.microsoft.com/User.Read")
    assert access.authenticate(header, "graph").permissions == frozenset()


def test_a_token_opens_its_own_api_only(casb: StandIn, access: Access, tenant: Tenant) -> None:
    """A Graph token is invalid at the MDCA API, and vice versa."""
    mdca, _ = _bearer(casb, tenant, MDCA.app_id, "discovery.read")
    graph, _ = _bearer(casb, tenant, GRAPH.app_id, "CloudApp-Discovery.Read.All")
    assert access.authenticate(mdca, "mdca")
    assert access.authenticate(graph, "graph")
    assert _reason(access, mdca, "graph") == "invalid"
    assert _reason(access, graph, "mdca") == "invalid"


def test_tokens_of_a_disabled_or_deleted_application_end_at_once(casb: StandIn, access: Access, tenant: Tenant) -> None:
    """Otherwise the token would be valid for another hour."""
    header, client_id = _bearer(casb, tenant, MDCA.app_id, "discovery.read")
    assert access.authenticate(header, "mdca")
    casb.identity.applications.set_enabled(tenant.tenant_id, client_id, enabled=False)
    assert _reason(access, header) == "invalid"
    casb.identity.applications.set_enabled(tenant.tenant_id, client_id, enabled=True)
    assert access.authenticate(header, "mdca")
    casb.identity.applications.delete(tenant.tenant_id, client_id)
    assert _reason(access, header) == "invalid"


def test_a_user_has_what_both_the_token_and_the_role_allow(casb: StandIn, access: Access, tenant: Tenant) -> None:
    """In user context the delegated permissions are limited to those of the user's current role."""
    user = casb.users.create(tenant.tenant_id, "ann", Role.SECURITY_READER)
    header, client_id = _bearer(casb, tenant, MDCA.app_id)
    claims = pyjwt.decode(header.partition(" ")[2], options={"verify_signature": False})
    claims |= {"scp": "Discovery.Read discovery.manage openid", "oid": user.user_id}
    key = casb.identity.keyring.signer()
    names = {"typ": "JWT", "alg": "RS256", "kid": key.key_id, "x5t": key.key_id}
    header = f"Bearer {jose.encode(names, claims, key.private)}"
    principal = access.authenticate(header, "mdca")
    assert (principal.name, principal.user_id, principal.client_id) == ("ann", user.user_id, client_id)
    assert principal.permissions == {"discovery.read"}
    casb.users.set_role(tenant.tenant_id, user.user_id, Role.GLOBAL_ADMINISTRATOR)
    assert access.authenticate(header, "mdca").permissions == {"discovery.read", "discovery.manage"}
    other = jose.encode(names, {**claims, "oid": "00000000-0000-4000-8000-000000000000"}, key.private)
    assert _reason(access, f"Bearer {other}") == "invalid"
    casb.users.deprovision(tenant.tenant_id, user.user_id, keep_one=False)
    assert _reason(access, header) == "invalid"


@pytest.mark.parametrize("role", list(Role))
def test_an_api_token_has_the_rights_of_its_owners_role(
    casb: StandIn, access: Access, tenant: Tenant, role: Role
) -> None:
    """The principal has the role and its MDCA permissions."""
    principal = access.authenticate(f"Token {casb.api_token(tenant, role)}", "mdca")
    assert (principal.tenant_id, principal.name) == (tenant.tenant_id, "ann@contoso.example")
    assert principal.role == role
    assert principal.permissions == ROLES[role].permissions & set(MDCA.permissions)


def test_a_report_admins_token_is_limited_to_the_reports(casb: StandIn, access: Access, tenant: Tenant) -> None:
    """The principal has the reports."""
    role = Role.CLOUD_DISCOVERY_REPORT_ADMIN
    user = casb.users.create(tenant.tenant_id, "bob", role, stream_ids=["one", "two"])
    token = casb.identity.credentials.new_api_token(tenant.tenant_id, user.user_id, "t").value
    assert access.authenticate(f"Token {token}", "mdca").stream_ids == frozenset({"one", "two"})


def test_a_change_of_role_works_at_once(casb: StandIn, access: Access, tenant: Tenant) -> None:
    """The token's permissions follow the role; after deprovisioning it is still authenticated, without permissions."""
    header = f"Token {casb.api_token(tenant, Role.SECURITY_READER)}"
    [user] = casb.users.all(tenant.tenant_id)
    assert not access.authenticate(header, "mdca").may("discovery.manage")
    casb.users.set_role(tenant.tenant_id, user.user_id, Role.CLOUD_DISCOVERY_GLOBAL_ADMIN)
    assert access.authenticate(header, "mdca").may("discovery.manage")
    casb.users.deprovision(tenant.tenant_id, user.user_id, keep_one=False)
    assert access.authenticate(header, "mdca").permissions == frozenset()


def test_a_revoked_token_is_invalid_at_once(casb: StandIn, access: Access, tenant: Tenant) -> None:
    """In other processes as well."""
    header = f"Token {casb.api_token(tenant, Role.SECURITY_READER)}"
    elsewhere = casb.again().identity.access
    assert elsewhere.authenticate(header, "mdca")
    [token] = casb.identity.api_tokens.all(tenant.tenant_id)
    casb.identity.api_tokens.revoke(tenant.tenant_id, token.token_id)
    assert _reason(access, header) == "invalid"
    assert _reason(elsewhere, header) == "invalid"


def test_clients_write_the_header_in_many_ways(casb: StandIn, access: Access, tenant: Tenant) -> None:
    """The scheme in any case, blanks around the key, and a key without a scheme are accepted."""
    key = casb.api_token(tenant, Role.SECURITY_READER)
    bearer, _ = _bearer(casb, tenant, MDCA.app_id)
    token = bearer.partition(" ")[2]
    for header in (
        f"Token {key}",
        f"token {key}",
        f"TOKEN  {key} ",
        key,
        f" {key}",
        f"bearer {token}",
        f"BEARER {token}",
    ):
        assert access.authenticate(header, "mdca").tenant_id == tenant.tenant_id


def test_each_credential_needs_its_scheme(casb: StandIn, access: Access, tenant: Tenant) -> None:
    """A key is not a bearer token or vice versa, Basic is rejected, and Graph accepts no keys."""
    key = casb.api_token(tenant, Role.GLOBAL_ADMINISTRATOR)
    token = _bearer(casb, tenant, MDCA.app_id)[0].partition(" ")[2]
    for header in (
        f"Bearer {key}",
        f"Token {token}",
        token,
        f"Basic {key}",
        f"Token {key} {key}",
        f"Token Token {key}",
    ):
        assert _reason(access, header) == "invalid"
    for header in (f"Token {key}", key):
        assert _reason(access, header, "graph") == "invalid"


@pytest.mark.parametrize("audience", BOTH)
def test_no_header_is_missing_and_a_bad_one_invalid(access: Access, audience: Audience) -> None:
    """The two cases get different responses."""
    for header in (None, "", "   "):
        assert _reason(access, header, audience) == "missing"
    for header in ("Bearer", "Bearer ", "Token", "Token ", "x", "a" * 64, f"Token {'a' * 64}", f"Token {'A' * 193}"):
        assert _reason(access, header, audience) == "invalid"


def test_use_is_noted_once_a_minute(casb: StandIn, access: Access, tenant: Tenant, hand: HandClock) -> None:
    """The first use is recorded, then again after a minute, and the state changes accordingly."""
    header = f"Token {casb.api_token(tenant, Role.SECURITY_READER)}"
    seen: list[int | None] = []
    for step in (0, TOUCH_AFTER - 1, 1):
        hand.now += step
        access.authenticate(header, "mdca")
        [token] = casb.identity.api_tokens.all(tenant.tenant_id)
        seen.append(token.last_used)
    assert seen == [hand.now - TOUCH_AFTER, hand.now - TOUCH_AFTER, hand.now]
    assert token.state(hand.now) == "Active"


def test_the_same_key_in_another_installation_is_worth_nothing(casb: StandIn, tenant: Tenant) -> None:
    """With the database but without its key file, no API token is accepted."""
    header = f"Token {casb.api_token(tenant, Role.SECURITY_READER)}"
    stolen = StandIn(casb.database, casb.data / "elsewhere", casb.clock)
    assert _reason(stolen.identity.access, header) == "invalid"


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(
    header=st.one_of(
        st.text(),
        st.builds("{} {}".format, st.sampled_from(["Bearer", "Token", "Basic"]), st.text()),
        st.from_regex(r"(Token )?[0-9A-Za-z=]{60,200}", fullmatch=True),
        st.from_regex(r"Bearer [\w-]{1,30}\.[\w-]{1,30}\.[\w-]{1,30}", fullmatch=True),
    ),
    audience=st.sampled_from(BOTH),
)
def test_any_header_is_refused_in_one_way(access: Access, header: str, audience: Audience) -> None:
    """Any header without a valid credential is rejected."""
    assert _reason(access, header, audience) in {"missing", "invalid"}


def test_every_permission_can_be_granted_and_used(casb: StandIn, access: Access, tenant: Tenant) -> None:
    """Each permission of each resource works at its API."""
    for resource in (MDCA, GRAPH):
        for name in resource.permissions:
            assert parse_permission(name).resource == resource.key
            header, _ = _bearer(casb, tenant, resource.app_id, name)
            assert access.authenticate(header, resource.key).may(name)


def test_a_tenant_can_do_without_api_tokens(casb: StandIn, tenant: Tenant) -> None:
    """Disabled, they are rejected at once; enabled again, they work as before."""
    header = f"Token {casb.api_token(tenant, Role.SECURITY_READER)}"
    assert casb.identity.access.authenticate(header, "mdca")
    assert casb.tenants.switch(tenant.tenant_id, "api_tokens", on=False)
    assert _reason(casb.identity.access, header) == "invalid"
    casb.tenants.switch(tenant.tenant_id, "api_tokens", on=True)
    assert casb.identity.access.authenticate(header, "mdca")
    assert not casb.tenants.switch(1, "api_tokens", on=False)
