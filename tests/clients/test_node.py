"""Unmodified MSAL and azure-identity for JavaScript, in Node.js (identity §3)."""

from __future__ import annotations

import json
import os
import re
import subprocess
from contextlib import suppress
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes

from tests.api.login.browser import answer_of
from tests.clients.conftest import CLIENTS
from tests.clients.live import (
    ADMINISTRATOR,
    APPLICATION_SCOPE,
    DEVICE,
    METADATA,
    PASSWORD,
    SITE,
    TOKEN,
    USER_SCOPE,
    Live,
    Registered,
)

pytestmark = pytest.mark.xdist_group("graph-sdk")  # one server for all clients


def run(node: str, live: Live, flow: str, who: Registered, **more: str) -> Any:  # any JSON
    """Run a flow as an application, act as its user, and return its result."""
    environment = {**os.environ, "NODE_EXTRA_CA_CERTS": live.ca, "NODE_NO_WARNINGS": "1"}
    command = [node, str(CLIENTS / "clients.mjs"), flow, json.dumps({**known(live, who), **more})]
    with subprocess.Popen(
        command, env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        assert process.stdin
        assert process.stdout
        for line in process.stdout:
            said = json.loads(line)
            if "result" in said:
                return said["result"]
            with suppress(BrokenPipeError):  # its error is reported below
                print(json.dumps(act(live, said)), file=process.stdin, flush=True)
        assert process.stderr
        raise AssertionError(process.stderr.read())


def act(live: Live, asked: dict[str, str]) -> dict[str, str]:
    """Act as a client's user: open a URL, or enter a code."""
    if "open" in asked:
        return answer_of(live.sign_in(live.browser(), asked["open"]))
    live.approve(asked["userCode"])
    return {}


def known(live: Live, who: Registered) -> dict[str, str]:
    """Return a client's configuration."""
    told = {
        "base": live.base,
        "host": live.base.removeprefix("https://"),
        "authority": live.authority,
        "tenant": live.guid,
        "clientId": who.client_id,
        "secret": who.secret,
        "scope": USER_SCOPE,
    }
    if not who.secret:
        return told
    certificate = who.certificate.read_text()
    thumbprint = x509.load_pem_x509_certificate(certificate.encode()).fingerprint(hashes.SHA256()).hex()
    return {**told, "key": who.key.read_text(), "certificate": certificate, "thumbprint": thumbprint}


def seen(live: Live) -> list[str]:
    """Return the programs' requests without the query, which each token request has."""
    asked = [each for each in live.seen() if not re.search("/login|authorize|deviceauth", each)]
    assert all("?client-request-id=" in each for each in asked if each.startswith(TOKEN)), asked
    return [each.partition("?")[0] for each in asked]


@pytest.mark.parametrize(
    ("flow", "proof"), [("openid", "1"), ("certificate", "2"), ("azureSecret", "1"), ("azureCertificate", "2")]
)
def test_an_application_gets_a_token_in_two_requests(node: str, live: Live, flow: str, proof: str) -> None:
    """Metadata, then a POST with the request id in the query."""
    token = run(node, live, flow, live.daemon, scope=APPLICATION_SCOPE)
    assert seen(live) == [METADATA, TOKEN]
    assert live.claims(token)["appidacr"] == proof


def test_the_second_token_comes_out_of_the_cache(node: str, live: Live) -> None:
    """The response has its lifetime."""
    token, from_cache = run(node, live, "secret", live.daemon, scope=APPLICATION_SCOPE)
    assert seen(live) == [METADATA, TOKEN]
    assert from_cache
    assert live.claims(token)["roles"] == ["discovery.manage"]


def test_a_site_signs_a_user_in_and_stays_signed_in(node: str, live: Live) -> None:
    """Code with proof key, then renewal."""
    first, second, username, from_cache = run(node, live, "code", live.site, redirect=SITE)
    assert seen(live) == [METADATA, TOKEN, TOKEN]
    assert (username, from_cache) == (ADMINISTRATOR, False)
    assert first != second
    assert [live.claims(token)["scp"] for token in (first, second)] == ["discovery.read"] * 2


@pytest.mark.parametrize("flow", ["device", "azureDevice"])
def test_a_device_is_approved_on_the_page(node: str, live: Live, flow: str) -> None:
    """The device polls with the grant's short name."""
    token = run(node, live, flow, live.native)
    assert seen(live) == [METADATA, DEVICE, TOKEN]
    assert live.claims(token)["upn"] == ADMINISTRATOR


def test_a_password_is_taken_where_a_tenant_allows_it(node: str, live: Live) -> None:
    """There is no request for the realm."""
    token = run(node, live, "password", live.native, username=ADMINISTRATOR, password=PASSWORD)
    assert seen(live) == [METADATA, TOKEN]
    assert live.claims(token)["upn"] == ADMINISTRATOR


def test_a_refusal_is_shown_with_our_number(node: str, live: Live) -> None:
    """The error message contains all of ours."""
    message = run(node, live, "refusal", live.daemon, scope=APPLICATION_SCOPE)
    assert re.search(r"AADSTS7000215: .*Trace ID: ", message), message


def test_plain_http_is_refused_by_the_library(node: str, live: Live) -> None:
    """It sends no request."""
    plain = f"{live.server.plain}/{live.guid}"
    assert run(node, live, "plain", live.daemon, plain=plain) == "authority_uri_insecure"
    assert live.seen() == []
