"""The routing table of the authorization server (identity §2)."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Final

from starlette.applications import Starlette
from starlette.routing import Route
from starlette.types import ASGIApp, Receive, Scope, Send

from opencasb.api.login import admin_consent, authorize, devices, external, handlers, sign_out, signing_in
from opencasb.api.login.exchange import PROVIDER_REQUESTS, Call, Endpoint, Handler, PageEndpoint, Reply, ThreadLimits
from opencasb.identity.errors import OAuthError
from opencasb.identity.identity import Identity
from opencasb.identity.throttle import Throttle
from opencasb.model.delegation import Version

READ: Final = ("GET", "HEAD")
WRITE: Final = ("POST",)
USER_REALM: Final = "userrealm"
_OWN: Final = frozenset({"common", "devicelogin", "error", "oidc"})
"""First segments that are not tenants, and the alias that some of our addresses begin with."""
BOTH: Final = (*READ, *WRITE)
REQUESTS_PER_MINUTE: Final = 600
"""Limit per address at each endpoint that is costly before authentication; offices share addresses."""
VERSIONS: Final[tuple[tuple[Version, str], ...]] = ((1, ""), (2, "/v2.0"))


def authorization_server(identity: Identity, clock: Callable[[], int]) -> Starlette:
    """Return the ASGI application; it never redirects to a canonical address."""
    limits, provider_limits = ThreadLimits(), ThreadLimits(PROVIDER_REQUESTS)

    def route(path: str, handler: Handler, allow: tuple[str, ...]) -> Route:
        return Route(path, Endpoint(handler, clock, allow, limits))

    def program(path: str, handler: Handler, allow: tuple[str, ...]) -> Route:
        asked = Endpoint(handler, clock, allow, limits)
        return Route(path, Preflight(asked, Endpoint(handlers.preflight, clock, ("OPTIONS",), limits)))

    def page(path: str, handler: Handler, allow: tuple[str, ...], limits: ThreadLimits = limits) -> Route:
        return Route(path, PageEndpoint(handler, clock, allow, limits))

    def of(handler: Callable[..., Reply], *given: object) -> Handler:
        return partial(handler, identity, *given)

    device_page = devices.device_page(identity)
    table = [
        page("/{tenant}/login", of(signing_in.sign_in), BOTH),
        page("/{tenant}/login/code", of(signing_in.second_factor), WRITE),
        page("/{tenant}/login/enrol", of(signing_in.enrol), WRITE),
        page("/{tenant}/login/password", of(signing_in.new_password), WRITE),
        page("/{tenant}/login/key", of(signing_in.security_key), WRITE),
        page("/{tenant}/login/external", of(external.redirect), READ, provider_limits),
        page("/{tenant}/login/callback", of(external.callback), READ, provider_limits),
        page(devices.PATH, device_page, BOTH),
        page("/devicelogin", device_page, BOTH),
        page("/error", handlers.error_page, READ),
        page("/{tenant}/oauth2/nativeclient", of(handlers.landing), READ),
        route("/common/discovery/instance", of(handlers.instance), READ),
        route(f"/{{tenant}}/{USER_REALM}/{{user}}", throttled(handlers.userrealm), READ),
        program("/oidc/userinfo", of(handlers.user_info), BOTH),
    ]
    for version, infix in VERSIONS:
        oauth = "/{tenant}/oauth2" + infix
        table += [
            page(f"{oauth}/authorize", throttled(of(authorize.authorize, version)), BOTH),
            page(f"{oauth}/consent", of(authorize.consent, version), WRITE),
            page(f"{oauth}/logout", of(sign_out.sign_out), BOTH),
            page("/{tenant}" + infix + "/adminconsent", of(admin_consent.admin_consent, version), BOTH),
            program(f"{oauth}/token", of(handlers.token, version), WRITE),
            program(f"{oauth}/devicecode", of(handlers.device_code, version), WRITE),
            program("/{tenant}" + infix + "/.well-known/openid-configuration", of(handlers.metadata, version), READ),
            program("/{tenant}/discovery" + infix + "/keys", of(handlers.keys, version), READ),
        ]
    every = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")
    app = Starlette(routes=table)
    app.router.redirect_slashes = False
    # A route would not match a path that contains a line break.
    app.router.default = Endpoint(handlers.not_found, clock, every, limits)
    app.add_middleware(TidySlashes)
    return app


def throttled(handler: Handler) -> Handler:
    """Return a handler that refuses addresses which call it far too often (identity §12)."""
    asked = Throttle(REQUESTS_PER_MINUTE)

    def handle(call: Call) -> Reply:
        if seconds := asked.count(call.address):
            raise OAuthError(90055, "Too many requests came from this address. Try again later.", retry_after=seconds)
        return handler(call)

    return handle


class Preflight:
    """Answers CORS preflights, and passes all other requests on to the endpoint."""

    def __init__(self, asked: ASGIApp, preflight: ASGIApp) -> None:
        self._asked = asked
        self._preflight = preflight

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        await (self._preflight if scope["method"] == "OPTIONS" else self._asked)(scope, receive, send)


class TidySlashes:
    """Collapses repeated slashes and drops a trailing one: MSAL appends to the authority exactly as configured.

    Endpoint names are lower-cased, because libraries and scripts spell them in several ways; names of tenants and users
    stay.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on with a canonical path."""
        if scope["type"] == "http":
            parts = [part for part in scope["path"].split("/") if part]
            names = slice(1, 2 if [part.lower() for part in parts[1:2]] == [USER_REALM] else None)
            parts[names] = [part.lower() for part in parts[names]]
            if parts and parts[0].lower() in _OWN:
                parts[0] = parts[0].lower()
            scope = {**scope, "path": "/" + "/".join(parts)}
        await self._app(scope, receive, send)
