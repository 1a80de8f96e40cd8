"""Known attacks on authorization servers (RFC 9700) fail (identity §12)."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

import jwt
import pytest
from starlette.types import ASGIApp

from opencasb.identity import assertions, sign_in
from opencasb.identity.errors import Unauthenticated
from opencasb.identity.passwords import verify_password
from opencasb.model.permissions import MDCA
from opencasb.model.roles import Role
from opencasb.portal.page import BROWSER_COOKIE, SESSION_COOKIE, form_token
from tests.api.login.browser import Browser, answer_of, form_of
from tests.identity.flows import PASSWORD, REDIRECT, SCOPE, Flow
from tests.identity.standin import PUBLIC_URL, StandIn
from tests.wire import send

V2, V1 = "/contoso.example/oauth2/v2.0/authorize", "/contoso.example/oauth2/authorize"
TOKEN = "/contoso.example/oauth2/v2.0/token"
LOOPBACK = "http://localhost/back"


@pytest.fixture
def flow(casb: StandIn, flow: Flow) -> Flow:
    """Return a web application with admin consent, and a user; also a native program."""
    casb.identity.registrations.add_redirect(flow.application, "publicClient", LOOPBACK, by="test")
    return flow


def signed_in(browser: Browser, flow: Flow) -> Browser:
    """Sign in the user."""
    page = browser.get(V2, **flow.asked())
    assert browser.fill_in(page, username=flow.user.upn, password=PASSWORD).status_code == 303
    return browser


@pytest.mark.parametrize("address", [V1, V2])
@pytest.mark.parametrize(
    "redirect",
    [
        "https://app.example",
        "https://app.example/",
        "https://app.example/callback/",
        "https://app.example/callback?x=1",
        "https://app.example/callback#x",
        "https://app.example/callback/../evil",
        "https://app.example/callback%2f..%2fevil",
        "https://app.example/Callback",
        "https://APP.example/callback",
        "https://app.example:443/callback",
        "https://app.example:8443/callback",
        "https://app.example./callback",
        "https://app.example.evil.example/callback",
        "https://evil.app.example/callback",
        "https://app.example@evil.example/callback",
        "https://evil.example/https://app.example/callback",
        "https://evil.example?https://app.example/callback",
        "https://evil.example#https://app.example/callback",
        "https://evil.example\\@app.example/callback",
        "https://app.example\\.evil.example/callback",
        "https://app.example%00.evil.example/callback",
        "https://app.example\r\nLocation: https://evil.example/callback",
        " https://app.example/callback",
        "https://app.example/callback ",
        "https://app.example/callback\t",
        "http://app.example/callback",
        "//app.example/callback",
        "/callback",
        "javascript:alert(1)//https://app.example/callback",
        "data:text/html,<script>alert(1)</script>",
        "myapp://callback",
        "https://\uff41pp.example/callback",
        "http://localhost/",
        "http://localhost/back/",
        "http://localhost/Back",
        "http://localhost/back?x",
        "http://localhost:99999999/back",
        "http://localhost:80x/back",
        "http://localhost@evil.example/back",
        "http://localhost:80@evil.example/back",
        "http://localhost.evil.example/back",
        "http://127.0.0.1/back",
        "http://127.0.0.1.evil.example/back",
        "http://[::1]/back",
        "http://LOCALHOST/back",
        "https://localhost/back",
    ],
)
def test_no_variation_of_a_redirect_is_one(browser: Browser, flow: Flow, address: str, redirect: str) -> None:
    """The comparison is exact, and there is no redirect: the error is shown on a page (rows 1 and 19)."""
    page = browser.get(address, **flow.asked(redirect_uri=redirect))
    assert (page.status_code, page.headers.get("location")) == (400, None)
    assert "AADSTS50011" in page.text or "AADSTS90013" in page.text
    assert "<script>alert" not in page.text


@pytest.mark.parametrize("port", ["", ":1", ":49152", ":65535"])
def test_only_the_port_of_this_machine_is_free(browser: Browser, flow: Flow, port: str) -> None:
    """RFC 8252 §7.3."""
    redirect = f"http://localhost{port}/back"
    answer = signed_in(browser, flow).get(V2, **flow.asked(redirect_uri=redirect))
    assert answer.headers["location"].startswith(f"{redirect}?")


@pytest.mark.parametrize(
    "kind",
    ["token", "id_token", "code token", "code id_token", "id_token token", "code id_token token", "none", "CODE"],
)
@pytest.mark.parametrize("mode", ["", "fragment", "form_post"])
def test_no_token_comes_through_the_front_channel(browser: Browser, flow: Flow, kind: str, mode: str) -> None:
    """Neither the implicit grant nor a hybrid flow is offered (row 3)."""
    answer = signed_in(browser, flow).get(V2, **flow.asked(response_type=kind, response_mode=mode))
    brought = form_of(answer)[1] if mode == "form_post" else answer_of(answer)
    assert brought["error"] == "unsupported_response_type"
    assert "AADSTS700054" in brought["error_description"]
    assert not {"access_token", "id_token", "code"} & set(brought)


def test_tokens_do_not_stay_in_addresses(browser: Browser, flow: Flow) -> None:
    """An unknown response mode is rejected, at the redirect in the default mode."""
    answer = answer_of(signed_in(browser, flow).get(V2, **flow.asked(response_mode="web_message")))
    assert (answer["error"], "AADSTS70007" in answer["error_description"]) == ("invalid_request", True)


@pytest.mark.parametrize(
    "downgraded",
    [
        {"code_challenge": "", "code_challenge_method": ""},
        {"code_challenge": "", "code_challenge_method": "S256"},
        {"code_challenge_method": ""},
        {"code_challenge_method": "plain"},
        {"code_challenge_method": "s256"},
        {"code_challenge": "short"},
    ],
)
def test_a_program_cannot_do_without_its_proof_key(browser: Browser, flow: Flow, downgraded: dict[str, str]) -> None:
    """A local eavesdropper could redeem the code (row 2)."""
    wrong = flow.asked(redirect_uri=LOOPBACK, **downgraded)
    answer = answer_of(signed_in(browser, flow).get(V2, **wrong))
    assert answer["error"] == "invalid_request"
    assert "code" not in answer


def test_a_stolen_code_without_its_verifier_is_worth_nothing(browser: Browser, app: ASGIApp, flow: Flow) -> None:
    """Even with the secret; nor is another proof key accepted, or one for a code without any."""
    stolen = answer_of(signed_in(browser, flow).get(V2, **flow.asked()))["code"]
    form = {**flow.client, "grant_type": "authorization_code", "redirect_uri": REDIRECT}
    bare = answer_of(browser.get(V2, **flow.asked(code_challenge="", code_challenge_method="")))["code"]
    for code, verifier in ((stolen, {}), (stolen, {"code_verifier": "v" * 43}), (bare, {"code_verifier": "v" * 43})):
        answer = send(app, "POST", TOKEN, data={**form, "code": code, **verifier})
        assert answer.json()["error_codes"] == [501481]
    assert send(app, "POST", TOKEN, data={**form, "code": bare}).status_code == 200
    assert send(app, "POST", TOKEN, data={**form, "code": stolen, "code_verifier": flow.verifier}).status_code == 200


@pytest.mark.parametrize("change", [{}, {"prompt": "none", "scope": "openid User.Read"}, {"response_type": "token"}])
def test_every_answer_says_whose_it_is(browser: Browser, flow: Flow, change: dict[str, str]) -> None:
    """Errors, too: a client of several servers cannot be made to send a code to the wrong one (row 7, RFC 9207)."""
    answer = answer_of(signed_in(browser, flow).get(V2, **flow.asked(**change)))
    assert answer["iss"] == f"{PUBLIC_URL}/{flow.tenant.guid}/v2.0"


def test_a_code_brought_to_another_tenant_is_refused(casb: StandIn, browser: Browser, app: ASGIApp, flow: Flow) -> None:
    """Even if it has the same application; the code is not used up by this."""
    other = casb.tenants.create("Fabrikam", domain="fabrikam.example")
    code = answer_of(signed_in(browser, flow).get(V2, **flow.asked()))["code"]
    form = {**flow.client, "grant_type": "authorization_code", "redirect_uri": REDIRECT, "code": code}
    form["code_verifier"] = flow.verifier
    answer = send(app, "POST", f"/{other.guid}/oauth2/v2.0/token", data=form)
    assert answer.json()["error_codes"] == [700005]
    assert send(app, "POST", TOKEN, data=form).status_code == 200


def test_an_account_of_another_tenant_is_told_so(casb: StandIn, browser: Browser, flow: Flow) -> None:
    """On the page, where another account can be chosen."""
    other = casb.tenants.create("Fabrikam", domain="fabrikam.example")
    hashed = casb.users.password_hash(flow.tenant.tenant_id, flow.user.user_id)
    casb.users.create(other.tenant_id, "eve@fabrikam.example", Role.GLOBAL_ADMINISTRATOR, password_hash=hashed)
    page = browser.get("/organizations/login", going_to="/portal/")
    assert browser.fill_in(page, username="eve@fabrikam.example", password=PASSWORD).status_code == 303
    again = browser.get(V2, **flow.asked())
    assert (again.status_code, "Password" in again.text) == (200, True)
    token = form_token(casb.identity.pepper, browser.cookies[SESSION_COOKIE])
    form = {"decision": "accept", "form_token": token, "continue": f"{V2}?{urlencode(flow.asked())}"}
    refused = browser.post("/contoso.example/oauth2/v2.0/consent", form)
    assert (refused.status_code, "AADSTS50020" in refused.text) == (400, True)


FORMS = [
    *(f"/contoso.example/oauth2{version}/consent" for version in ("", "/v2.0")),
    *("/contoso.example/login", "/contoso.example/login/code", "/common/oauth2/deviceauth", "/devicelogin"),
    *("/contoso.example/adminconsent", "/contoso.example/v2.0/adminconsent"),
]


@pytest.mark.parametrize("address", FORMS)
def test_another_sites_form_does_nothing(browser: Browser, flow: Flow, address: str) -> None:
    """Every form has a token that only our pages in the same browser have (row 9)."""
    signed_in(browser, flow)
    query = "client_id=" + flow.application.client_id
    forged = {"username": flow.user.upn, "password": PASSWORD, "going_to": "/portal/", "user_code": "BCDFGHJKL"}
    forged |= {"decision": "accept", "continue": f"{V2}?{query}", "ticket": "x", "code": "000000"}
    for token in ("", "0" * 64):
        answer = browser.post(address, {**forged, "form_token": token})
        assert (answer.status_code, "AADSTS90013" in answer.text) == (400, True)


@pytest.mark.parametrize(
    "address",
    [
        *(V2, V1, "/contoso.example/login?going_to=/portal/", "/common/oauth2/deviceauth", "/devicelogin", "/error"),
        *("/contoso.example/oauth2/logout", "/contoso.example/oauth2/nativeclient", "/contoso.example/adminconsent"),
    ],
)
@pytest.mark.parametrize("known", [True, False])
def test_no_page_can_be_framed_or_kept(browser: Browser, flow: Flow, address: str, known: bool) -> None:
    """Nor does its address leak, whether or not someone is signed in (rows 9 and 17)."""
    if known:
        signed_in(browser, flow)
    params = flow.asked(prompt="consent") if "authorize" in address or "adminconsent" in address else {}
    headers = browser.get(address, **params).headers
    assert headers["content-type"] == "text/html; charset=utf-8"
    assert "frame-ancestors 'none'" in headers["content-security-policy"]
    assert headers["x-frame-options"] == "DENY"
    assert headers["referrer-policy"] == "no-referrer"
    assert "no-store" in headers["cache-control"]


def test_a_session_is_new_with_every_sign_in(browser: Browser, flow: Flow) -> None:
    """A cookie planted before is never the session (session fixation)."""
    page = browser.get(V2, **flow.asked())
    planted = browser.cookies[BROWSER_COOKIE]
    browser.cookies[SESSION_COOKIE] = "1.1." + "A" * 43
    page = browser.get(V2, **flow.asked())
    browser.fill_in(page, username=flow.user.upn, password=PASSWORD)
    first = browser.cookies[SESSION_COOKIE]
    assert first not in {planted, "1.1." + "A" * 43}
    browser.fill_in(browser.get(V2, **flow.asked(prompt="login")), username=flow.user.upn, password=PASSWORD)
    assert browser.cookies[SESSION_COOKIE] != first


def test_nobody_learns_who_has_an_account(
    casb: StandIn, app: ASGIApp, flow: Flow, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One password comparison and the same response, whatever is wrong with the name (row 11)."""
    casb.tenants.switch(flow.tenant.tenant_id, "password_grant", on=True)
    casb.identity.applications.change(flow.tenant.tenant_id, flow.application.client_id, public_client=True)
    number = flow.tenant.tenant_id
    casb.users.create(number, "bare@contoso.example", Role.SECURITY_READER)
    gone = casb.users.create(number, "gone@contoso.example", Role.SECURITY_READER, password_hash="$argon2id$broken")
    casb.users.deprovision(number, gone.user_id, keep_one=False)
    compared: list[str | None] = []

    def counted(given: str, stored: str | None) -> bool:
        compared.append(stored)
        return verify_password(given, stored)

    monkeypatch.setattr(sign_in, "verify_password", counted)
    form = {"grant_type": "password", "client_id": flow.application.client_id, "password": "wrong", "scope": SCOPE}
    answers = []
    for name in ("ann@contoso.example", "nobody@contoso.example", "bare@contoso.example", "gone@contoso.example"):
        before = len(compared)
        answer = send(app, "POST", TOKEN, data={**form, "username": name})
        answers.append((answer.status_code, answer.json()["error_description"].partition(" Trace")[0]))
        assert len(compared) == before + 1
    assert set(answers) == {(400, "AADSTS50126: The user name or the password is wrong.")}
    realms = [send(app, "GET", f"/common/userrealm/{name}").json() for name in (flow.user.upn, "no@contoso.example")]
    assert realms[0] == realms[1]


def test_no_credential_passes_for_another(casb: StandIn, browser: Browser, app: ASGIApp, flow: Flow) -> None:
    """An ID token is not accepted as an access token, nor as an assertion, and so on (row 12, RFC 8725)."""
    signed_in(browser, flow)
    tokens = flow.redeem(answer_of(browser.get(V2, **flow.asked()))["code"])
    code = answer_of(browser.get(V2, **flow.asked()))["code"]
    session = browser.cookies[SESSION_COOKIE]
    for other in (tokens["id_token"], tokens["refresh_token"], code, session, flow.secret):
        for audience in ("mdca", "graph"):
            for scheme in ("Bearer", "Token"):
                with pytest.raises(Unauthenticated):
                    casb.identity.access.authenticate(f"{scheme} {other}", audience)
    for grant, field, given in (
        ("refresh_token", "refresh_token", (code, session, tokens["access_token"], tokens["id_token"])),
        ("authorization_code", "code", (tokens["refresh_token"], session, tokens["access_token"])),
        ("device_code", "device_code", (code, tokens["refresh_token"], session)),
    ):
        for value in given:
            form = {**flow.client, "grant_type": grant, field: value, "redirect_uri": REDIRECT}
            answer = send(app, "POST", TOKEN, data=form)
            assert (answer.status_code, "access_token" in answer.json()) == (400, False)
    for value in (tokens["access_token"], tokens["id_token"]):
        form = {"grant_type": "client_credentials", "scope": f"{MDCA.app_id}/.default", "client_assertion": value}
        answer = send(app, "POST", TOKEN, data={**form, "client_assertion_type": assertions.TYPE})
        assert (answer.status_code, answer.json()["error"]) == (401, "invalid_client")


def test_no_secret_is_written_down(casb: StandIn, browser: Browser, app: ASGIApp, flow: Flow) -> None:
    """Neither the audit log nor the database has one in clear (row 14)."""
    signed_in(browser, flow)
    code = answer_of(browser.get(V2, **flow.asked()))["code"]
    tokens = flow.redeem(code)
    send(
        app, "POST", TOKEN, data={**flow.client, "client_secret": "a-wrong-secret", "grant_type": "client_credentials"}
    )
    browser.fill_in(browser.get(V2, **flow.asked(prompt="login")), username=flow.user.upn, password="a-wrong-password")
    casb.database.close()
    kept = b"".join(path.read_bytes() for path in casb.data.parent.glob("casb.sqlite3*"))
    secrets: list[Any] = [code, *tokens.values(), browser.cookies[SESSION_COOKIE], flow.secret, PASSWORD]
    for secret in (*secrets, "a-wrong-secret", "a-wrong-password"):
        if isinstance(secret, str) and secret not in {"Bearer", SCOPE, tokens["scope"]}:
            assert secret.encode() not in kept


def test_a_v1_request_for_an_api_that_was_not_configured_is_refused(browser: Browser, flow: Flow) -> None:
    """The redirect has the error number."""
    v1 = flow.asked(scope="", resource="https://graph.microsoft.com")
    assert "AADSTS650057" in answer_of(signed_in(browser, flow).get(V1, **v1))["error_description"]


def test_the_signature_of_an_id_token_is_checked_by_its_key(browser: Browser, flow: Flow) -> None:
    """It is bound to this client, request and access token."""
    tokens = flow.redeem(answer_of(signed_in(browser, flow).get(V2, **flow.asked()))["code"])
    [key] = [
        jwt.PyJWK(each)
        for each in flow.casb.identity.documents_at("").keys(flow.tenant.guid, 2)["keys"]
        if each["kid"] == jwt.get_unverified_header(tokens["id_token"])["kid"]
    ]
    checks: Any = {"verify_exp": False, "verify_iat": False, "verify_nbf": False}  # the clock is fixed
    claims = jwt.decode(tokens["id_token"], key, ["RS256"], audience=flow.application.client_id, options=checks)
    assert (claims["nonce"], claims["iss"]) == ("n-1", f"{PUBLIC_URL}/{flow.tenant.guid}/v2.0")
    assert {"at_hash", "sub", "oid"} <= set(claims)
