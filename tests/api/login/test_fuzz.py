"""Any input to any address of the authorization server: no server error, no sign-in, no foreign redirect."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import quote, urlencode

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from starlette.types import ASGIApp

from opencasb.api.login.routes import authorization_server
from opencasb.model.permissions import MDCA
from opencasb.portal.page import BROWSER_COOKIE, SESSION_COOKIE, form_token
from tests.identity.flows import REDIRECT, SCOPE, Flow, begin, challenge_of
from tests.identity.standin import HandClock, open_standin
from tests.wire import FORM, Answer, answer_in, exchange, with_body

TENANT = "knights.example"
PAGES = [
    *(f"oauth2{version}/{name}" for version in ("", "/v2.0") for name in ("authorize", "consent", "logout")),
    *("adminconsent", "v2.0/adminconsent", "login", "login/code", "oauth2/deviceauth", "oauth2/nativeclient"),
]
PROGRAMS = [
    *(f"oauth2{version}/{name}" for version in ("", "/v2.0") for name in ("token", "devicecode")),
    *(f"discovery{version}/keys" for version in ("", "/v2.0")),
    *(f"{version}.well-known/openid-configuration" for version in ("", "v2.0/")),
    *("userrealm/ann@knights.example", "discovery/instance"),
]
OUR_WAYS = re.compile(rf"{re.escape(REDIRECT)}([?#]|\Z)|/[A-Za-z0-9]")
"""Allowed redirects: to the one registered address, or within this server."""


@dataclass
class Server:
    """The application under test, a registered application with a user, and a signed-in browser."""

    app: ASGIApp
    flow: Flow
    session: str


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server with one application and one signed-in user."""
    with open_standin(tmp_path_factory.mktemp("fuzz"), HandClock()) as casb:
        flow = begin(casb, casb.tenants.create("Knights", domain=TENANT))
        session = casb.identity.sessions.open(flow.user, ("pwd",), "192.0.2.1")
        yield Server(authorization_server(casb.identity, casb.clock), flow, session)


def ask(app: ASGIApp, method: str, path: str, query: str, headers: dict[str, str], body: bytes) -> Answer:
    """Send a form."""
    kind = {"host": "localhost:8443", "content-type": FORM}
    sent = exchange(app, method, path, query, headers=kind | headers, receive=with_body(body))
    return answer_in(asyncio.run(sent))


WORDS = {
    "client_id": ["CLIENT"],
    "redirect_uri": [REDIRECT, "https://evil.example/", REDIRECT + "@evil.example", "http://[", "//evil.example"],
    "response_type": ["code", "token", "id_token", "code id_token"],
    "response_mode": ["query", "fragment", "form_post"],
    "scope": [SCOPE, f"{MDCA.app_id}/.default", "openid", f"{MDCA.app_id}/settings.manage"],
    "resource": [MDCA.app_id],
    "state": ["s"],
    "nonce": ["n"],
    "prompt": ["none", "login", "consent", "select_account", "admin_consent"],
    "code_challenge": [challenge_of("v" * 43)],
    "code_challenge_method": ["S256", "plain"],
    "going_to": ["/common/x?redirect_uri=https%3A%2F%2Fx%3B%20frame-ancestors%20%2A", "/x?€", "//evil.example"],
    "continue": ["//[", "/x?client_id=CLIENT"],
    "decision": ["accept", "decline"],
    "user_code": ["BCDFGHJKL"],
    "post_logout_redirect_uri": [REDIRECT, "https://evil.example/"],
    "username": ["ann@contoso.example", f"root@{TENANT}"],
    "password": ["wrong"],
    "grant_type": ["client_credentials", "authorization_code", "refresh_token", "device_code", "password"],
    "code": [f"1.NUMBER.{'A' * 43}", f"1.ffffffff.{'A' * 43}"],
    "refresh_token": [f"1.NUMBER.{'A' * 43}"],
    "device_code": [f"1.0.{'A' * 43}"],
    "client_secret": ["wrong"],
    "client_assertion": ["e30.e30.x"],
    "authorization_endpoint": ["https://localhost/x", "https://["],
    "ticket": ["x"],
}
"""Valid and invalid values for each parameter."""
TEXT = st.text(max_size=20) | st.sampled_from(["\0", "\u212a", "\r\nset-cookie: x=1", "%00", "'\"><script>", "\ud7ff"])
CHOICE = st.one_of(st.integers(0, 5), TEXT)
"""A number selects one of the values."""
FIELDS = st.dictionaries(st.sampled_from(list(WORDS)), CHOICE, max_size=12)
SEGMENTS = st.sampled_from(
    [TENANT, "common", "organizations", "Knights.Example", "\u212anights.example", "x", "", "\0"]
)


def filled(flow: Flow, fields: dict[str, int | str]) -> dict[str, str]:
    """Return the fields with the selected values."""
    chosen = {n: WORDS[n][each % len(WORDS[n])] if isinstance(each, int) else each for n, each in fields.items()}
    number = f"{flow.tenant.tenant_id:x}"
    own = {"CLIENT": flow.application.client_id, "NUMBER": number}
    return {name: re.sub("CLIENT|NUMBER", lambda found: own[found[0]], text) for name, text in chosen.items()}


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=200)
@given(
    method=st.sampled_from(["GET", "POST"]),
    segment=SEGMENTS,
    path=st.sampled_from(PAGES),
    fields=FIELDS,
    signed_in=st.booleans(),
)
def test_pages_let_nobody_in_and_send_nobody_away(
    server: Server, method: str, segment: str, path: str, fields: dict[str, int | str], signed_in: bool
) -> None:
    """Even with the right form token, and for a signed-in user."""
    form = filled(server.flow, fields)
    cookie = server.session if signed_in else "browser"
    name = SESSION_COOKIE if signed_in else BROWSER_COOKIE
    token = form_token(server.flow.casb.identity.pepper, cookie)
    query, body = (urlencode(form), "") if method == "GET" else ("", urlencode({**form, "form_token": token}))
    headers = {"cookie": f"{name}={cookie}"}
    answer = ask(server.app, method, f"/{quote(segment)}/{path}", query, headers, body.encode())
    assert answer.status in {200, 303, 400, 404, 405, 429}, answer
    assert OUR_WAYS.match(answer.headers.get("location", REDIRECT)), answer
    assert not re.match(f"{SESSION_COOKIE}=[^;]", answer.headers.get("set-cookie", "")), answer
    if "text/html" in answer.headers.get("content-type", ""):
        policy = answer.headers["content-security-policy"]
        assert policy.count("frame-ancestors") == 1
        assert "<script>" not in answer.content.decode()


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=150)
@given(
    method=st.sampled_from(["GET", "POST"]),
    segment=SEGMENTS,
    path=st.sampled_from(PROGRAMS),
    fields=FIELDS,
    raw=st.binary(max_size=30),
    header=st.binary(max_size=30).map(lambda each: re.sub(r"[\r\n\0]", "", each.decode("latin-1"))),
)
def test_programs_get_a_number_and_no_token(
    server: Server, method: str, segment: str, path: str, fields: dict[str, int | str], raw: bytes, header: str
) -> None:
    """Any form with any suffix, and any headers."""
    form = urlencode(filled(server.flow, fields))
    headers = dict.fromkeys(("authorization", "origin", "cookie", "client-request-id"), header)
    answer = ask(server.app, method, f"/{quote(segment)}/{path}", form, headers, form.encode() + raw)
    assert answer.status in {200, 400, 401, 404, 405, 429}, answer
    assert b"access_token" not in answer.content
    assert answer.headers["content-type"] == "application/json; charset=utf-8"
