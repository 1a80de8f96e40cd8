"""Guests sign in at home, and have a separate account and role in each tenant that invites them."""

from __future__ import annotations

import base64

import jwt
import msgspec
import pyotp
import pytest

from opencasb.api.login.routes import authorization_server
from opencasb.identity.errors import OAuthError, Unauthenticated
from opencasb.identity.passwords import hash_password
from opencasb.identity.refusals import InvalidValue
from opencasb.identity.second_factor import STEP
from opencasb.model.delegation import ScopeRequest
from opencasb.model.permissions import MDCA
from opencasb.model.registration import RequestedPermission
from opencasb.model.roles import Role
from opencasb.model.tenant import Tenant
from opencasb.model.user import User
from tests.api.login.browser import Browser, answer_of
from tests.identity.flows import PASSWORD, SCOPE, Flow
from tests.identity.standin import HandClock, StandIn

NAME = "pat@provider.example"
CONTOSO, PROVIDER = "/contoso.example/oauth2/v2.0/authorize", "/provider.example/oauth2/v2.0/authorize"


@pytest.fixture
def provider(casb: StandIn) -> Tenant:
    """Create the tenant of a service provider."""
    return casb.tenants.create("Provider", domain="provider.example")


@pytest.fixture
def pat(casb: StandIn, provider: Tenant) -> User:
    """Create an employee of the provider."""
    digest = hash_password(PASSWORD)
    return casb.users.create(provider.tenant_id, NAME, Role.GLOBAL_READER, display_name="Pat", password_hash=digest)


@pytest.fixture
def guest(casb: StandIn, flow: Flow, pat: User) -> User:
    """Invite them to the customer's tenant."""
    return casb.users.invite(flow.tenant.tenant_id, pat, Role.SECURITY_READER)


@pytest.fixture
def browser(casb: StandIn) -> Browser:
    """Open a browser."""
    return Browser(authorization_server(casb.identity, casb.clock))


def sign_in(browser: Browser, flow: Flow, name: str = NAME) -> str:
    """Sign in on the way to the customer's application; return the resulting code."""
    page = browser.get(CONTOSO, **flow.asked())
    answer = browser.fill_in(page, username=name, password=PASSWORD)
    assert answer.status_code == 303, answer.text
    return answer_of(browser.get(answer.headers["location"]))["code"]


def test_a_guest_signs_in_with_the_password_of_home(
    browser: Browser, flow: Flow, guest: User, pat: User, provider: Tenant
) -> None:
    """The token is the customer's, for the guest, and names the home tenant; libraries see the home account."""
    body = flow.redeem(sign_in(browser, flow), client_info="1")
    claims = jwt.decode(body["access_token"], options={"verify_signature": False})
    assert (claims["tid"], claims["oid"]) == (flow.tenant.guid, guest.user_id)
    assert claims["idp"] == flow.casb.identity.tokens.issuer(provider.guid)
    assert jwt.decode(body["id_token"], options={"verify_signature": False})["idp"] == claims["idp"]
    padded = body["client_info"] + "=" * (-len(body["client_info"]) % 4)
    assert msgspec.json.decode(base64.urlsafe_b64decode(padded)) == {"uid": pat.user_id, "utid": provider.guid}
    principal = flow.casb.identity.access.authenticate(f"Bearer {body['access_token']}", "mdca")
    assert (principal.tenant_id, principal.role) == (flow.tenant.tenant_id, Role.SECURITY_READER)


def test_who_is_at_home_has_no_such_claim(browser: Browser, flow: Flow, guest: User) -> None:
    """Guests do not affect other users either."""
    del guest
    body = flow.redeem(sign_in(browser, flow, flow.user.upn))
    assert "idp" not in jwt.decode(body["access_token"], options={"verify_signature": False})


def test_a_session_at_home_is_enough(browser: Browser, flow: Flow, guest: User) -> None:
    """A user signed in at home need not sign in again as a guest."""
    page = browser.get("/provider.example/login", going_to="/portal/")
    assert browser.fill_in(page, username=NAME, password=PASSWORD).status_code == 303
    answer = browser.get(CONTOSO, **flow.asked())
    assert flow.casb.identity.authorization_codes.find(answer_of(answer)["code"])[1].user_id == guest.user_id


def test_a_guest_may_let_applications_in(casb: StandIn, browser: Browser, flow: Flow, guest: User) -> None:
    """As the customer's administrator, through a link to the customer's tenant."""
    casb.users.set_role(guest.tenant_id, guest.user_id, Role.GLOBAL_ADMINISTRATOR)
    wanted = [RequestedPermission("mdca", "application", "investigation.read")]
    casb.identity.registrations.add_requested(flow.application, wanted, by="test")
    page = browser.get("/contoso.example/adminconsent", client_id=flow.application.client_id)
    page = browser.get(browser.fill_in(page, username=NAME, password=PASSWORD).headers["location"])
    assert "Consent granted" in browser.fill_in(page, decision="accept").text
    known = casb.identity.applications.get(flow.tenant.tenant_id, flow.application.client_id)
    assert known is not None
    assert [each.name for each in known.permissions] == ["investigation.read"]


def test_a_stranger_stays_outside(browser: Browser, flow: Flow, pat: User) -> None:
    """An uninvited user is asked to use another account, and told why only after the right password."""
    page = browser.get("/provider.example/login", going_to="/portal/")
    browser.fill_in(page, username=pat.upn, password=PASSWORD)
    page = browser.get(CONTOSO, **flow.asked())
    assert page.status_code == 200
    answer = browser.fill_in(page, username=pat.upn, password="wrong")
    assert (answer.status_code, "name or the password is wrong" in answer.text) == (200, True)
    answer = browser.fill_in(page, username=pat.upn, password=PASSWORD)
    assert (answer.status_code, "AADSTS50020" in answer.text) == (400, True)


def test_the_second_factor_is_that_of_home(browser: Browser, flow: Flow, guest: User, pat: User) -> None:
    """A customer cannot weaken the provider's requirement."""
    del guest
    factors, now = flow.casb.identity.second_factors, flow.casb.clock()
    totp = pyotp.parse_uri(factors.begin(pat))
    assert isinstance(totp, pyotp.TOTP)
    assert factors.confirm(pat, totp.generate_otp(now // STEP), by="test")
    page = browser.get(CONTOSO, **flow.asked())
    answer = browser.fill_in(page, username=NAME, password=PASSWORD)
    assert 'name="code"' in answer.text


@pytest.mark.parametrize("shut_out", ["here", "at home"])
def test_who_is_shut_out_is_out_at_once(
    browser: Browser, flow: Flow, guest: User, pat: User, hand: HandClock, shut_out: str
) -> None:
    """By the customer or the provider: session, tokens and API tokens end."""
    casb, identity = flow.casb, flow.casb.identity
    body = flow.redeem(sign_in(browser, flow))
    key = identity.credentials.new_api_token(guest.tenant_id, guest.user_id, "script").value
    assert identity.access.authenticate(f"Token {key}", "mdca").permissions
    hand.now += 1000
    leaver = guest if shut_out == "here" else pat
    casb.users.deprovision(leaver.tenant_id, leaver.user_id, keep_one=False)
    with pytest.raises(Unauthenticated):
        identity.access.authenticate(f"Bearer {body['access_token']}", "mdca")
    assert not identity.access.authenticate(f"Token {key}", "mdca").permissions
    with pytest.raises(OAuthError):
        flow.refresh(body["refresh_token"])
    assert "password" in browser.get(CONTOSO, **flow.asked()).text


def test_a_new_password_at_home_ends_what_began_with_the_old_one(
    browser: Browser, flow: Flow, guest: User, pat: User, hand: HandClock
) -> None:
    """In every tenant."""
    body = flow.redeem(sign_in(browser, flow))
    hand.now += 1000
    flow.casb.users.set_password(pat.tenant_id, pat.user_id, hash_password("another one, long"))
    with pytest.raises(Unauthenticated):
        flow.casb.identity.access.authenticate(f"Bearer {body['access_token']}", "mdca")
    still = flow.casb.users.get(guest.tenant_id, guest.user_id)
    assert still is not None
    assert still.active


def test_a_guest_types_the_code_of_a_device(browser: Browser, flow: Flow, guest: User) -> None:
    """A device of the customer can be approved by the guest."""
    ask = ScopeRequest(version=2, scope=SCOPE)
    begun = flow.casb.identity.device_codes.issue(flow.tenant, flow.application.client_id, ask)
    browser.fill_in(browser.get("/devicelogin"), username=NAME, password=PASSWORD)
    page = browser.fill_in(browser.get("/devicelogin"), user_code=begun["user_code"])
    assert "Contoso" in page.text
    assert "go back to your device" in browser.fill_in(page, decision="accept").text
    device = flow.casb.identity.device_codes.approved(begun["device_code"], flow.application.client_id)
    assert device.user_id == guest.user_id


def test_passwords_of_guests_in_programs(flow: Flow, guest: User) -> None:
    """If a tenant allows the password grant, a guest uses the home password."""
    flow.casb.tenants.switch(flow.tenant.tenant_id, "password_grant", on=True)
    flow.casb.identity.applications.change(flow.tenant.tenant_id, flow.application.client_id, public_client=True)
    form = {"grant_type": "password", "username": NAME, "password": PASSWORD, "scope": f"{MDCA.app_id}/discovery.read"}
    assert flow.claims(flow.ask(form)["access_token"]).oid == guest.user_id


@pytest.mark.parametrize("name", ["ann@contoso.example", "nobody@provider.example", "pat", "", "x@elsewhere.example"])
def test_only_users_of_other_tenants_can_be_guests(flow: Flow, pat: User, name: str) -> None:
    """The error has the name, and nothing else about other tenants."""
    del pat
    with pytest.raises(InvalidValue, match="not a user of another tenant of this server; allowed: an active one"):
        flow.casb.identity.guests.at_home(flow.tenant.tenant_id, name)


def test_a_guest_is_no_guest_through_a_guest(casb: StandIn, flow: Flow, guest: User) -> None:
    """Only the home tenant vouches for a user."""
    third = casb.tenants.create("Third", domain="third.example")
    assert casb.identity.guests.within(third, guest, flow.signed_in) is None
    casb.users.deprovision(guest.tenant_id, guest.user_id, keep_one=False)
    chief = casb.users.create(flow.tenant.tenant_id, "chief@contoso.example", Role.GLOBAL_ADMINISTRATOR)
    access = casb.identity.admin_access
    access.change(chief, guest, active=True, by="test")
    casb.users.deprovision(guest.home_tenant_id or 0, guest.home_user_id or "", keep_one=False)
    gone = casb.users.get(guest.tenant_id, guest.user_id)
    assert gone is not None
    assert not gone.active
    with pytest.raises(InvalidValue, match="shut out of the tenant that they belong to"):
        access.change(chief, gone, active=True, by="test")


def test_a_guest_has_no_password_and_does_not_keep_a_tenant_alone(casb: StandIn, flow: Flow, pat: User) -> None:
    """The other tenant could deprovision the last administrator."""
    chief = casb.users.create(flow.tenant.tenant_id, "chief@contoso.example", Role.GLOBAL_ADMINISTRATOR)
    access = casb.identity.admin_access
    guest = access.invite(chief, pat.upn, Role.GLOBAL_ADMINISTRATOR, by=chief.upn)
    with pytest.raises(InvalidValue, match="signs in at home"):
        access.change(chief, guest, password="long enough", by=chief.upn)
    with pytest.raises(InvalidValue, match="the last one with full access"):
        access.change(guest, chief, active=False, by=guest.upn)
    with pytest.raises(InvalidValue, match="exists"):
        access.invite(chief, pat.upn, Role.GLOBAL_READER, by=chief.upn)
    access.change(chief, guest, active=False, by=chief.upn)
