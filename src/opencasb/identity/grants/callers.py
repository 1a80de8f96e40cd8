"""Identify the application behind a token request, and whether it has to authenticate (identity §5)."""

from __future__ import annotations

from collections.abc import Iterable

from opencasb.identity.clients import AuthenticatedClient, Clients
from opencasb.identity.consents import Consents
from opencasb.identity.errors import OAuthError
from opencasb.identity.grants.token_request import ParsedRequest
from opencasb.model.application import Application
from opencasb.model.tenant import Tenant

ALIASES = ("common", "organizations")


class Callers:
    """Finds and authenticates the application behind a request; ``bases`` are the base URLs of this server."""

    def __init__(self, consents: Consents, clients: Clients, bases: Iterable[str]) -> None:
        self._consents = consents
        self._clients = clients
        self._bases = tuple(base.rstrip("/") for base in bases)

    def find(self, tenant: Tenant, parsed: ParsedRequest) -> Application:
        """Return the application in a tenant. Raises 700016, 7000112."""
        parsed.facts.update(tenant_id=tenant.tenant_id, client_id=parsed.credential.client_id)
        return self._consents.find(tenant, parsed.credential.client_id)

    def confidential(self, tenant: Tenant, parsed: ParsedRequest) -> AuthenticatedClient:
        """Return an application that must authenticate; raises what :meth:`Clients.authenticate` does."""
        return self._authenticated(tenant, parsed, self.find(tenant, parsed))

    def either(self, tenant: Tenant, parsed: ParsedRequest) -> AuthenticatedClient:
        """Return an application that authenticates, or a public client that need not.

        One with public flows and a registered credential is either, whichever the request shows.
        """
        application = self.find(tenant, parsed)
        confidential = not parsed.credential.is_empty and self._clients.is_confidential(application)
        public = application.public_client and not confidential
        return self._authenticated(tenant, parsed, application, public=public)

    def check(self, parsed: ParsedRequest) -> None:
        """Refuse an unknown application or a wrong credential before reporting another error of the request.

        Client errors take precedence (RFC 6749 §3.2.1). Raises what :meth:`confidential` does; a client without a
        credential may be a public one.
        """
        if parsed.tenant is not None:
            application = self.find(parsed.tenant, parsed)
            if not parsed.credential.is_empty:
                self._authenticated(parsed.tenant, parsed, application)

    def by_redirect(self, tenant: Tenant, parsed: ParsedRequest, kind: str) -> AuthenticatedClient:
        """Return the application that was answered at a redirect of ``kind`` (identity §9).

        Raises 9002326 for a cross-origin request where none is allowed, 9002327 for any other where one is required.
        """
        if kind == "spa" and parsed.request.origin is None:
            raise OAuthError(9002327, "Codes of a single-page application are redeemed by cross-origin requests only.")
        if kind != "spa" and parsed.request.origin is not None:
            raise OAuthError(9002326, "Cross-origin requests are for redirects of single-page applications only.")
        public = kind != "web"
        return self._authenticated(tenant, parsed, self.find(tenant, parsed), public=public)

    def _authenticated(
        self, tenant: Tenant, parsed: ParsedRequest, application: Application, *, public: bool = False
    ) -> AuthenticatedClient:
        asserted = parsed.credential.assertion is not None
        audiences = self._audiences(tenant, parsed.request.tenant) if asserted else set[str]()
        address = parsed.request.address
        client = self._clients.authenticate(application, parsed.credential, address, audiences, public=public)
        parsed.facts["key_id"] = client.key_id
        return client

    def _audiences(self, tenant: Tenant, segment: str) -> set[str]:
        """Return every audience that an assertion may name: endpoints and issuers, under every name of the tenant."""
        names = {segment, segment.lower(), tenant.guid, tenant.domain, *ALIASES}
        endings = ("/oauth2/token", "/oauth2/v2.0/token", "/v2.0", "/", "")
        return {f"{base}/{name}{ending}" for base in self._bases for name in names for ending in endings}
