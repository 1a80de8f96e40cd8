"""Authorization requests: what an application sends a browser with, and what its user consents to (identity §5, §9)."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Final

from opencasb.identity.authorization_codes import AuthorizationCodes, CodeRequest, check_challenge
from opencasb.identity.consent_flow import Consent, ConsentFlow
from opencasb.identity.consents import Consents
from opencasb.identity.errors import OAuthError
from opencasb.identity.registrations import Registrar
from opencasb.identity.token_endpoint import find_tenant
from opencasb.model.application import Application
from opencasb.model.delegation import ScopeRequest, SignedIn, Version
from opencasb.model.registration import Redirect
from opencasb.model.tenant import Tenant
from opencasb.model.user import User
from opencasb.store.tenants import Tenants

RESPONSE_MODES: Final = ("query", "fragment", "form_post")
_SECONDS: Final = re.compile(r"[0-9]{1,9}")


@dataclass(frozen=True, slots=True)
class AuthorizationRequest:
    """A request whose client and redirect are validated, so that it can be answered at the redirect.

    ``tenant`` is None at an alias: it is then that of whoever signs in. ``application`` is as the tenant knows it, or
    as its home tenant does if it is new there. ``max_age`` is the greatest allowed age of the sign-in in seconds, as
    sent; empty for no limit.
    """

    tenant: Tenant | None
    application: Application
    redirect: Redirect
    redirect_uri: str
    response_type: str
    response_mode: str
    scope_request: ScopeRequest
    state: str | None
    nonce: str
    challenge: str
    challenge_method: str
    prompt: frozenset[str]
    max_age: str
    login_hint: str

    @property
    def names_nothing(self) -> bool:
        """Whether it requests nothing in particular, like the consent link of partners (identity §9)."""
        return not (self.scope_request.scope or self.scope_request.resource)

    def names_another(self, user: User) -> bool:
        """Whether ``login_hint`` names an account other than ``user``; a hint need not be an account name."""
        hint = self.login_hint.strip().lower()
        return "@" in hint and hint != user.upn.lower()


@dataclass(eq=False)
class Authorizations:
    """Parses requests, determines the consent they need, and answers them with codes."""

    _tenants: Tenants
    _consents: Consents
    _consent_flow: ConsentFlow
    _registrations: Registrar
    _codes: AuthorizationCodes
    _issuer: Callable[[Version, str], str]
    _clock: Callable[[], int]

    def read(self, segment: str, version: Version, given: Mapping[str, str]) -> AuthorizationRequest:
        """Parse a request as far as needed to know where its response goes.

        Errors found up to that point are shown on a page and never sent to an unregistered redirect. Raises 90002,
        900144, 700016, 7000112, 50194 and 50011.
        """
        tenant = find_tenant(self._tenants, segment)
        client_id = given.get("client_id", "").strip()
        if not client_id:
            raise OAuthError(900144, "The request must contain the parameter 'client_id'.")
        application = self._consents.find_anywhere(tenant, client_id)
        redirect_uri = given.get("redirect_uri", "")
        redirect = self._redirect(application, redirect_uri)
        return AuthorizationRequest(
            tenant=tenant,
            application=application,
            redirect=redirect,
            redirect_uri=redirect_uri or redirect.uri,
            response_type=given.get("response_type", ""),
            response_mode=given.get("response_mode", "") or "query",
            scope_request=ScopeRequest(
                version=version, scope=given.get("scope", ""), resource=given.get("resource", "")
            ),
            state=given.get("state"),
            nonce=given.get("nonce", ""),
            challenge=given.get("code_challenge", ""),
            challenge_method=given.get("code_challenge_method", ""),
            prompt=frozenset(given.get("prompt", "").lower().split()),
            max_age=given.get("max_age", ""),
            login_hint=given.get("login_hint", ""),
        )

    def check(self, request: AuthorizationRequest) -> None:
        """Validate the remaining parameters. Raises 700054, 70007, 90013, 50147 and the errors of invalid scopes."""
        if request.response_type != "code":
            raise OAuthError(700054, "The parameter 'response_type' must be 'code'.")
        if request.response_mode not in RESPONSE_MODES:
            raise OAuthError(70007, f"The parameter 'response_mode' must be one of: {', '.join(RESPONSE_MODES)}.")
        if request.max_age and not _SECONDS.fullmatch(request.max_age):
            raise OAuthError(90013, "The parameter 'max_age' must be a number of seconds.")
        check_challenge(self._code_request(request))
        if not request.names_nothing:
            self._consent_flow.wanted(request.application, request.scope_request)

    def is_too_old(self, request: AuthorizationRequest, signed_in: SignedIn) -> bool:
        """Return whether ``max_age`` requires a more recent sign-in than this one (OpenID Connect Core §3.1.2.1)."""
        return bool(request.max_age) and self._clock() - signed_in.at > int(request.max_age) * 1000

    def consent(self, request: AuthorizationRequest, user: User) -> Consent:
        """Return what ``user`` would have to consent to. Raises 50020 for a user of another tenant who is no guest.

        An administrator is asked for everything the application is configured with if the request says so, or if it
        names nothing and the application wants permissions of its own as well (identity §9).
        """
        if request.tenant is not None and request.tenant.tenant_id != user.tenant_id:
            raise OAuthError(50020, "The account belongs to another tenant than the application was asked for.")
        asked = self._consent_flow.asked(request.application, request.scope_request, user)
        whole = self._consent_flow.of_tenant(request.application, asked)
        acts_for_itself = any(each.kind == "application" for each in whole)
        if "admin_consent" in request.prompt or (request.names_nothing and acts_for_itself):
            return replace(asked, of_tenant=whole)
        return asked

    def answer(self, request: AuthorizationRequest, user: User, signed_in: SignedIn) -> dict[str, str]:
        """Return the parameters of the success response. Raises 50105 (the user is not assigned)."""
        tenant = self._consent_flow.tenant_of(user)
        application = self._consents.find(tenant, request.application.client_id)
        self._consents.demand_use(application, user)
        code = self._codes.issue(self._code_request(replace(request, application=application)), signed_in)
        answer = {"code": code, "session_state": _session_state(application, signed_in)}
        return self.addressed(request, answer)

    def refusal(self, request: AuthorizationRequest, error: str, text: str) -> dict[str, str]:
        """Return the parameters of an error response."""
        return self.addressed(request, {"error": error, "error_description": text})

    def addressed(self, request: AuthorizationRequest, answer: Mapping[str, str]) -> dict[str, str]:
        """Add the client's state and the issuer, which prevents mix-up attacks (RFC 9207), to a response.

        The issuer in the metadata of ``common`` and ``organizations`` is a pattern that no value could be equal to, so
        responses to them have none.
        """
        state = {} if request.state is None else {"state": request.state}
        tenant = request.tenant
        issuer = {} if tenant is None else {"iss": self._issuer(request.scope_request.version, tenant.guid)}
        return {**answer, **state, **issuer}

    def _redirect(self, application: Application, given: str) -> Redirect:
        if given:
            found = self._registrations.redirect(application, given)
        else:
            found = next(iter(self._registrations.redirects(application)), None)
        if found is None:
            raise OAuthError(50011, "The 'redirect_uri' of the request is not registered for the application.")
        return found

    def _code_request(self, request: AuthorizationRequest) -> CodeRequest:
        return CodeRequest(
            application=request.application,
            scope_request=request.scope_request,
            redirect_uri=request.redirect_uri,
            redirect=request.redirect,
            nonce=request.nonce,
            challenge=request.challenge,
            challenge_method=request.challenge_method,
        )


def _session_state(application: Application, signed_in: SignedIn) -> str:
    return hashlib.sha256(f"{application.client_id} {signed_in.session_id}".encode()).hexdigest()[:32]
