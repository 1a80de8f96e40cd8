"""Authorization codes at the token endpoint."""

from __future__ import annotations

import base64
import json

import jwt
import pytest

from opencasb.identity.authorization_codes import LIFETIME
from opencasb.identity.errors import OAuthError, Unauthenticated
from opencasb.model.delegation import ScopeRequest
from opencasb.model.permissions import GRAPH, MDCA
from opencasb.model.tenant import Tenant
from tests.identity.flows import REDIRECT, SCOPE, Flow, begin, challenge_of
from tests.identity.standin import HandClock, StandIn


def test_a_code_brings_every_token_that_was_asked_for(flow: Flow) -> None:
    """Access, ID and refresh token, MSAL's account key, and the scopes in the client's spelling."""
    body = flow.redeem(flow.code(), client_info="1")
    claims = flow.claims(body["access_token"])
    assert (claims.scp, claims.oid, claims.tid) == ("discovery.read", flow.user.user_id, flow.tenant.guid)
    assert set(body["scope"].split()) == set(SCOPE.split())
    assert body["token_type"] == "Bearer"
    info = json.loads(base64.urlsafe_b64decode(body["client_info"] + "=="))
    assert info == {"uid": flow.user.user_id, "utid": flow.tenant.guid}
    assert body["refresh_token"] != body["access_token"]


def test_the_id_token_tells_who_signed_in(flow: Flow) -> None:
    """Its audience is the client, its nonce that of the request, its subject specific to the client."""
    body = flow.redeem(flow.code(scope="openid profile email"))
    claims = jwt.decode(body["id_token"], options={"verify_signature": False})
    assert claims["aud"] == flow.application.client_id
    assert claims["iss"].endswith(f"/{flow.tenant.guid}/v2.0")
    assert (claims["nonce"], claims["ver"]) == ("n-1", "2.0")
    assert (claims["preferred_username"], claims["name"]) == ("ann@contoso.example", "Ann Other")
    assert claims["email"] == "ann@contoso.example"
    assert claims["sub"] != claims["oid"] == flow.user.user_id


def test_tokens_in_user_context_pass_the_api_as_their_user(flow: Flow) -> None:
    """They have the permissions of both the user's role and the consent."""
    token = flow.redeem(flow.code())["access_token"]
    principal = flow.casb.identity.access.authenticate(f"Bearer {token}", "mdca")
    assert principal.user_id == flow.user.user_id
    assert principal.permissions == {"discovery.read"}


def test_a_proof_key_may_be_plain_base64(flow: Flow) -> None:
    """As Debian's git-credential-oauth sends it: only its hash matters, as long as it is long enough to be secret."""
    verifier = "qcGtJLGN/Ee63ci4FSiyMSAmUx4s17uN4+/EhqhkxfA="
    code = flow.code(challenge=challenge_of(verifier))
    assert flow.redeem(code, code_verifier=verifier)["access_token"]


@pytest.mark.parametrize("given", ["http://localhost:8400", "http://localhost:8400/"])
def test_a_redirect_without_a_path_may_have_its_slash(flow: Flow, given: str) -> None:
    """As openid-client redeems: the browser came back to the address with the slash."""
    assert flow.redeem(flow.code(redirect_uri="http://localhost:8400"), redirect_uri=given)["access_token"]
    with pytest.raises(OAuthError, match="500112"):
        flow.redeem(flow.code(redirect_uri="http://localhost:8400"), redirect_uri="http://localhost:8401/")


def test_v1_answers_in_its_own_way(flow: Flow) -> None:
    """A resource instead of scopes, text instead of numbers, and always a refresh token and an ID token."""
    code = flow.code(scope_request=ScopeRequest(version=1, resource=MDCA.app_id))
    form = {
        "grant_type": "authorization_code",
        "code": code,
        "redirect_uri": REDIRECT,
        "code_verifier": flow.verifier,
        "resource": MDCA.app_id,
    }
    body = flow.ask(form, 1)
    assert body["expires_in"] == "3599"
    assert body["resource"] == MDCA.app_id
    assert body["refresh_token"]
    claims = jwt.decode(body["id_token"], options={"verify_signature": False})
    assert (claims["ver"], claims["upn"]) == ("1.0", "ann@contoso.example")
    assert flow.claims(body["access_token"]).scp == "discovery.read"


def test_v1_signs_in_without_a_resource(flow: Flow) -> None:
    """As by OpenID clients without resources; v1 ignores other scopes."""
    code = flow.code(scope_request=ScopeRequest(version=1, scope="openid profile user_impersonation"))
    form = {"grant_type": "authorization_code", "redirect_uri": REDIRECT, "code_verifier": flow.verifier}
    body = flow.ask({**form, "code": code}, 1)
    assert (body["resource"], body["scope"]) == (GRAPH.uri, "openid profile")
    assert jwt.decode(body["id_token"], options={"verify_signature": False})["nonce"] == "n-1"
    person = flow.casb.identity.access.user_of(f"Bearer {body['access_token']}")
    assert (person["email"], person["preferred_username"]) == ("ann@contoso.example", "ann@contoso.example")
    with pytest.raises(OAuthError, match="AADSTS900144"):
        flow.ask({**form, "code": flow.code(scope_request=ScopeRequest(version=1, scope="profile"))}, 1)


def test_v1_names_a_resource_that_is_not_configured(flow: Flow) -> None:
    """It may appear in the scope alone."""
    api = f"api://{GRAPH.app_id}"
    code = flow.code(scope_request=ScopeRequest(version=1, scope=f"{api}/User.Read"))
    form = {"grant_type": "authorization_code", "redirect_uri": REDIRECT, "code_verifier": flow.verifier}
    with pytest.raises(OAuthError, match=f"AADSTS650057.*'{api}'"):
        flow.ask({**form, "code": code}, 1)


def test_a_code_is_good_once_and_a_second_try_voids_what_it_brought(flow: Flow) -> None:
    """The replay gets 54005; the tokens from the first redemption stop working, here and at the token endpoint."""
    code = flow.code()
    body = flow.redeem(code)
    with pytest.raises(OAuthError, match="54005"):
        flow.redeem(code)
    with pytest.raises(Unauthenticated):
        flow.casb.identity.access.authenticate(f"Bearer {body['access_token']}", "mdca")
    assert flow.refused({"grant_type": "refresh_token", "refresh_token": body["refresh_token"]}).code == 50173


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"code": ""}, 900144),
        ({"code": "1.1.nonsense"}, 70000),
        ({"code": "0"}, 70000),
        ({"redirect_uri": ""}, 900144),
        ({"redirect_uri": REDIRECT + "/"}, 500112),
        ({"code_verifier": ""}, 501481),
        ({"code_verifier": "x" * 43}, 501481),
        ({"code_verifier": "short"}, 501481),
        ({"client_secret": ""}, 7000218),
        ({"client_secret": "wrong"}, 7000215),
        ({"scope": f"{MDCA.app_id}/settings.manage"}, 65001),
        ({"scope": f"{MDCA.app_id}/everything"}, 70011),
        ({"scope": f"{MDCA.app_id}/.default https://graph.microsoft.com/.default"}, 700022),
    ],
)
def test_each_mistake_has_its_code(flow: Flow, change: dict[str, str], code: int) -> None:
    """Anything that does not match the code is rejected."""
    form = {
        "grant_type": "authorization_code",
        "code": flow.code(),
        "redirect_uri": REDIRECT,
        "code_verifier": flow.verifier,
    }
    assert flow.refused({**form, **change}).code == code


@pytest.mark.parametrize(
    "grant", [{"grant_type": "authorization_code", "code": "0"}, {"grant_type": "refresh_token", "refresh_token": "0"}]
)
def test_what_is_wrong_with_the_client_comes_first(flow: Flow, grant: dict[str, str]) -> None:
    """An unknown application or wrong secret is reported before an invalid code or refresh token."""
    form = {**grant, "redirect_uri": REDIRECT}
    assert flow.refused({**form, "client_id": "00000000-0000-0000-0000-000000000000"}).code == 700016
    assert flow.refused({**form, "client_secret": "wrong"}).code == 7000215
    assert flow.refused({**form, "client_secret": ""}).code == 70000
    assert flow.refused(form).code == flow.refused(form, segment="common").code == 70000


def test_an_old_code_is_refused(flow: Flow, hand: HandClock) -> None:
    """It is valid for five minutes."""
    code = flow.code()
    hand.now += LIFETIME
    with pytest.raises(OAuthError, match="70008"):
        flow.redeem(code)


def test_a_code_belongs_to_its_client_and_tenant(casb: StandIn, flow: Flow) -> None:
    """It can be redeemed neither by another application nor at another tenant's address."""
    other, secret = casb.application(flow.tenant)
    code = flow.code()
    form = {"grant_type": "authorization_code", "code": code, "redirect_uri": REDIRECT, "code_verifier": flow.verifier}
    stolen = flow.refused({**form, "client_id": other.client_id, "client_secret": secret.value})
    assert stolen.code == 70000
    casb.tenants.create("Fabrikam", domain="fabrikam.example")
    assert flow.refused(form, segment="fabrikam.example").code == 700005
    assert flow.ask(form, segment="organizations")["access_token"]


def test_public_clients_prove_themselves_by_their_key_alone(native: Flow) -> None:
    """A secret is rejected; without a challenge no code is issued."""
    with pytest.raises(OAuthError, match="700025"):
        native.redeem(native.code(), client_secret=native.secret)
    assert native.redeem(native.code())["access_token"]
    with pytest.raises(OAuthError, match="50147"):
        native.code(challenge="", challenge_method="")


@pytest.mark.parametrize(
    "proof_key",
    [
        {"challenge": "x" * 43, "challenge_method": "plain"},
        {"challenge": "x" * 43, "challenge_method": ""},
        {"challenge": "x" * 42, "challenge_method": "S256"},
        {"challenge": "", "challenge_method": "S256"},
    ],
)
def test_only_s256_proof_keys_are_taken(flow: Flow, proof_key: dict[str, str]) -> None:
    """A plain challenge would be the secret itself."""
    with pytest.raises(OAuthError, match="50147"):
        flow.code(**proof_key)


def test_single_page_applications_ask_from_a_page(casb: StandIn, tenant: Tenant) -> None:
    """Their codes need an ``Origin``, and those of others must not have one."""
    spa = begin(casb, tenant, "spa")
    body = spa.redeem(spa.code())
    assert body["refresh_token"]
    spa.kind = "native"
    with pytest.raises(OAuthError, match="9002327"):
        spa.redeem(spa.code())


def test_a_web_applications_code_is_not_for_pages(flow: Flow) -> None:
    """A script with the code would need the secret, which no page has."""
    code = flow.code()
    flow.kind = "spa"
    with pytest.raises(OAuthError, match="9002326"):
        flow.redeem(code)


def test_users_who_lost_their_place_get_no_tokens(casb: StandIn, flow: Flow, hand: HandClock) -> None:
    """Deprovisioned between page and redemption, or not assigned although required (50105)."""
    code = flow.code()
    casb.identity.applications.change(flow.tenant.tenant_id, flow.application.client_id, assignment_required=True)
    with pytest.raises(OAuthError, match="50105"):
        flow.redeem(code)
    who = (flow.tenant.tenant_id, flow.application.client_id, flow.user.user_id)
    casb.identity.consents.grants.assign(*who, by="test")
    assert flow.redeem(flow.code())["access_token"]
    code = flow.code()
    casb.users.deprovision(flow.tenant.tenant_id, flow.user.user_id, keep_one=False)
    with pytest.raises(OAuthError, match="50173"):
        flow.redeem(code)
    hand.now += 1
    with pytest.raises(OAuthError, match="50057"):
        flow.redeem(flow.code())
