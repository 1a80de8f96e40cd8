"""Refresh tokens: replaced at every use, and revoked with their grant."""

from __future__ import annotations

from collections.abc import Callable

import jwt
import pytest

from opencasb.identity.errors import OAuthError
from opencasb.identity.grants.authorization_code import SPA_ENDS
from opencasb.identity.grants.refresh_token import GRACE
from opencasb.identity.grants.token_responses import SLIDING
from opencasb.identity.passwords import hash_password
from opencasb.model.delegation import ScopeRequest
from opencasb.model.permissions import MDCA
from opencasb.model.tenant import Tenant
from tests.identity.flows import Flow, begin
from tests.identity.standin import HandClock, StandIn


def first(flow: Flow) -> str:
    """Return the refresh token from a new sign-in."""
    token: str = flow.redeem(flow.code())["refresh_token"]
    return token


def test_every_use_brings_a_new_one(flow: Flow) -> None:
    """With the same scopes, or others with consent."""
    old = first(flow)
    body = flow.refresh(old)
    assert body["refresh_token"] != old
    assert flow.claims(body["access_token"]).scp == "discovery.read"
    narrowed = flow.refresh(body["refresh_token"], scope=f"{MDCA.app_id}/discovery.read")
    assert "id_token" not in narrowed
    assert flow.claims(flow.refresh(old, resource="unknown at v2")["access_token"]).scp == "discovery.read"
    more = {"grant_type": "refresh_token", "refresh_token": old, "scope": f"{MDCA.app_id}/x"}
    assert flow.refused(more).code == 70011


def test_v2_continues_what_v1_began(native: Flow) -> None:
    """A code, device code or refresh token for a v1 resource is good for the same at v2, without a scope."""
    v1 = ScopeRequest(version=1, resource=MDCA.app_id)
    body = native.redeem(native.code(scope_request=v1))
    for _ in range(2):
        assert native.claims(body["access_token"]).scp == "discovery.read"
        assert jwt.decode(body["id_token"], options={"verify_signature": False})["ver"] == "2.0"
        body = native.refresh(body["refresh_token"])
    older = native.ask({"grant_type": "refresh_token", "refresh_token": body["refresh_token"]}, 1)
    assert older["resource"] == MDCA.app_id
    assert native.claims(native.refresh(older["refresh_token"])["access_token"]).scp == "discovery.read"
    codes, application = native.casb.identity.device_codes, native.application
    begun = codes.issue(native.tenant, application.client_id, v1)
    waiting = codes.pending(native.tenant.tenant_id, begun["user_code"])
    assert waiting is not None
    codes.approve(waiting, native.signed_in)
    assert native.ask({"grant_type": "device_code", "device_code": begun["device_code"]})["refresh_token"]


def test_a_lost_answer_can_be_asked_for_again(native: Flow, hand: HandClock) -> None:
    """For a minute after its use a token is still valid."""
    old = first(native)
    native.refresh(old)
    hand.now += GRACE
    assert native.refresh(old)["access_token"]


def test_reuse_ends_the_family_of_a_public_client(native: Flow, hand: HandClock) -> None:
    """A long-replaced token is used: the grant is revoked, including the latest token."""
    old = first(native)
    newest = native.refresh(old)
    hand.now += GRACE + 1
    for token in (old, newest["refresh_token"]):
        with pytest.raises(OAuthError, match="50173"):
            native.refresh(token)


def test_reuse_is_forgiven_where_a_secret_is_needed_as_well(flow: Flow, hand: HandClock) -> None:
    """A confidential client may have several processes with one token."""
    old = first(flow)
    flow.refresh(old)
    hand.now += GRACE + 1
    assert flow.refresh(old)["refresh_token"]


def test_unused_tokens_expire_and_used_ones_slide(native: Flow, hand: HandClock) -> None:
    """Ninety days after the last use."""
    token = first(native)
    for _ in range(2):
        hand.now += SLIDING - 1
        token = native.refresh(token)["refresh_token"]
    hand.now += SLIDING
    with pytest.raises(OAuthError, match="700082"):
        native.refresh(token)


def test_single_page_applications_end_a_day_after_the_sign_in(casb: StandIn, tenant: Tenant, hand: HandClock) -> None:
    """Renewals do not extend the day."""
    spa = begin(casb, tenant, "spa")
    token = first(spa)
    hand.now += SPA_ENDS // 2
    token = spa.refresh(token)["refresh_token"]
    hand.now += SPA_ENDS // 2
    with pytest.raises(OAuthError, match="70008"):
        spa.refresh(token)


ENDINGS: dict[str, Callable[[Flow], object]] = {
    "password": lambda flow: flow.casb.users.set_password(
        flow.tenant.tenant_id, flow.user.user_id, hash_password("another password")
    ),
    "consent": lambda flow: flow.casb.identity.consents.revoke(
        flow.tenant.tenant_id, flow.application.client_id, by="test"
    ),
    "secret": lambda flow: flow.casb.identity.applications.remove_secret(
        flow.tenant.tenant_id,
        flow.application.client_id,
        flow.key_id,
    ),
}


@pytest.mark.parametrize("ending", ENDINGS)
def test_what_is_taken_away_ends_every_token_at_once(flow: Flow, ending: str) -> None:
    """A new password, a revoked consent, a deleted secret: refresh and access tokens become invalid."""
    another = flow.casb.identity.credentials.new_client_secret(flow.tenant.tenant_id, flow.application.client_id)
    body = flow.redeem(flow.code())
    header = f"Bearer {body['access_token']}"
    assert flow.casb.identity.access.authenticate(header, "mdca")
    ENDINGS[ending](flow)
    with pytest.raises(Exception, match="credentials are invalid"):
        flow.casb.identity.access.authenticate(header, "mdca")
    form = {"grant_type": "refresh_token", "refresh_token": body["refresh_token"], "client_secret": another.value}
    assert flow.refused(form).code == 50173


def test_a_token_belongs_to_its_client_and_tenant(casb: StandIn, flow: Flow) -> None:
    """Neither another application nor another tenant can use it, and arbitrary text is rejected."""
    token = first(flow)
    other, secret = casb.application(flow.tenant)
    form = {"grant_type": "refresh_token", "refresh_token": token}
    assert flow.refused({**form, "client_id": other.client_id, "client_secret": secret.value}).code == 70000
    casb.tenants.create("Fabrikam", domain="fabrikam.example")
    assert flow.refused(form, segment="fabrikam.example").code == 70000
    for nonsense in ("x", token[:-1], token.replace("1.", "2.", 1)):
        refusal = flow.refused({**form, "refresh_token": nonsense})
        assert (refusal.code, refusal.suberror) == (70000, "bad_token")
