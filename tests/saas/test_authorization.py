"""Authorising an integration: each error has a message that tells what to do (saas §4)."""

from __future__ import annotations

import socket
from collections.abc import Callable
from typing import Any

import msgspec
import pytest
import trustme

from opencasb.model.saas import Integration
from opencasb.saas.authorization import Authorization, sentence
from opencasb.saas.configuration import Given
from tests.saas.conftest import BY, TENANT, House
from tests.saas.standin import DIRECTORY, PAGE, ROLE, SECRET, SECRET_ID, STREAMS, Reply, app, graph_error, running

NOBODY = "12345678-0000-4000-8000-000000000000"


def authorized(house: House, **other: Any) -> tuple[Authorization, Integration]:
    """Add an integration with the correct values except ``other``, and authorise it."""
    given = msgspec.structs.replace(house.given, **other)
    made = house.saas.add(TENANT, "graph", given, by=BY)
    return house.saas.authorize(made, by=BY), house.integration


def test_an_integration_is_authorised(house: House) -> None:
    """The token has the permission, and the first read succeeds; two requests to the authority, one to the Graph."""
    house.vendor.streams = {"s1": ("Edge", [app(1)]), "s2": ("Lab", [])}
    found, integration = authorized(house)
    assert found.record() == {
        "authorized": True,
        "token": True,
        "roles": [ROLE],
        "streams": 2,
        "more_streams": False,
        "problem": None,
    }
    assert sentence(found) == f"Authorised: {ROLE} is granted, 2 streams."
    assert (integration.state, integration.roles, integration.authorized) == ("ready", [ROLE], house.time.now)
    assert house.vendor.seen == [
        f"GET /{DIRECTORY}/v2.0/.well-known/openid-configuration",
        f"POST /{DIRECTORY}/oauth2/v2.0/token",
        f"GET {STREAMS}",
    ]


def test_a_token_that_cannot_be_read_is_tried(house: House) -> None:
    """The first read decides, because a token need be readable only to its audience."""
    house.vendor.roles = None
    house.vendor.page_size = 1
    house.vendor.streams = {"s1": ("Edge", []), "s2": ("Lab", [])}
    found, integration = authorized(house)
    assert (found.ok, integration.state, integration.roles) == (True, "ready", None)
    assert sentence(found) == "Authorised: the token cannot be read, but it is accepted, 1 or more streams."


@pytest.mark.parametrize(
    ("other", "code", "words"),
    [
        ({"secret": SECRET_ID}, "secret_wrong", "the secret's id, not its value"),
        ({"secret": "something~else"}, "secret_wrong", "Give its value, not its id"),
        ({"directory_id": NOBODY}, "directory_unknown", f"no directory (tenant) {NOBODY}"),
        ({"client_id": NOBODY}, "app_unknown", f"no application (client) {NOBODY}"),
    ],
)
def test_wrong_values_are_told_apart(house: House, other: dict[str, str], code: str, words: str) -> None:
    """The error is stored with the integration, which does not run."""
    found, integration = authorized(house, **other)
    assert (found.ok, found.token, found.code) == (False, False, code)
    assert words in found.text
    assert (integration.state, integration.state_message) == ("refused", found.text)
    assert other.get("secret", SECRET) not in found.text + str(found.record())


def test_an_expired_secret_is_reported(house: House) -> None:
    house.vendor.expired = {SECRET}
    found, _ = authorized(house)
    assert (found.code, "has expired" in found.text, "AADSTS7000222" in found.text) == ("secret_expired", True, True)


def test_a_permission_that_is_not_granted(house: House) -> None:
    """It is found in the token before anything is read, or in the response if the token cannot be read."""
    house.vendor.roles = ["User.Read.All"]
    found, integration = authorized(house)
    assert (found.code, found.token, found.roles) == ("consent_missing", True, ["User.Read.All"])
    assert ROLE in found.text
    assert f"GET {STREAMS}" not in house.vendor.seen
    house.vendor.roles = None
    refusal = Reply(403, graph_error("Forbidden", "Insufficient privileges to complete the operation."))
    house.vendor.instead = lambda _method, path: refusal if path == STREAMS else None
    again = house.saas.authorize(integration, by=BY)
    assert (again.code, again.token, again.roles) == ("consent_missing", True, None)


Instead = Callable[[str, str], Reply | None]


@pytest.mark.parametrize(
    ("instead", "code", "words"),
    [
        (lambda _m, path: Reply(200, PAGE) if path == STREAMS else None, "web_page", "a web page (status 200)"),
        (lambda _m, path: Reply(404, PAGE) if "openid" in path else None, "web_page", "Is it the authority?"),
        (lambda _m, _p: Reply(404, {"message": "none"}), "not_an_authority", "does not answer as an authority"),
        (lambda _m, path: Reply(200, ["a"]) if "openid" in path else None, "not_json", "not JSON"),
        (lambda _m, path: Reply(404, {"detail": "Not found."}) if path == STREAMS else None, "not_a_graph", "a Graph"),
        (lambda _m, path: Reply(200, {"items": []}) if path == STREAMS else None, "not_a_graph", "no 'value' list"),
        (lambda _m, path: Reply(200, ["a"]) if path == STREAMS else None, "not_json", "something that is not JSON"),
        (lambda _m, path: Reply(302, "", {"location": "/x"}) if path == STREAMS else None, "redirected", "status 302"),
        (
            lambda _m, path: (
                Reply(401, graph_error("InvalidAuthenticationToken", "Wrong audience.")) if path == STREAMS else None
            ),
            "token_not_accepted",
            "Wrong audience.",
        ),
        (
            lambda _m, path: (
                Reply(403, graph_error("Forbidden", "The tenant has no license.")) if path == STREAMS else None
            ),
            "consent_missing",
            "(status 403: The tenant has no license.)",
        ),
    ],
)
def test_something_else_at_the_address(house: House, instead: Instead, code: str, words: str) -> None:
    """Each case has its own error; the configuration must be changed."""
    house.vendor.instead = instead
    found, integration = authorized(house)
    assert (found.code, integration.state) == (code, "refused")
    assert words in found.text


@pytest.mark.parametrize(("status", "code"), [(429, "throttled"), (500, "server_error"), (503, "server_error")])
def test_what_passes_is_no_verdict(house: House, status: int, code: str) -> None:
    """It can be authorised later, unchanged; there are no retries or waits while a person is waiting."""
    house.vendor.instead = lambda _m, path: Reply(status, PAGE, {"retry-after": "60"}) if path == STREAMS else None
    found, integration = authorized(house)
    assert (found.code, integration.state, house.time.slept) == (code, "new", [])
    assert house.vendor.seen.count(f"GET {STREAMS}") == 1


def test_a_certificate_that_is_not_trusted(house: House) -> None:
    """Neither the system's CAs nor the configured one have signed it."""
    found, integration = authorized(house, ca=trustme.CA().cert_pem.bytes().decode())
    assert (found.code, integration.state) == ("tls_untrusted", "new")
    assert "file of that CA" in found.text
    changed = house.saas.change(integration, Given(ca=""), by=BY)
    assert house.saas.authorize(changed, by=BY).code == "tls_untrusted"


def test_a_certificate_for_another_name(house: House, ca: trustme.CA) -> None:
    with running(ca, "elsewhere.example") as vendor:
        found, _ = authorized(house, authority=vendor.base, graph_url=vendor.base)
    assert (found.code, "localhost" in found.text) == ("tls_untrusted", True)


def test_a_host_that_is_not_there(house: House) -> None:
    """Connection refused; the error is temporary, and the integration stays new."""
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        port = unused.getsockname()[1]
        found, integration = authorized(house, graph_url=f"https://localhost:{port}")
    assert (found.code, found.token, integration.state) == ("host_unreachable", True, "new")
    assert f"localhost:{port} cannot be reached" in found.text
