"""The address table of the authorization server (identity §2)."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Final, Protocol

from starlette.applications import Starlette
from starlette.routing import Route
from starlette.types import ASGIApp, Receive, Scope, Send

from opencasb.api.login import authorize, handlers, signing_in
from opencasb.api.login.exchange import Endpoint, Handler, PageEndpoint
from opencasb.identity.identity import Identity

READ: Final = ("GET", "HEAD")
WRITE: Final = ("POST",)
VERSIONS: Final[tuple[tuple[handlers.Version, str], ...]] = ((1, ""), (2, "/v2.0"))


class Installation(Protocol):
    """What this API needs of the composition root."""

    @property
    def identity(self) -> Identity:
        """The authorization server."""

    @property
    def clock(self) -> Callable[[], int]:
        """The time in ms since the epoch UTC."""


def routes(identity: Identity, clock: Callable[[], int]) -> Starlette:
    """Return the ASGI application; it never answers with a redirect to a tidier address."""

    def route(path: str, handler: Handler, allow: tuple[str, ...]) -> Route:
        return Route(path, Endpoint(handler, clock, allow))

    def page(path: str, handler: Handler, allow: tuple[str, ...]) -> Route:
        return Route(path, PageEndpoint(handler, clock, allow))

    table = [page("/{tenant}/login", partial(signing_in.sign_in, identity), WRITE)]
    table += [route("/common/discovery/instance", partial(handlers.instance, identity), READ)]
    for version, infix in VERSIONS:
        token, device_code, metadata, keys = (
            partial(handler, identity, version)
            for handler in (handlers.token, handlers.device_code, handlers.metadata, handlers.keys)
        )
        table += [
            route("/{tenant}/oauth2" + infix + "/token", token, WRITE),
            page(
                "/{tenant}/oauth2" + infix + "/authorize",
                partial(authorize.authorize, identity, version),
                (*READ, *WRITE),
            ),
            page("/{tenant}/oauth2" + infix + "/consent", partial(authorize.consent, identity, version), WRITE),
            route("/{tenant}/oauth2" + infix + "/devicecode", device_code, WRITE),
            route("/{tenant}" + infix + "/.well-known/openid-configuration", metadata, READ),
            route("/{tenant}/discovery" + infix + "/keys", keys, READ),
        ]
    every = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")
    app = Starlette(routes=table)
    app.router.redirect_slashes = False
    app.router.default = Endpoint(handlers.not_found, clock, every)  # a route would not match a path with a line end
    app.add_middleware(TidySlashes)
    return app


class TidySlashes:
    """Collapses doubled slashes and drops a trailing one: MSAL appends to the authority exactly as it was given."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on with a tidy path."""
        if scope["type"] == "http":
            scope = {**scope, "path": "/" + "/".join(part for part in scope["path"].split("/") if part)}
        await self._app(scope, receive, send)
