"""Sign in through a tenant's external OpenID provider (OpenID Connect Core §3.1, RFC 7636, 9207).

The state of the flow is sealed in a cookie of its own, so nobody else can continue what one browser began. The user
must already exist: none is created.
"""

from __future__ import annotations

import base64
import hmac
import secrets
from collections.abc import Callable, Mapping
from typing import Final
from urllib.parse import urlencode, urlsplit

import msgspec
import structlog

from opencasb.identity.authorization_codes import s256
from opencasb.identity.errors import InvalidToken, OAuthError
from opencasb.identity.external.configuration import CLIENT_SECRET, GivenProvider, configured
from opencasb.identity.external.id_tokens import IdClaims, check_id_token
from opencasb.identity.external.provider import Provider, Web
from opencasb.identity.trust.fetch import HttpsFetch, Unreachable
from opencasb.identity.vault import Vault
from opencasb.model.durations import MINUTE
from opencasb.model.external_sign_in import ExternalSignIn
from opencasb.model.tenant import Tenant
from opencasb.model.user import User
from opencasb.outbound import Network
from opencasb.store.audit_log import AuditLog
from opencasb.store.external_sign_ins import ExternalSignIns
from opencasb.store.users import Users

STATE_LIFETIME: Final = 10 * MINUTE
"""How long (ms) a browser may take to return."""
LONGEST_GOAL: Final = 2_000
"""Maximum length in characters of the URL to continue to; it has to fit in the cookie."""
MOST_PROVIDERS: Final = 1_000
"""Most providers whose documents are cached; those used first are dropped, as administrators may name any number."""
_TICKET: Final = "external sign-in"
_log = structlog.get_logger(__name__)


class AuthorizationRedirect(msgspec.Struct, frozen=True):
    """Where to redirect the browser, and the cookie that holds the state meanwhile."""

    address: str
    ticket: str


class ExternalUser(msgspec.Struct, frozen=True):
    """The user who returned, how they authenticated, and the URL to continue to."""

    user: User
    amr: tuple[str, ...]
    going_to: str


class _Ticket(msgspec.Struct, frozen=True, kw_only=True):
    tenant_id: int
    issuer: str
    state: str
    nonce: str
    verifier: str
    going_to: str
    expires: int


class ExternalSignInFlow:
    """Redirects browsers to the provider of their tenant, and identifies the users who return."""

    def __init__(
        self,
        repository: ExternalSignIns,
        users: Users,
        audit_log: AuditLog,
        vault: Vault,
        clock: Callable[[], int],
        *,
        base: str,
        web: Web,
    ) -> None:
        self._repository = repository
        self._users = users
        self._audit_log = audit_log
        self._vault = vault
        self._clock = clock
        self._base = base.rstrip("/")
        self._web = web
        self._public_web = HttpsFetch(Network())
        self._providers: dict[tuple[str, bool], Provider] = {}

    def put(self, tenant_id: int, given: GivenProvider, *, by: str) -> ExternalSignIn:
        """Configure the provider of a tenant, replacing any other. Raises ``ValueError`` if it is invalid."""
        made = configured(tenant_id, given, self._users, self._vault, self._repository.get(tenant_id))
        self._repository.put(made, by=by)
        return self._repository.get(tenant_id) or made

    def get(self, tenant_id: int) -> ExternalSignIn | None:
        """Return the provider of a tenant, or None."""
        return self._repository.get(tenant_id)

    def remove(self, tenant_id: int, *, by: str) -> bool:
        """Remove the provider; existing sessions continue. Returns whether there was one."""
        return self._repository.remove(tenant_id, by=by)

    def label(self, tenant: Tenant | None) -> str:
        """Return the label of the tenant's sign-in button; empty if it has no provider."""
        found = None if tenant is None else self._repository.get(tenant.tenant_id)
        return "" if found is None else found.label

    def redirect_uri(self, tenant: Tenant) -> str:
        """Return the URL to register at the provider."""
        return f"{self._base}/{tenant.guid}/login/callback"

    def begin(self, tenant: Tenant, going_to: str) -> AuthorizationRedirect:
        """Start a sign-in. Raises 90013 if the tenant has no provider or the provider does not answer."""
        settings = self._settings(tenant)
        if len(going_to) > LONGEST_GOAL:
            raise OAuthError(90013, "The request is too long to be continued after an external sign-in.")
        ticket = _Ticket(
            tenant_id=tenant.tenant_id,
            issuer=settings.issuer,
            state=secrets.token_urlsafe(24),
            nonce=secrets.token_urlsafe(24),
            verifier=secrets.token_urlsafe(48),
            going_to=going_to,
            expires=self._clock() + STATE_LIFETIME,
        )
        asked = {
            "client_id": settings.client_id,
            "response_type": "code",
            "redirect_uri": self.redirect_uri(tenant),
            "scope": "openid profile email",
            "state": ticket.state,
            "nonce": ticket.nonce,
            "code_challenge": s256(ticket.verifier),
            "code_challenge_method": "S256",
        }
        try:
            address = self._provider(settings).known().configuration.authorization_endpoint
        except Unreachable as error:
            raise self._failed(tenant, str(error)) from None
        sealed = self._vault.seal(msgspec.json.encode(ticket), _TICKET)
        separator = "&" if urlsplit(address).query else "?"
        return AuthorizationRedirect(
            f"{address}{separator}{urlencode(asked)}", base64.urlsafe_b64encode(sealed).decode()
        )

    def finish(self, tenant: Tenant, cookie: str, given: Mapping[str, str]) -> ExternalUser:
        """Return the user who returned with the cookie of :meth:`begin` and these parameters.

        Raises 90013 (not our sign-in, or refused by the provider), 50020 (no matching user) and 50057 (disabled).
        """
        settings = self._settings(tenant)
        ticket = self._opened(cookie)
        if ticket is None or (ticket.tenant_id, ticket.issuer) != (tenant.tenant_id, settings.issuer):
            raise OAuthError(90013, "The sign-in was not begun in this browser, or took too long. Begin again.")
        if not hmac.compare_digest(ticket.state.encode(), given.get("state", "").encode()):
            raise OAuthError(90013, "The answer is not that of the sign-in that this browser began. Begin again.")
        try:
            claims = self._claims(tenant, settings, ticket, given)
        except (Unreachable, InvalidToken) as error:
            raise self._failed(tenant, str(error)) from None
        user = self._user(settings, claims)
        if user is None or user.is_guest:  # a guest's own tenant signs them in, and tokens say that it did
            raise self._refused(tenant, claims, 50020, "Nobody here belongs to the account of the identity provider.")
        if not user.active:
            raise self._refused(tenant, claims, 50057, "The account of the user is disabled.")
        self._audit_log.add(
            tenant.tenant_id, "sign_in.pass", by=user.upn, target=user.upn, issuer=claims.iss, subject=claims.sub[:100]
        )
        return ExternalUser(user, ("fed", "mfa") if "mfa" in claims.amr else ("fed",), ticket.going_to)

    def _claims(self, tenant: Tenant, settings: ExternalSignIn, ticket: _Ticket, given: Mapping[str, str]) -> IdClaims:
        provider = self._provider(settings)
        known = provider.known()
        must_name_itself = known.configuration.authorization_response_iss_parameter_supported
        if given.get("iss", "" if must_name_itself else settings.issuer) != settings.issuer:
            raise InvalidToken("the answer is that of another issuer")
        if "error" in given or not given.get("code"):
            raise InvalidToken(f"the provider refused: {given.get('error', 'no code')[:100]!r}")
        form = {
            "grant_type": "authorization_code",
            "code": given["code"],
            "redirect_uri": self.redirect_uri(tenant),
            "client_id": settings.client_id,
            "code_verifier": ticket.verifier,
        }
        secret = self._vault.open(settings.sealed_secret, CLIENT_SECRET)
        if secret is None:
            raise InvalidToken("the client secret was sealed with another key file; configure it anew")
        token = provider.redeem(form, secret.decode())
        facts = {"issuer": settings.issuer, "client_id": settings.client_id, "nonce": ticket.nonce}
        return check_id_token(token, known.keys, self._clock(), **facts)

    def _user(self, settings: ExternalSignIn, claims: IdClaims) -> User | None:
        held = {("sub", claims.sub), ("oid", claims.oid)}
        for link in settings.links:
            if (link.claim, link.value) in held:
                return self._users.get(settings.tenant_id, link.user_id)
        name = claims.name(settings.name_claim)
        return self._users.by_upn(settings.tenant_id, name) if name else None

    def _settings(self, tenant: Tenant) -> ExternalSignIn:
        found = self._repository.get(tenant.tenant_id)
        if found is None:
            raise OAuthError(90013, "The tenant has no external sign-in.")
        return found

    def _provider(self, settings: ExternalSignIn) -> Provider:
        web = self._web if settings.anywhere else self._public_web
        key = (settings.issuer, settings.anywhere)
        found = self._providers.setdefault(key, Provider(settings.issuer, web, self._clock))
        for oldest in [*self._providers][:-MOST_PROVIDERS]:
            self._providers.pop(oldest, None)
        return found

    def _opened(self, cookie: str) -> _Ticket | None:
        try:
            content = self._vault.open(base64.urlsafe_b64decode(cookie.encode()), _TICKET)
            ticket = None if content is None else msgspec.json.decode(content, type=_Ticket)
        except (ValueError, msgspec.MsgspecError):
            return None
        return ticket if ticket and ticket.expires > self._clock() else None

    def _failed(self, tenant: Tenant, reason: str) -> OAuthError:
        _log.warning("external sign-in failed", tenant_id=tenant.tenant_id, reason=reason)
        return OAuthError(
            90013, "The identity provider did not confirm the sign-in. Try again, or tell an administrator."
        )

    def _refused(self, tenant: Tenant, claims: IdClaims, code: int, text: str) -> OAuthError:
        facts = {"issuer": claims.iss, "subject": claims.sub[:100], "code": code}
        self._audit_log.add(tenant.tenant_id, "sign_in.refuse", by=claims.iss, target=claims.sub[:100], **facts)
        return OAuthError(code, text)
