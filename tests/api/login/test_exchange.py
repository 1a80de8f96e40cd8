"""Headers, limits and error bodies."""

from __future__ import annotations

import asyncio
import base64
import json
import re
import threading
from pathlib import Path
from typing import Any
from urllib.parse import quote

import httpx
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from starlette.types import ASGIApp

from opencasb.api.login.routes import authorization_server
from opencasb.identity import sign_in
from opencasb.identity.forms import LARGEST
from opencasb.identity.grants.token_request import TokenRequest
from opencasb.identity.throttle import FAILURES_PER_MINUTE
from opencasb.model.permissions import MDCA
from opencasb.model.tenant import Tenant
from opencasb.portal.page import BROWSER_COOKIE, SESSION_COOKIE, form_token
from opencasb.store.database import Database
from tests.identity.flows import SCOPE, begin
from tests.identity.standin import HandClock, StandIn
from tests.wire import FORM, send

V1 = "/contoso.example/oauth2/token"
V2 = "/contoso.example/oauth2/v2.0/token"
GUID = "0d7bd2a4-1c35-4ba4-a5f7-2d84c4b4b9a5"
_GUID = r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}"


@pytest.mark.parametrize("change", [{}, {"client_secret": "wrong"}])
def test_token_answers_are_never_stored(app: ASGIApp, good: dict[str, str], change: dict[str, str]) -> None:
    """Success and error responses have the same protective headers and a request id."""
    headers = send(app, "POST", V2, data={**good, **change}).headers
    assert headers["content-type"] == "application/json; charset=utf-8"
    assert headers["cache-control"] == "no-store, no-cache"
    assert (headers["pragma"], headers["expires"]) == ("no-cache", "-1")
    assert headers["x-content-type-options"] == "nosniff"
    assert re.fullmatch(_GUID, headers["x-ms-request-id"])
    assert "access-control-allow-origin" not in headers


def test_the_request_id_of_a_client_comes_back(app: ASGIApp, good: dict[str, str]) -> None:
    """From a header or the query; it is in the response header and, if it is a GUID, is the correlation id."""
    wrong = {**good, "client_secret": "x"}
    for answer in (
        send(app, "POST", V2, data=wrong, headers={"client-request-id": GUID}),
        send(app, "POST", V2, data=wrong, params={"client-request-id": GUID}),
    ):
        assert answer.headers["client-request-id"] == GUID
        assert answer.json()["correlation_id"] == GUID
        assert answer.json()["trace_id"] == answer.headers["x-ms-request-id"] != GUID
        assert f"Correlation ID: {GUID}" in answer.json()["error_description"]
    odd = send(app, "POST", V2, data=wrong, headers={"client-request-id": "my-call"})
    assert odd.headers["client-request-id"] == "my-call"
    assert odd.json()["correlation_id"] == odd.json()["trace_id"]
    for unsafe in ("a\r\nset-cookie: x", "ü", "x" * 65, ""):
        answer = send(app, "POST", V2, data=good, params={"client-request-id": unsafe})
        assert answer.status_code == 200
        assert "client-request-id" not in answer.headers
        assert "set-cookie" not in answer.headers


def test_a_refusal_has_the_documented_body(app: ASGIApp, good: dict[str, str]) -> None:
    """It has the seven fields, and the description begins with the error number."""
    answer = send(app, "POST", V2, data={**good, "client_secret": "x"})
    body = answer.json()
    assert answer.status_code == 401
    assert set(body) == {
        "error",
        "error_description",
        "error_codes",
        "timestamp",
        "trace_id",
        "correlation_id",
    }
    assert body["error"] == "invalid_client"
    assert body["error_codes"] == [7000215]
    assert re.fullmatch(
        rf"AADSTS7000215: .+ Trace ID: {_GUID} Correlation ID: {_GUID} Timestamp: \d{{4}}-\d\d-\d\d \d\d:\d\d:\d\dZ",
        body["error_description"],
    )


def _basic(good: dict[str, str], secret: str | None = None) -> dict[str, str]:
    pair = f"{good['client_id']}:{good['client_secret'] if secret is None else secret}"
    return {"authorization": "Basic " + base64.b64encode(pair.encode()).decode()}


def test_basic_authentication_works_and_is_challenged(app: ASGIApp, good: dict[str, str]) -> None:
    """The secret may be in the header; if it is wrong, the response has a challenge."""
    form = {name: value for name, value in good.items() if not name.startswith("client_")}
    assert send(app, "POST", V2, data=form, headers=_basic(good)).status_code == 200
    wrong = send(app, "POST", V2, data=form, headers=_basic(good, "x"))
    assert (wrong.status_code, wrong.headers["www-authenticate"]) == (401, 'Basic realm="token"')
    assert "www-authenticate" not in send(app, "POST", V2, data={**good, "client_secret": "x"}).headers


@pytest.mark.parametrize(
    ("content_type", "content", "code"),
    [
        ("application/json", b'{"grant_type":"client_credentials"}', 9002313),
        ("multipart/form-data; boundary=x", b"--x--", 9002313),
        (FORM, b"", 900144),
        (FORM, b"%", 900144),
        (FORM, b"grant_type=%FF", 90013),
        (FORM, b"a=1&a=2", 90013),
        (FORM, b"x" * (LARGEST + 1), 90013),
        (FORM, b"x" * 5_000_000, 90013),
    ],
)
def test_a_body_that_is_no_form_is_refused(
    app: ASGIApp, tenant: Tenant, content_type: str, content: bytes, code: int
) -> None:
    """Any such request gets a 400 with a number, and a huge body is not read completely."""
    answer = send(app, "POST", V2, content=content, headers={"content-type": content_type})
    assert (answer.status_code, answer.json()["error_codes"]) == (400, [code])


def test_guessing_is_answered_429(app: ASGIApp, casb: StandIn, tenant: Tenant, good: dict[str, str]) -> None:
    """After too many wrong secrets the client gets the time to wait."""
    application, _ = casb.application(tenant)
    form = {**good, "client_id": application.client_id, "client_secret": "wrong"}
    statuses = [send(app, "POST", V2, data=form).status_code for _ in range(FAILURES_PER_MINUTE)]
    blocked = send(app, "POST", V2, data=form)
    assert set(statuses) == {401}
    assert (blocked.status_code, blocked.json()["error_codes"]) == (429, [90055])
    assert blocked.json()["error"] == "temporarily_unavailable"
    assert 1 <= int(blocked.headers["retry-after"]) <= 60
    assert send(app, "POST", V2, data=form, address="192.0.2.99").status_code == 401


_NAMES = st.sampled_from(
    ["grant_type", "client_id", "client_secret", "scope", "resource", "claims", "client_assertion", "x"]
)
_VALUES = st.one_of(
    st.text(), st.sampled_from(["client_credentials", f"{MDCA.app_id}/.default", MDCA.app_id, "common"])
)
_BODIES: st.SearchStrategy[dict[str, Any]] = st.one_of(
    st.builds(lambda content: {"content": content}, st.binary()),
    st.builds(lambda data: {"data": data}, st.dictionaries(_NAMES, _VALUES)),
)
_HEADER_TEXT = st.text(st.characters(min_codepoint=32, max_codepoint=255, exclude_characters="\x7f"))


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=150)
@given(
    body=_BODIES,
    authorization=_HEADER_TEXT,
    content_type=st.sampled_from([FORM, "", "x"]),
    path=st.sampled_from([V1, V2]),
)
def test_hostile_requests_are_refused_without_a_fault(
    app: ASGIApp, body: dict[str, Any], authorization: str, content_type: str, path: str
) -> None:
    """Any body with any headers: a 4xx with a number, never a token or a 5xx."""
    headers = {"authorization": authorization.strip().encode("latin-1"), "content-type": content_type.encode()}
    answer = send(app, "POST", path, headers=headers, address="198.51.100.1", **body)  # type: ignore[arg-type]  # bytes reach beyond ASCII
    assert 400 <= answer.status_code < 500
    assert answer.json()["error_codes"]
    assert "access_token" not in answer.json()


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=60)
@given(change=st.dictionaries(_NAMES, _VALUES, min_size=1), authorization=_HEADER_TEXT)
def test_a_good_request_changed_at_random_has_no_third_outcome(
    app: ASGIApp, good: dict[str, str], change: dict[str, str], authorization: str
) -> None:
    """Only the right id and secret get a token; everything else is a 4xx."""
    form = {**good, **change}
    headers = {"authorization": authorization.strip().encode("latin-1")}
    answer = send(app, "POST", V2, data=form, headers=headers, address="198.51.100.2")  # type: ignore[arg-type]  # as above
    if answer.status_code == 200:
        assert form["client_id"].strip().lower() == good["client_id"]
        assert form["client_secret"] == good["client_secret"]
    else:
        assert 400 <= answer.status_code < 500


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=60)
@given(segment=st.text(st.characters(exclude_categories=["Cs"])))
@example(segment="//")
def test_any_tenant_segment_is_answered(app: ASGIApp, segment: str) -> None:
    """Whatever the tenant segment, the response is JSON and not a server error."""
    for path in (
        f"/{quote(segment, safe='')}/v2.0/.well-known/openid-configuration",
        f"/{quote(segment)}/oauth2/token",
    ):
        answer = send(app, "GET", f"https://localhost:8443{path}")
        assert answer.status_code in {200, 400, 404, 405}
        assert json.loads(answer.content)


@pytest.mark.parametrize("where", ["nonce", "username", "address"])
def test_no_nul_reaches_a_database(database: Database, tmp_path: Path, where: str) -> None:
    """PostgreSQL can neither store nor search for one, so it is rejected as a malformed request."""
    casb = StandIn(database, tmp_path, HandClock())
    flow = begin(casb, casb.tenants.create("Contoso", domain="contoso.example"))
    app = authorization_server(casb.identity, casb.clock)
    if where == "username":
        cookie, token = "browser", form_token(casb.identity.pepper, "browser")
        form = {"username": "a\0", "password": "x", "going_to": "/portal/", "form_token": token}
        answer = send(
            app, "POST", "/contoso.example/login", data=form, headers={"cookie": f"{BROWSER_COOKIE}={cookie}"}
        )
    elif where == "nonce":
        session = casb.identity.sessions.open(flow.user, ("pwd",), "192.0.2.1")
        asked = {"client_id": flow.application.client_id, "response_type": "code", "scope": SCOPE, "nonce": "\0"}
        address = "/contoso.example/oauth2/v2.0/authorize"
        answer = send(app, "GET", address, params=asked, headers={"cookie": f"{SESSION_COOKIE}={session}"})
    else:
        answer = send(app, "POST", "/contoso.example%00/oauth2/v2.0/token", data=flow.client)
    assert answer.status_code == 400
    assert "AADSTS90013" in answer.text


def test_passwords_wait_in_a_line_of_their_own(
    casb: StandIn, app: ASGIApp, good: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """During a comparison, applications still get tokens; a caller that waits too long gets an error."""
    compared, release = threading.Event(), threading.Event()
    answer = casb.identity.token_endpoint.answer

    def slow(request: TokenRequest) -> dict[str, Any]:
        if b"user" in request.body:
            compared.set()
            assert release.wait(60)
        return answer(request)

    monkeypatch.setattr(casb.identity.token_endpoint, "answer", slow)
    monkeypatch.setattr(sign_in, "QUEUE_TIMEOUT", 0.05)

    async def flood() -> tuple[list[httpx.Response], httpx.Response]:
        async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="https://localhost") as client:
            wrong: dict[str, Any] = {"content": "grant_type=p%61ssword&user%6eame=x", "headers": {"content-type": FORM}}
            busy = [asyncio.create_task(client.post(V2, **wrong)) for _ in range(sign_in.CONCURRENT_CHECKS)]
            await asyncio.to_thread(compared.wait, 60)
            late = await asyncio.gather(*(client.post(V2, **wrong) for _ in range(50)))
            token = await client.post(V2, data=good)
            release.set()
            await asyncio.gather(*busy)
            return late, token

    late, token = asyncio.run(flood())
    assert {(each.status_code, each.headers["retry-after"]) for each in late} == {(429, "5")}
    assert token.status_code == 200
