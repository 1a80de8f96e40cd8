"""The grants supported by the token endpoint, keyed by the ``grant_type`` that clients send (identity §5)."""

from __future__ import annotations

from collections.abc import Callable, Collection
from typing import TYPE_CHECKING

from opencasb.identity.grants.authorization_code import AuthorizationCodeGrant
from opencasb.identity.grants.callers import Callers
from opencasb.identity.grants.client_credentials import ClientCredentials
from opencasb.identity.grants.device_code import DeviceCodeGrant
from opencasb.identity.grants.password import PasswordGrant
from opencasb.identity.grants.refresh_token import RefreshTokenGrant
from opencasb.identity.grants.token_responses import UserTokenResponses

if TYPE_CHECKING:
    from opencasb.identity.grants.token_request import Grant
    from opencasb.identity.identity import Identity
    from opencasb.store.refresh_tokens import RefreshTokens
    from opencasb.store.users import Users


def supported_grants(
    of: Identity, users: Users, refresh_tokens: RefreshTokens, bases: Collection[str], clock: Callable[[], int]
) -> dict[str, Grant]:
    """Return every grant; ``bases`` are the base URLs that assertions may name as audience."""
    callers = Callers(of.consents, of.clients, set(bases))
    responses = UserTokenResponses(
        users, of.consents, of.registrations, of.resources, of.tokens, refresh_tokens, of.guests, of.pepper, clock
    )
    device_code = DeviceCodeGrant(of.tenants, callers, of.device_codes, of.revocations, responses)
    return {
        "client_credentials": ClientCredentials(callers, of.resources, of.tokens),
        "authorization_code": AuthorizationCodeGrant(
            of.tenants, callers, of.authorization_codes, of.revocations, responses
        ),
        "refresh_token": RefreshTokenGrant(
            of.tenants, callers, refresh_tokens, of.revocations, responses, of.pepper, clock
        ),
        "urn:ietf:params:oauth:grant-type:device_code": device_code,
        "device_code": device_code,  # sent by MSAL for JavaScript and .NET
        "password": PasswordGrant(callers, of.sign_in, of.guests, of.second_factors, responses, clock),
    }
