"""Sign-ins at a provider, and responses that are rejected."""

from __future__ import annotations

from typing import Any

import pytest
from structlog.testing import capture_logs

from opencasb.identity.errors import OAuthError
from opencasb.identity.external.configuration import GivenProvider
from opencasb.identity.external.external_sign_in import LONGEST_GOAL, STATE_LIFETIME, ExternalSignInFlow, ExternalUser
from opencasb.identity.external.provider import RETRY_AFTER
from opencasb.model.roles import Role
from opencasb.model.tenant import Tenant
from opencasb.model.user import User
from tests.identity.external.fake_provider import ISSUER, FakeProvider, connect
from tests.identity.standin import HandClock, StandIn, spare_key
from tests.local_http import name_this_machine

GOAL = "/contoso.example/oauth2/authorize?client_id=x"
ANN = {"email": "Ann@Contoso.example", "email_verified": True}


@pytest.fixture
def provider(casb: StandIn, tenant: Tenant, user: User) -> FakeProvider:
    """The tenant's provider, where Ann signs in."""
    made = connect(casb, tenant)
    made.claims = dict(ANN)
    return made


def flow_of(casb: StandIn) -> ExternalSignInFlow:
    """Return the flow under test."""
    return casb.identity.external_sign_in


def visit(casb: StandIn, tenant: Tenant, provider: FakeProvider, **changed: str) -> ExternalUser:
    """Sign in at the provider and return the user."""
    begun = flow_of(casb).begin(tenant, GOAL)
    answer = {**provider.sign_in(begun.address), **changed}
    return flow_of(casb).finish(tenant, begun.ticket, answer)


def refusal(casb: StandIn, tenant: Tenant, provider: FakeProvider, **changed: str) -> int:
    """Return the error code of a rejected sign-in."""
    with pytest.raises(OAuthError) as refused:
        visit(casb, tenant, provider, **changed)
    return refused.value.code


def test_only_some_providers_are_kept(
    casb: StandIn, tenant: Tenant, provider: FakeProvider, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Changing the provider again and again takes no memory; one that is not kept is asked anew."""
    monkeypatch.setattr("opencasb.identity.external.external_sign_in.MOST_PROVIDERS", 2)

    def begin(issuer: str) -> None:
        made = GivenProvider(issuer, "opencasb", "secret", name_claim="email", anywhere=True)
        flow_of(casb).put(tenant.tenant_id, made, by="test")
        flow_of(casb).begin(tenant, GOAL)

    begin(ISSUER)
    begin(ISSUER)
    assert provider.asked.count(f"{ISSUER}/keys") == 1
    provider.down = True
    for number in range(3):
        with pytest.raises(OAuthError):
            begin(f"https://login-{number}.example")
    provider.down = False
    assert len(flow_of(casb)._providers) == 2
    begin(ISSUER)
    assert provider.asked.count(f"{ISSUER}/keys") == 2


def test_a_user_comes_back_as_who_they_are(casb: StandIn, tenant: Tenant, provider: FakeProvider, user: User) -> None:
    """By the verified address; the provider's second factor counts, and the sign-in is audited."""
    assert visit(casb, tenant, provider) == ExternalUser(user, ("fed",), GOAL)
    provider.claims |= {"amr": ["pwd", "mfa"], "aud": ["opencasb"], "iss": ISSUER}
    provider.algorithm = "PS256"
    assert visit(casb, tenant, provider, iss=ISSUER).amr == ("fed", "mfa")
    entry = casb.identity.audit_log.latest(tenant.tenant_id)[0]
    assert provider.asked.count(f"{ISSUER}/keys") == 1
    assert "sign_in.pass" in {each.action for each in casb.identity.audit_log.latest(tenant.tenant_id)}
    assert "s3cret" not in str(entry.details)


@pytest.mark.parametrize("methods", [["client_secret_basic", "private_key_jwt"], None])
def test_the_secret_is_in_the_header_where_the_provider_wants_it(
    casb: StandIn, tenant: Tenant, provider: FakeProvider, user: User, methods: list[str] | None
) -> None:
    """By default it is in the header, as the specification requires; most providers accept the form, too."""
    assert visit(casb, tenant, provider).user == user
    strict = connect(casb, tenant)
    strict.claims, strict.changed = dict(ANN), {"token_endpoint_auth_methods_supported": methods}
    assert visit(casb, tenant, strict).user == user
    assert (provider.proofs, strict.proofs) == (["form"], ["header"])


def test_a_link_wins_over_a_name(casb: StandIn, tenant: Tenant, user: User) -> None:
    """By subject or object id; without a name claim only linked users can sign in."""
    bob = casb.users.create(tenant.tenant_id, "bob@contoso.example", Role.SECURITY_READER)
    provider = connect(casb, tenant, links=["sub:248289761001=bob@contoso.example", f"oid:o-1={user.user_id}"])
    provider.claims = dict(ANN)
    assert visit(casb, tenant, provider).user == bob
    provider.claims = {"oid": "o-1", "sub": "other"}
    assert visit(casb, tenant, provider).user == user
    provider = connect(casb, tenant, name_claim="", links=["sub:1=bob@contoso.example"])
    provider.claims = dict(ANN)
    assert refusal(casb, tenant, provider) == 50020


@pytest.mark.parametrize(
    "claims",
    [
        {"email": "nobody@contoso.example", "email_verified": True},
        {"email": "ann@contoso.example\0", "email_verified": True},
        {"email": "ann@contoso.example"},
        {"email": "ann@contoso.example", "email_verified": False},
        {"email": "ann@contoso.example", "email_verified": "no"},
        {"preferred_username": "ann@contoso.example", "upn": "ann@contoso.example"},
        {**ANN, "idp": "https://sts.windows.net/another/"},
    ],
)
def test_nobody_is_made_a_user_and_no_unverified_name_is_believed(
    casb: StandIn, tenant: Tenant, provider: FakeProvider, claims: dict[str, Any]
) -> None:
    """A guest's name is that of another provider."""
    provider.claims = claims
    before = casb.users.all(tenant.tenant_id)
    assert refusal(casb, tenant, provider) == 50020
    assert casb.users.all(tenant.tenant_id) == before


def test_who_was_shut_out_stays_out(casb: StandIn, tenant: Tenant, provider: FakeProvider, user: User) -> None:
    """The provider's response does not change that."""
    casb.users.deprovision(tenant.tenant_id, user.user_id, keep_one=False)
    assert refusal(casb, tenant, provider) == 50057


@pytest.mark.parametrize(
    "claims",
    [
        {"iss": "https://evil.example"},
        {"aud": "another"},
        {"aud": ["opencasb", "another"]},
        {"aud": ["opencasb", "another"], "azp": "another"},
        {"azp": "another"},
        {"nonce": "another"},
        {"nonce": None},
        {"exp": 1},
        {"exp": None},
        {"iat": 9_999_999_999},
        {"sub": ""},
        {"sub": "\0"},
    ],
)
def test_an_id_token_that_is_not_for_this_sign_in_is_refused(
    casb: StandIn, tenant: Tenant, provider: FakeProvider, claims: dict[str, Any]
) -> None:
    """Issuer, audience, authorized party, nonce and times."""
    provider.claims |= claims
    assert refusal(casb, tenant, provider) == 90013


def test_an_id_token_must_be_signed_by_the_provider(casb: StandIn, tenant: Tenant, provider: FakeProvider) -> None:
    """Neither with another key nor with another algorithm."""
    flow_of(casb).begin(tenant, GOAL)
    real = provider.key
    provider.key = next(key for key in (spare_key() for _ in range(3)) if key is not real)
    assert refusal(casb, tenant, provider) == 90013
    provider.key, provider.key_id = real, "unknown"
    assert refusal(casb, tenant, provider) == 90013
    provider.key_id, provider.algorithm = "k", "RS512"
    assert refusal(casb, tenant, provider) == 90013


def test_an_answer_belongs_to_the_browser_that_asked(
    casb: StandIn, tenant: Tenant, provider: FakeProvider, hand: HandClock
) -> None:
    """Another state, no cookie, another browser's or tenant's cookie, and an old one are rejected."""
    flow = flow_of(casb)
    assert refusal(casb, tenant, provider, state="x") == 90013
    mine, theirs = flow.begin(tenant, GOAL), flow.begin(tenant, GOAL)
    fabrikam = casb.tenants.create("Fabrikam")
    flow.put(fabrikam.tenant_id, _same(flow, tenant), by="test")
    answer = provider.sign_in(mine.address)
    for owner, cookie in ((tenant, ""), (tenant, "%"), (tenant, theirs.ticket), (fabrikam, mine.ticket)):
        with pytest.raises(OAuthError, match="90013"):
            flow.finish(owner, cookie, answer)
    hand.now += STATE_LIFETIME
    with pytest.raises(OAuthError, match="too long"):
        flow.finish(tenant, mine.ticket, answer)


def _same(flow: ExternalSignInFlow, tenant: Tenant) -> Any:
    found = flow.get(tenant.tenant_id)
    assert found is not None
    return GivenProvider(found.issuer, found.client_id, name_claim=found.name_claim, anywhere=True)


def test_mix_ups_and_refusals_are_noticed(casb: StandIn, tenant: Tenant, provider: FakeProvider) -> None:
    """Another issuer, a missing promised issuer, an error, no code, a used code."""
    assert refusal(casb, tenant, provider, iss="https://evil.example") == 90013
    assert refusal(casb, tenant, provider, error="access_denied") == 90013
    assert refusal(casb, tenant, provider, code="") == 90013
    assert refusal(casb, tenant, provider, code="unknown") == 90013
    promising = connect(casb, tenant)
    promising.claims, promising.changed = dict(ANN), {"authorization_response_iss_parameter_supported": True}
    assert refusal(casb, tenant, promising) == 90013
    assert visit(casb, tenant, promising, iss=ISSUER)


@pytest.mark.parametrize(
    "changed",
    [
        {"issuer": "https://evil.example"},
        {"authorization_endpoint": "http://id.example/authorize"},
        {"token_endpoint": "http://id.example/token"},
        {"jwks_uri": "file:///etc/passwd"},
        {"jwks_uri": None},
        {"authorization_endpoint": "https://id.example/\r\nset-cookie: x"},
        {"authorization_endpoint": "https://id.example/вход"},
    ],
)
def test_a_configuration_that_is_not_the_providers_is_not_used(
    casb: StandIn, tenant: Tenant, changed: dict[str, Any]
) -> None:
    """Another issuer, any URL without TLS, or one that no header can carry."""
    provider = connect(casb, tenant)
    provider.changed = changed
    with pytest.raises(OAuthError, match="90013"):
        flow_of(casb).begin(tenant, GOAL)


def test_a_provider_that_is_down_is_not_asked_by_every_browser(
    casb: StandIn, tenant: Tenant, provider: FakeProvider, hand: HandClock
) -> None:
    """Once in ten seconds; later it works again by itself."""
    provider.down = True
    for _ in range(5):
        with pytest.raises(OAuthError, match="90013"):
            flow_of(casb).begin(tenant, GOAL)
    assert len(provider.asked) == 1
    provider.down = False
    hand.now += RETRY_AFTER
    assert visit(casb, tenant, provider)


def test_what_cannot_be_continued_is_refused_at_once(casb: StandIn, tenant: Tenant, provider: FakeProvider) -> None:
    """For a tenant without a provider, and for an address too long for a cookie."""
    with pytest.raises(OAuthError, match="too long"):
        flow_of(casb).begin(tenant, "/" + "x" * LONGEST_GOAL)
    longest = flow_of(casb).begin(tenant, "/" + "x" * (LONGEST_GOAL - 1))
    assert len(longest.ticket) < 3_800
    assert flow_of(casb).remove(tenant.tenant_id, by="test")
    assert not flow_of(casb).remove(tenant.tenant_id, by="test")
    with pytest.raises(OAuthError, match="no external sign-in"):
        flow_of(casb).begin(tenant, GOAL)


def test_a_provider_that_a_tenant_chose_has_a_public_address(
    casb: StandIn, tenant: Tenant, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Else it is not asked, also where another tenant's one at the same address was set by the operator."""
    name_this_machine("id.example.org", monkeypatch)
    other = casb.tenants.create("Fabrikam")
    provider = connect(casb, other, issuer="https://id.example.org")
    assert flow_of(casb).get(other.tenant_id).anywhere  # type: ignore[union-attr]  # it is there
    given = GivenProvider("https://id.example.org", "x", name_claim="email")
    assert not flow_of(casb).put(tenant.tenant_id, given, by="ann").anywhere
    with capture_logs() as logs, pytest.raises(OAuthError):
        flow_of(casb).begin(tenant, GOAL)
    assert [each["reason"] for each in logs] == ["id.example.org has an address that is not public"]
    assert provider.asked == []


def test_the_operators_provider_stays_allowed_while_its_address_does(casb: StandIn, tenant: Tenant) -> None:
    """Whoever changes something else."""
    connect(casb, tenant, issuer="https://localhost:8443")
    same = GivenProvider("https://localhost:8443", "y", name_claim="upn")
    assert flow_of(casb).put(tenant.tenant_id, same, by="ann").anywhere
    with pytest.raises(ValueError, match="issuer 'https://localhost' must have a public host name"):
        flow_of(casb).put(tenant.tenant_id, GivenProvider("https://localhost", "y", name_claim="upn"), by="ann")
