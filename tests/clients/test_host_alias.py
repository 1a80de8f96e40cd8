"""Unmodified clients without configuration: names that resolve to us and a trusted CA suffice (identity §4, mode C)."""

from __future__ import annotations

import socket
from contextlib import closing
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import msal  # type: ignore[import-untyped]  # it ships no types
import pytest
import requests
from azure.identity import ClientSecretCredential
from cryptography import x509
from cryptography.hazmat.primitives import hashes

from opencasb.identity.host_alias import is_alias
from tests.clients.live import APPLICATION_SCOPE, GRAPH_SCOPE, METADATA, TOKEN, Live

pytestmark = pytest.mark.xdist_group("graph-sdk")  # one server for all clients


@pytest.fixture(autouse=True)
def names(live: Live, monkeypatch: pytest.MonkeyPatch) -> None:
    """Redirect the upstream service's names, on its port, to the server, like an entry in a hosts file."""
    look_up, port = socket.getaddrinfo, urlsplit(live.base).port

    def led(host: Any, at: Any, *more: Any, **named: Any) -> Any:  # of any type that the system takes
        return look_up("127.0.0.1", port, *more, **named) if is_alias(str(host)) else look_up(host, at, *more, **named)

    monkeypatch.setattr(socket, "getaddrinfo", led)


@pytest.fixture
def lab(live: Live) -> str:
    """The CA to trust."""
    return str(live.server.house.data / "lab" / "ca.pem")


def _certified(live: Live) -> dict[str, str]:
    key, certificate = live.daemon.key.read_text(), live.daemon.certificate.read_bytes()
    thumbprint = x509.load_pem_x509_certificate(certificate).fingerprint(hashes.SHA1()).hex()  # noqa: S303
    return {"private_key": key, "thumbprint": thumbprint}


@pytest.mark.parametrize("proof", ["secret", "certificate"])
def test_msal_without_any_flag(live: Live, lab: str, proof: str) -> None:
    """It does not verify the public cloud's authority: we provide metadata and token."""
    credential = live.daemon.secret if proof == "secret" else _certified(live)
    authority = f"https://login.microsoftonline.com/{live.guid}"
    client = msal.ConfidentialClientApplication(
        live.daemon.client_id, authority=authority, client_credential=credential, verify=lab
    )
    with closing(client.http_client):
        answer = client.acquire_token_for_client([APPLICATION_SCOPE])
    assert live.seen() == [METADATA, TOKEN]
    assert live.claims(answer["access_token"])["tid"] == live.guid


def test_azure_identity_and_the_apis_at_their_names(live: Live, lab: str) -> None:
    """Its token is valid for Graph and the REST API; URLs in their responses have the same names."""
    with ClientSecretCredential(live.guid, live.daemon.client_id, live.daemon.secret, connection_verify=lab) as client:
        graph, rest = client.get_token(GRAPH_SCOPE).token, client.get_token(APPLICATION_SCOPE).token
    streams = "https://graph.microsoft.com/beta/security/dataDiscovery/cloudAppDiscovery/uploadedStreams"
    answer = requests.get(streams, headers={"Authorization": f"Bearer {graph}"}, verify=lab, timeout=30)
    assert answer.json()["@odata.context"].startswith("https://graph.microsoft.com/beta/$metadata")
    for host in ("contoso.portal.cloudappsecurity.com", "contoso.us3.portal.cloudappsecurity.com"):
        address = f"https://{host}/api/v1/discovery/upload_url/?filename=a.log&source=SQUID_NATIVE"
        answer = requests.get(address, headers={"Authorization": f"Bearer {rest}"}, verify=lab, timeout=30)
        assert answer.json()["url"].startswith(f"https://{host}/upload/")
    tenantless = "https://portal.cloudappsecurity.com/cas/api/discovery/streams/"
    answer = requests.get(tenantless, headers={"Authorization": f"Bearer {rest}"}, verify=lab, timeout=30)
    assert answer.status_code == 200


def test_who_trusts_the_usual_ca_does_not_trust_the_names(live: Live) -> None:
    """They are separate CAs."""
    with pytest.raises(requests.exceptions.SSLError):
        requests.get("https://graph.microsoft.com/healthz", verify=live.ca, timeout=30)
    assert Path(live.ca).read_bytes() != (live.server.house.data / "lab" / "ca.pem").read_bytes()
