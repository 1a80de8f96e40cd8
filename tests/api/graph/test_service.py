"""Authentication, methods and failures."""

from __future__ import annotations

from dataclasses import replace

import pytest
from structlog.testing import capture_logs

from tests.api.graph.standin import APPS, BASE, READER, STREAMS, Api, Casb

CHALLENGE = (
    f'Bearer realm="", authorization_uri="{BASE}/common/oauth2/authorize", '
    'client_id="00000003-0000-0000-c000-000000000000"'
)


@pytest.mark.parametrize("target", [STREAMS, APPS, "/beta/nosuch", "/beta", "/beta/$batch", f"{APPS}?$nosuch=1"])
def test_a_call_without_a_token_is_challenged(shared_api: Api, target: str) -> None:
    """Before any other check of the request."""
    answer = shared_api.get(target, authorization="")
    assert (answer.status, answer.json()["error"]["code"]) == (401, "InvalidAuthenticationToken")
    assert answer.headers["www-authenticate"] == CHALLENGE


def test_a_call_with_a_bad_token_is_told_so(shared_api: Api) -> None:
    """The challenge has the error, but no claims challenge, which would make SDKs retry."""
    answer = shared_api.get(STREAMS, authorization="Bearer nosuch")
    assert answer.status == 401
    assert answer.headers["www-authenticate"] == f'{CHALLENGE}, error="invalid_token"'


def test_a_caller_without_the_permission_has_insufficient_privileges(installation: Casb) -> None:
    """403 and not 401, with the text public clients look for; other permissions do not help, users need a role, too."""
    for permissions in (frozenset[str](), frozenset({"discovery.read", "user.read"})):
        installation.callers["reader"] = replace(READER, permissions=permissions)
        answer = Api(installation).get(STREAMS)
        assert (answer.status, answer.json()["error"]["code"]) == (403, "Forbidden")
        assert "insufficient privileges" in answer.message
        assert "www-authenticate" not in answer.headers
        assert "role" not in answer.message
    installation.callers["reader"] = replace(READER, user_id="65a1f0c2d4b7e8a901234567", permissions=frozenset())
    assert "and a role that may see discovered apps" in Api(installation).get(STREAMS).message


@pytest.mark.parametrize("method", ["POST", "PATCH", "PUT", "DELETE", "HEAD", "OPTIONS", "BREW"])
def test_other_verbs_are_not_allowed(shared_api: Api, method: str) -> None:
    """Everything is read-only."""
    answer = shared_api.send(method, f"{STREAMS}/65a1f0c2d4b7e8a901234567")
    assert (answer.status, answer.headers["allow"]) == (405, "GET")


@pytest.mark.parametrize("target", ["/v1.0", f"/v1.0{STREAMS.removeprefix('/beta')}", "/v1.0/$metadata", "/betamax"])
def test_no_other_version_has_any_of_it(shared_api: Api, target: str) -> None:
    """404 with or without a token."""
    for authorization in ("Bearer reader", ""):
        answer = shared_api.get(target, authorization=authorization)
        assert (answer.status, answer.json()["error"]["code"]) == (404, "ResourceNotFound")


def test_the_version_ignores_case(shared_api: Api) -> None:
    """Like all names in paths."""
    assert shared_api.get(STREAMS.replace("beta", "Beta")).status == 200


def test_accept_must_leave_room_for_json(shared_api: Api) -> None:
    """406 lists the available formats."""
    answer = shared_api.get(STREAMS, accept="application/xml")
    assert (answer.status, answer.json()["error"]["code"]) == (406, "NotAcceptable")
    assert shared_api.get(f"{STREAMS}?$format=json", accept="application/xml").status == 200


def test_a_content_type_on_a_get_does_not_matter(shared_api: Api) -> None:
    """Some scripts send one."""
    assert shared_api.get(STREAMS, content_type="application/json").status == 200


def test_what_fails_inside_is_logged_and_not_told(installation: Casb, monkeypatch: pytest.MonkeyPatch) -> None:
    """The caller gets an id, the log gets the cause."""

    def fail(*_: object) -> None:
        raise RuntimeError("secret reason")

    monkeypatch.setattr(installation.streams, "all", fail)
    with capture_logs() as logs, pytest.raises(AssertionError, match="InternalServerError") as answered:
        Api(installation).get(STREAMS)  # this client rejects responses with status 500 and above
    assert "secret reason" not in str(answered.value)
    assert logs[0]["event"] == "graph call failed"
    assert logs[0]["request_id"] in str(answered.value)
