"""Unmodified client libraries against a real server with TLS and the local CA."""

from __future__ import annotations

import json
import os
import ssl
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import jwt
import msal  # type: ignore[import-untyped]  # it ships no types
import pytest
import requests
from azure.core.exceptions import ClientAuthenticationError
from azure.identity import ClientSecretCredential

from opencasb.api import login
from opencasb.identity.identity import IdentitySettings
from opencasb.identity.tls import Tls
from opencasb.model.application import Application
from opencasb.model.permissions import GRAPH, MDCA
from opencasb.model.tenant import Tenant
from tests.api.login.wire import RequestLog, free_port, serving
from tests.identity.standin import StandIn, open_standin


def _now() -> int:
    return time.time_ns() // 1_000_000


@dataclass
class Live:
    """A server on a real port, and what a client has to know of it."""

    casb: StandIn
    tenant: Tenant
    application: Application
    secret: str
    base: str
    authority: str
    log: RequestLog

    def roles(self, token: str, audience: str) -> list[str]:
        """Fetch the published keys, verify ``token`` with PyJWT and return its roles."""
        keys = jwt.PyJWKClient(
            f"{self.base}/{self.tenant.guid}/discovery/v2.0/keys", ssl_context=_trusting(self.authority)
        )
        key = keys.get_signing_key_from_jwt(token)
        issuer = f"{self.base}/{self.tenant.guid}/"
        return list(jwt.decode(token, key, ["RS256"], audience=audience, issuer=issuer)["roles"])


def _trusting(authority: str) -> ssl.SSLContext:
    return ssl.create_default_context(cafile=authority)


@pytest.fixture(scope="module")
def live(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Live]:
    """Serve the authorization server with TLS on a free port."""
    folder = tmp_path_factory.mktemp("live")
    with free_port() as bound:
        base = f"https://localhost:{bound.getsockname()[1]}"
        with open_standin(folder, _now, IdentitySettings(base)) as casb:
            tls = Tls(folder, _now)
            log = RequestLog(login.build(casb))
            tenant = casb.tenants.create("Contoso", domain="contoso.example")
            application, secret = casb.application(tenant, "discovery.manage", "CloudApp-Discovery.Read.All")
            with serving(log, bound, tls):
                yield Live(casb, tenant, application, secret.value, base, str(tls.authority), log)


@pytest.fixture(autouse=True)
def clean(live: Live, monkeypatch: pytest.MonkeyPatch) -> None:
    """Remove what the environment says about CAs and authorities, and forget earlier requests."""
    for name in os.environ:
        if name.endswith("_CA_BUNDLE") or name.startswith(("SSL_CERT", "AZURE_")) or name.lower().endswith("_proxy"):
            monkeypatch.delenv(name)
    live.log.seen.clear()


@contextmanager
def _msal(live: Live, secret: str, **where: object) -> Iterator[msal.ConfidentialClientApplication]:
    """Open an MSAL client, and close its connections in the end."""
    client = msal.ConfidentialClientApplication(
        live.application.client_id, client_credential=secret, verify=live.authority, **where
    )
    yield client
    client.http_client.close()


@pytest.mark.parametrize("segment", ["{guid}", "contoso.example", "CONTOSO.example/"])
def test_msal_gets_a_token_in_two_requests(live: Live, segment: str) -> None:
    """Metadata and token: nothing else is asked for, and the second token comes out of the cache."""
    authority = f"{live.base}/{segment.format(guid=live.tenant.guid)}"
    with _msal(live, live.secret, authority=authority, instance_discovery=False) as client:
        answer = client.acquire_token_for_client([f"{MDCA.app_id}/.default"])
        again = client.acquire_token_for_client([f"{MDCA.app_id}/.default"])
    assert [request.partition(" ")[0] for request in live.log.seen] == ["GET", "POST"]
    assert (answer["token_source"], answer["expires_in"]) == ("identity_provider", 3599)
    assert again["token_source"] == "cache"
    assert live.roles(answer["access_token"], MDCA.app_id) == ["discovery.manage"]


def test_msal_accepts_us_as_an_openid_provider(live: Live) -> None:
    """With the issuer as authority no flag is needed."""
    with _msal(live, live.secret, oidc_authority=f"{live.base}/{live.tenant.guid}/v2.0") as client:
        answer = client.acquire_token_for_client(["https://graph.microsoft.com/.default"])
    assert live.roles(answer["access_token"], "https://graph.microsoft.com") == ["CloudApp-Discovery.Read.All"]


def test_msal_shows_our_refusal(live: Live) -> None:
    """A wrong secret comes back as a dictionary with our number."""
    authority = f"{live.base}/{live.tenant.guid}"
    with _msal(live, "wrong", authority=authority, instance_discovery=False) as client:
        answer = client.acquire_token_for_client([f"{MDCA.app_id}/.default"])
    assert (answer["error"], answer["error_codes"]) == ("invalid_client", [7000215])
    assert answer["error_description"].startswith("AADSTS7000215: ")


def test_msal_explains_an_unknown_tenant(live: Live) -> None:
    """The 400 of the metadata becomes MSAL's own advice to check the tenant."""
    with requests.Session() as session:
        session.verify = live.authority
        with pytest.raises(ValueError, match="tenant"):
            msal.ConfidentialClientApplication(
                live.application.client_id,
                client_credential=live.secret,
                authority=f"{live.base}/unknown.example",
                instance_discovery=False,
                http_client=session,
            )


def test_azure_identity_gets_a_token(live: Live) -> None:
    """The synchronous credential needs the authority, one flag and the CA."""
    with ClientSecretCredential(
        live.tenant.guid,
        live.application.client_id,
        live.secret,
        authority=live.base,
        disable_instance_discovery=True,
        connection_verify=live.authority,
    ) as credential:
        token = credential.get_token(f"{MDCA.app_id}/.default").token
        asked_for_cae = credential.get_token("https://graph.microsoft.com/.default", enable_cae=True).token
    assert live.roles(token, MDCA.app_id) == ["discovery.manage"]
    claims = jwt.decode(asked_for_cae, options={"verify_signature": False})
    assert claims["xms_cc"] == ["CP1"]


def test_azure_identity_shows_our_refusal(live: Live) -> None:
    """The number is in the message of the exception."""
    with (
        ClientSecretCredential(
            live.tenant.guid,
            "00000000-0000-4000-8000-000000000000",
            "x",
            authority=live.base,
            disable_instance_discovery=True,
            connection_verify=live.authority,
        ) as credential,
        pytest.raises(ClientAuthenticationError, match="AADSTS700016"),
    ):
        credential.get_token(f"{MDCA.app_id}/.default")


ASYNCHRONOUS = """
import asyncio, sys
from azure.identity.aio import ClientSecretCredential

async def main():
    async with ClientSecretCredential(*sys.argv[1:]) as credential:
        # Without a scope of its own the Graph SDK asks for the host that it calls.
        print((await credential.get_token("https://localhost/.default")).token)

asyncio.run(main())
"""


def test_asynchronous_azure_identity_needs_environment_variables_only(live: Live) -> None:
    """One POST, no discovery: the authority and the CA come from the environment.

    In a process of its own, because its HTTP library reads the CA once, when it is imported.
    """
    environment = {**os.environ, "AZURE_AUTHORITY_HOST": live.base, "SSL_CERT_FILE": live.authority}
    arguments = (live.tenant.guid, live.application.client_id, live.secret)
    done = subprocess.run(
        [sys.executable, "-c", ASYNCHRONOUS, *arguments],
        env=environment, capture_output=True, text=True, check=False, timeout=60,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert live.roles(done.stdout.strip(), "https://graph.microsoft.com") == ["CloudApp-Discovery.Read.All"]
    assert live.log.seen[0] == f"POST /{live.tenant.guid}/oauth2/v2.0/token"
    assert not [request for request in live.log.seen if "openid-configuration" in request]


def _curl(live: Live, path: str, *arguments: str) -> dict[str, object]:
    command = ["curl", "-sS", "--cacert", live.authority, *arguments, f"{live.base}{path}"]
    done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=20)
    return dict(json.loads(done.stdout))


def test_curl_gets_tokens_of_both_versions(live: Live) -> None:
    """The lines of the vendor's documentation work as they stand; the secret may be in the header instead."""
    grant = ("-d", "grant_type=client_credentials")
    posted = ("-d", f"client_id={live.application.client_id}", "--data-urlencode", f"client_secret={live.secret}")
    basic = ("-u", f"{live.application.client_id}:{live.secret}")
    for client in (posted, basic):
        v1 = _curl(live, f"/{live.tenant.guid}/oauth2/token", *grant, *client, "-d", f"resource={MDCA.app_id}")
        v2 = _curl(
            live, f"/{live.tenant.guid}/oauth2/v2.0/token", *grant, *client, "-d", f"scope={GRAPH.app_id}/.default"
        )
        assert (v1["expires_in"], v2["expires_in"]) == ("3599", 3599)
        assert live.roles(str(v1["access_token"]), MDCA.app_id) == ["discovery.manage"]
        assert live.roles(str(v2["access_token"]), GRAPH.app_id) == ["CloudApp-Discovery.Read.All"]


def test_curl_distrusts_a_server_without_our_ca(live: Live) -> None:
    """The certificate is worth nothing to a client that was not told to trust the CA."""
    done = subprocess.run(["curl", "-sS", live.base], capture_output=True, text=True, check=False, timeout=20)
    assert done.returncode == 60


def test_a_line_break_in_a_path_does_no_harm(live: Live) -> None:
    """The server stays up whatever is sent."""
    assert _curl(live, "/%0d%0a/oauth2/token", "-d", "x=1")["error_codes"] == [90002]
    assert _curl(live, "/common/discovery/v2.0/keys")["keys"]
