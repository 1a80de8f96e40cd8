"""Unmodified azure-identity, synchronous and asynchronous (identity §3)."""

from __future__ import annotations

import base64
import os
import subprocess
import sys
import time
import uuid
from datetime import datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import jwt
import pytest
import requests
from azure.core.exceptions import ClientAuthenticationError
from azure.core.pipeline.transport import RequestsTransport
from azure.identity import (
    AuthorizationCodeCredential,
    CertificateCredential,
    ClientAssertionCredential,
    ClientSecretCredential,
    DefaultAzureCredential,
    DeviceCodeCredential,
    EnvironmentCredential,
    UsernamePasswordCredential,
)
from cryptography import x509
from cryptography.hazmat.primitives import hashes

from tests.api.login.browser import answer_of
from tests.clients.live import (
    ADMINISTRATOR,
    APPLICATION_SCOPE,
    DEVICE,
    DEVICE_PAGE,
    GRAPH_SCOPE,
    METADATA,
    PASSWORD,
    SITE,
    TOKEN,
    USER_SCOPE,
    ElsewherePort,
    Live,
)

pytestmark = pytest.mark.xdist_group("graph-sdk")  # one server for all clients


def told(live: Live) -> dict[str, Any]:  # keyword arguments of any type
    """The settings of a synchronous credential for this server."""
    return {"authority": live.base, "disable_instance_discovery": True, "connection_verify": live.ca}


def combined(live: Live, folder: Path) -> Path:
    """Return a file with the private key and the certificate, as these credentials require."""
    path = folder / "client.pem"
    path.write_bytes(live.daemon.key.read_bytes() + live.daemon.certificate.read_bytes())
    return path


def test_a_secret_brings_a_token_in_two_requests(live: Live) -> None:
    """Another token for the other API confirms the capability that the Graph SDK requests."""
    with ClientSecretCredential(live.guid, live.daemon.client_id, live.daemon.secret, **told(live)) as credential:
        token = credential.get_token(APPLICATION_SCOPE).token
        assert live.seen() == [METADATA, TOKEN]
        asked_for_cae = credential.get_token(GRAPH_SCOPE, enable_cae=True).token
    assert live.claims(token)["roles"] == ["discovery.manage"]
    assert live.claims(asked_for_cae, "https://graph.microsoft.com")["xms_cc"] == ["CP1"]


@pytest.mark.parametrize("chain", [False, True])
def test_a_certificate_brings_a_token(live: Live, tmp_path: Path, chain: bool) -> None:
    """The certificate may be in the header."""
    file = str(combined(live, tmp_path))
    with CertificateCredential(
        live.guid, live.daemon.client_id, file, send_certificate_chain=chain, **told(live)
    ) as credential:
        token = credential.get_token(APPLICATION_SCOPE).token
    assert live.seen() == [METADATA, TOKEN]
    assert live.claims(token)["appidacr"] == "2"


@pytest.mark.parametrize("make", [EnvironmentCredential, DefaultAzureCredential])
def test_the_environment_says_all_but_one_flag(live: Live, make: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """There is no variable for instance discovery."""
    for name, value in environment(live).items():
        monkeypatch.setenv(name, value)
    with make(disable_instance_discovery=True) as credential:
        token = credential.get_token(APPLICATION_SCOPE).token
    assert live.seen() == [METADATA, TOKEN]
    assert live.claims(token)["roles"] == ["discovery.manage"]


def environment(live: Live) -> dict[str, str]:
    """Return the variables that credentials read."""
    return {
        "AZURE_AUTHORITY_HOST": live.base,
        "AZURE_TENANT_ID": live.guid,
        "AZURE_CLIENT_ID": live.daemon.client_id,
        "AZURE_CLIENT_SECRET": live.daemon.secret,
        "REQUESTS_CA_BUNDLE": live.ca,
    }


def test_an_assertion_of_ones_own_needs_no_discovery(live: Live) -> None:
    """A single POST; times are integers here, and the key is identified by its SHA-256 thumbprint."""
    with ClientAssertionCredential(
        live.guid, live.daemon.client_id, lambda: assertion(live), authority=live.base, connection_verify=live.ca
    ) as credential:
        token = credential.get_token(APPLICATION_SCOPE).token
    assert live.seen() == [TOKEN]
    assert live.claims(token)["appidacr"] == "2"


def assertion(live: Live) -> str:
    """Return a new assertion of the daemon."""
    certificate = x509.load_pem_x509_certificate(live.daemon.certificate.read_bytes())
    thumbprint = base64.urlsafe_b64encode(certificate.fingerprint(hashes.SHA256())).decode()
    name, now = live.daemon.client_id, int(time.time())
    claims = {"iss": name, "sub": name, "aud": f"{live.authority}/v2.0", "exp": now + 600, "jti": str(uuid.uuid4())}
    return jwt.encode(claims, live.daemon.key.read_text(), "RS256", headers={"x5t#S256": thumbprint})


def test_a_code_is_redeemed_without_discovery(live: Live) -> None:
    """The site itself handles the browser."""
    query = {"client_id": live.site.client_id, "response_type": "code", "redirect_uri": SITE, "scope": USER_SCOPE}
    answer = live.sign_in(live.browser(), f"/{live.guid}/oauth2/v2.0/authorize?{urlencode(query)}")
    code = answer_of(answer)["code"]
    live.forget()
    with AuthorizationCodeCredential(
        live.guid,
        live.site.client_id,
        code,
        SITE,
        client_secret=live.site.secret,
        authority=live.base,
        connection_verify=live.ca,
    ) as credential:
        token = credential.get_token(USER_SCOPE).token
    assert live.seen() == [TOKEN]
    assert live.claims(token)["upn"] == ADMINISTRATOR


def test_a_device_is_approved_on_the_page(live: Live) -> None:
    """The credential shows the code, and its user enters it elsewhere."""
    shown: list[str] = []

    def show(address: str, user_code: str, _: datetime) -> None:
        shown.append(address)
        live.approve(user_code)

    with DeviceCodeCredential(
        live.native.client_id, tenant_id=live.guid, prompt_callback=show, **told(live)
    ) as waiting:
        token = waiting.get_token(USER_SCOPE).token
    assert shown == [f"{live.base}{DEVICE_PAGE}"]
    assert [each for each in live.seen() if "{t}" in each and "/login" not in each] == [METADATA, DEVICE, TOKEN]
    assert live.claims(token)["upn"] == ADMINISTRATOR


@pytest.mark.filterwarnings("ignore::DeprecationWarning")  # of the credential
def test_a_password_is_taken_where_a_tenant_allows_it(live: Live) -> None:
    """The realm is requested on port 443, whatever the authority's port."""
    with requests.Session() as session:
        session.mount("https://localhost/common/userrealm/", ElsewherePort(live.base))
        transport = RequestsTransport(session=session, session_owner=False, connection_verify=live.ca)
        with UsernamePasswordCredential(
            live.native.client_id, ADMINISTRATOR, PASSWORD, tenant_id=live.guid, transport=transport, **told(live)
        ) as credential:
            token = credential.get_token(USER_SCOPE).token
    assert live.seen() == [METADATA, f"GET /common/userrealm/{ADMINISTRATOR}?api-version=1.0", TOKEN]
    assert live.claims(token)["upn"] == ADMINISTRATOR


def test_a_refusal_is_shown_with_our_number(live: Live) -> None:
    """The exception's message has it."""
    unknown = "00000000-0000-4000-8000-000000000000"
    with (
        ClientSecretCredential(live.guid, unknown, "x", **told(live)) as credential,
        pytest.raises(ClientAuthenticationError, match="AADSTS700016"),
    ):
        credential.get_token(APPLICATION_SCOPE)


ASYNCHRONOUS = """
import asyncio, sys
from azure.identity import aio

async def main():
    tenant, client, secret, certificate = sys.argv[1:]
    for credential in (
        aio.ClientSecretCredential(tenant, client, secret),
        aio.CertificateCredential(tenant, client, certificate),
        aio.EnvironmentCredential(),
        aio.DefaultAzureCredential(),
    ):
        async with credential:
            # Without a scope of its own the Graph SDK asks for the host that it calls.
            print((await credential.get_token("https://localhost/.default")).token)

asyncio.run(main())
"""


def test_asynchronous_credentials_need_environment_variables_only(live: Live, tmp_path: Path) -> None:
    """A single POST each, no discovery: authority and CA come from the environment.

    They run in a separate process, because their HTTP library reads the CA once, at import.
    """
    variables = {**os.environ, **environment(live), "SSL_CERT_FILE": live.ca}
    arguments = (live.guid, live.daemon.client_id, live.daemon.secret, str(combined(live, tmp_path)))
    done = subprocess.run(
        [sys.executable, "-c", ASYNCHRONOUS, *arguments],
        env=variables, capture_output=True, text=True, check=False, timeout=60,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert live.seen() == [TOKEN] * 4
    proofs = [live.claims(token, "https://graph.microsoft.com")["appidacr"] for token in done.stdout.split()]
    assert proofs == ["1", "2", "1", "1"]
