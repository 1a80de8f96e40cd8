"""The password grant (ROPC): off unless a tenant and an application both allow it (identity §5, §12)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from opencasb.identity.errors import OAuthError
from opencasb.identity.forms import required
from opencasb.identity.grants.callers import Callers
from opencasb.identity.grants.token_request import ParsedRequest
from opencasb.identity.grants.token_responses import Authorization, UserTokenResponses
from opencasb.identity.guests import Guests
from opencasb.identity.second_factor import SecondFactorCheck
from opencasb.identity.sign_in import SignIn
from opencasb.model.delegation import SignedIn
from opencasb.model.tenant import Tenant
from opencasb.model.user import User
from opencasb.store.database import new_id


@dataclass(eq=False)
class PasswordGrant:
    """Signs a user in with the password that an application collected."""

    _callers: Callers
    _sign_in: SignIn
    _guests: Guests
    _second_factors: SecondFactorCheck
    _responses: UserTokenResponses
    _clock: Callable[[], int]

    def __call__(self, parsed: ParsedRequest) -> dict[str, Any]:  # any JSON
        """Answer a request.

        Raises 900144, 9001023 at ``common``, 70003 where the grant is not allowed, and the errors of sign-in.
        """
        username, password = required(parsed.form, "username"), parsed.form.get("password", "")
        if not password:  # not stripped: a password may begin or end with a space
            raise OAuthError(900144, "The request body must contain the parameter 'password'.")
        tenant = self._tenant(parsed, username, password)
        client = self._callers.either(tenant, parsed)
        if not client.application.public_client:
            raise OAuthError(7000218, "The application does not allow public client flows, which passwords need.")
        user = self._sign_in.check(tenant, username, password, parsed.request.address)
        self._refuse_where_more_is_needed(user)
        signed_in = SignedIn(
            tenant_id=user.tenant_id, user_id=user.user_id, amr=("pwd",), session_id="", at=self._clock()
        )
        within = self._guests.within(tenant, user, signed_in)
        if within is None:
            raise OAuthError(50020, "The account belongs to another tenant, and is not a guest of this one.")
        authorization = Authorization(
            signed_in=within[1],
            family_id=new_id(),
            scope_request=parsed.scope_request,
            lasting=parsed.scope_request.lasts,
        )
        return self._responses.respond(parsed, tenant, client, authorization)

    def _tenant(self, parsed: ParsedRequest, username: str, password: str) -> Tenant:
        """Return the tenant of the request, or the user's if the request names none."""
        if parsed.tenant is None and parsed.request.tenant.lower() != "organizations":
            raise OAuthError(9001023, "The grant type 'password' needs a tenant or 'organizations' in the address.")
        tenant = parsed.tenant or self._sign_in.tenant_of(username)
        if tenant is None:
            self._sign_in.check(None, username, password, parsed.request.address)  # refuses, in the usual time
            raise OAuthError(50126, "The user name or the password is wrong.")
        if not tenant.password_grant:
            raise OAuthError(70003, "The grant type 'password' is switched off for this tenant.")
        return tenant

    def _refuse_where_more_is_needed(self, user: User) -> None:
        if self._second_factors.is_required(user):
            raise OAuthError(50076, "The user must sign in with a second factor, for which there is no place here.")
        home = self._guests.home_tenant_of(user)
        if home is not None and home.second_factor:
            raise OAuthError(50079, "The user must set up a second factor, for which there is no place here.")
