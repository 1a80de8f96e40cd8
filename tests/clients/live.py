"""A server process that records its requests, set up for every kind of client: applications, a user, keys."""

from __future__ import annotations

import functools
import ssl
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import jwt
import requests
from cryptography.hazmat.primitives import serialization

from opencasb.app import Casb, now_ms
from opencasb.identity.passwords import hash_password
from opencasb.model.application import Application
from opencasb.model.permissions import MDCA, parse_permission
from opencasb.model.registration import RequestedPermission
from opencasb.model.roles import Role
from opencasb.settings import load
from tests.api.login.browser import Browser
from tests.identity.certificates import certificate, private_key
from tests.identity.standin import spare_key
from tests.server import Server

DOMAIN = "contoso.example"
ADMINISTRATOR, READER = f"root@{DOMAIN}", f"ann@{DOMAIN}"
PASSWORD = "correct horse + battery % staple"
SITE = "https://app.example/callback"
"""Redirect of the web application; nothing listens there, the browser shows what it would have sent."""
APPLICATION_SCOPE = f"{MDCA.app_id}/.default"
USER_SCOPE = f"{MDCA.app_id}/Discovery.Read"
GRAPH_SCOPE = "https://graph.microsoft.com/.default"
DEVICE_PAGE = "/common/oauth2/deviceauth"
METADATA = "GET /{t}/v2.0/.well-known/openid-configuration"
TOKEN = "POST /{t}/oauth2/v2.0/token"
DEVICE = "POST /{t}/oauth2/v2.0/devicecode"
DELEGATED = [
    RequestedPermission("mdca", "delegated", "discovery.read"),
    RequestedPermission("graph", "delegated", "CloudApp-Discovery.Read.All"),
    RequestedPermission("graph", "delegated", "User.Read"),
]

RECORDING = """
import os
from opencasb import server
from opencasb.program import main

class Recording(server.Dispatcher):
    async def __call__(self, scope, receive, send):
        if scope["type"] == "http":
            with open(os.environ["OPENCASB_DATA"] + "/requests", "a", encoding="utf-8") as log:
                query = b"?" + scope["query_string"] if scope["query_string"] else b""
                log.write(f"{scope['method']} {(scope['raw_path'] + query).decode()}\\n")
        await super().__call__(scope, receive, send)

server.Dispatcher = Recording
main()
"""
"""The server program, which logs each request before it is answered."""


@dataclass(frozen=True)
class Registered:
    """An application's credentials as given to its developer: ``key`` and ``certificate`` are PEM files."""

    client_id: str
    secret: str = ""
    key: Path = Path()
    certificate: Path = Path()


@dataclass(frozen=True)
class Live:
    """What clients need to know about the server, and the requests it received."""

    server: Server
    guid: str
    daemon: Registered
    """Acts as itself."""
    site: Registered
    """Acts for users with a browser, and has a secret."""
    native: Registered
    """Acts for users on their own devices."""
    flooded: Registered
    """Only sends wrong secrets."""

    @property
    def base(self) -> str:
        """The authority host."""
        return self.server.base

    @property
    def authority(self) -> str:
        """The authority URL of the tenant."""
        return f"{self.base}/{self.guid}"

    @property
    def ca(self) -> str:
        """The CA to trust."""
        return str(self.server.ca)

    @property
    def context(self) -> ssl.SSLContext:
        """A TLS context that trusts the CA."""
        return ssl.create_default_context(cafile=self.ca)

    @property
    def requests(self) -> Path:
        """The file with the recorded requests."""
        return self.server.house.data / "requests"

    def seen(self) -> list[str]:
        """Return method, path and query of each request since :meth:`forget`, with ``{t}`` for the tenant."""
        lines = self.requests.read_text(encoding="utf-8").splitlines()
        return [line.replace(self.guid, "{t}") for line in lines]

    def forget(self) -> None:
        """Clear the recorded requests."""
        self.requests.write_bytes(b"")

    def claims(self, token: str, audience: str = MDCA.app_id) -> dict[str, object]:
        """Verify an access token with another library and the published keys; return its claims."""
        keys = self._keys.get_signing_key_from_jwt(token)
        return dict(jwt.decode(token, keys, ["RS256"], audience=audience, issuer=f"{self.authority}/"))

    @functools.cached_property
    def _keys(self) -> jwt.PyJWKClient:
        return jwt.PyJWKClient(f"{self.authority}/discovery/v2.0/keys", ssl_context=self.context)

    def browser(self) -> Browser:
        """Return a browser that trusts the CA."""
        return _RemoteBrowser(self.base, self.context)

    def sign_in(self, browser: Browser, address: str, name: str = ADMINISTRATOR) -> httpx.Response:
        """Open a page that requires sign-in, sign in, and return the page that follows."""
        answer = browser.fill_in(browser.get(address), username=name, password=PASSWORD)
        assert answer.status_code == 303, answer.text
        return browser.get(answer.headers["location"])

    def approve(self, user_code: str) -> None:
        """Follow the instructions shown on a device, in another browser."""
        browser = self.browser()
        page = browser.fill_in(self.sign_in(browser, DEVICE_PAGE), user_code=user_code)
        answer = browser.fill_in(page, decision="accept")
        assert "go back to your device" in answer.text


def furnish(data: Path) -> tuple[str, Registered, Registered, Registered, Registered]:
    """Add a tenant with two users; return its guid and its applications, in the order of :class:`Live`."""
    casb = Casb.open(load(data))
    tenant = casb.tenants.create("Contoso", domain=DOMAIN)
    casb.tenants.switch(tenant.tenant_id, "password_grant", on=True)
    password = hash_password(PASSWORD)
    casb.users.create(tenant.tenant_id, ADMINISTRATOR, Role.GLOBAL_ADMINISTRATOR, password_hash=password)
    casb.users.create(tenant.tenant_id, READER, Role.SECURITY_READER, password_hash=password)
    identity = casb.identity
    roles = [parse_permission("discovery.manage"), parse_permission("CloudApp-Discovery.Read.All")]
    daemon = identity.applications.create(tenant.tenant_id, "daemon", roles)
    site = identity.applications.create(tenant.tenant_id, "site")
    native = identity.applications.create(tenant.tenant_id, "native", public_client=True)
    identity.registrations.add_redirect(site, "web", SITE, by="test")
    identity.registrations.add_redirect(native, "publicClient", "http://localhost", by="test")
    for application in (site, native):
        identity.registrations.add_requested(application, DELEGATED, by="test")
        identity.consents.grant(application, DELEGATED, user_id=None, by="test")
    flooded = identity.applications.create(tenant.tenant_id, "flooded")
    proven = _with_proofs(casb, daemon, data), _with_proofs(casb, site, data)
    casb.close()
    return tenant.guid, *proven, Registered(native.client_id), Registered(flooded.client_id)


def _with_proofs(casb: Casb, application: Application, data: Path) -> Registered:
    made = casb.identity.credentials.new_client_secret(application.tenant_id, application.client_id)
    pair = spare_key()
    proof, public = data / f"{application.name}.key.pem", data / f"{application.name}.pem"
    proof.write_bytes(private_key(pair))
    public.write_bytes(certificate(pair, at=now_ms()).public_bytes(serialization.Encoding.PEM))
    casb.identity.registrations.add_certificate(application, public.read_bytes(), by="test")
    return Registered(application.client_id, made.value, proof, public)


class ElsewherePort(requests.adapters.HTTPAdapter):
    """Sends a library's requests for port 443 to the port of the server under test."""

    def __init__(self, base: str) -> None:
        self._base = base
        super().__init__()

    def send(self, request: requests.PreparedRequest, *args: Any, **kwargs: Any) -> requests.Response:
        """Send the request to the other port."""
        request.url = str(request.url).replace("https://localhost", self._base, 1)
        return super().send(request, *args, **kwargs)


class _RemoteBrowser(Browser):
    def __init__(self, base_url: str, context: ssl.SSLContext) -> None:
        super().__init__(_nothing, base_url)
        self._context = context

    def _transport(self) -> httpx.AsyncBaseTransport:
        return httpx.AsyncHTTPTransport(verify=self._context)


async def _nothing(*_: Any) -> None:  # an ASGI application that is never called
    raise AssertionError
