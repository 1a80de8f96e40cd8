"""Whether what a user authorized still counts (identity §7.3)."""

from __future__ import annotations

from opencasb.identity.errors import OAuthError
from opencasb.store.revocations import Revocations, of_application, of_consent, of_family, of_user


def demand_unrevoked(
    revocations: Revocations, tenant_id: int, *, client_id: str, user_id: str, family_id: str, issued: int
) -> None:
    """Refuse what was authorized up to ``issued`` (ms) and taken back since. Raises 50173."""
    subjects = (
        of_family(family_id),
        of_user(user_id),
        of_application(client_id),
        of_consent(client_id, user_id),
        of_consent(client_id, ""),
    )
    if revocations.concern(tenant_id, subjects, issued):
        raise OAuthError(50173, "The grant was revoked. Send the user to sign in again.", suberror="bad_token")
