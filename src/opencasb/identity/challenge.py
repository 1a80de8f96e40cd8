"""The ``WWW-Authenticate`` challenge, which tells a client where to get access tokens (identity §8, RFC 6750 §3)."""

from __future__ import annotations


def bearer_challenge(base: str, app_id: str = "", *, invalid: bool = False, hint: str = "") -> str:
    """Return a challenge for ``WWW-Authenticate``.

    ``base`` is the public URL of the server; ``app_id`` is the resource that tokens must be for, if there is only one.
    ``invalid`` reports that the token sent was rejected, with a ``hint`` at the reason.
    """
    parts = ['Bearer realm=""', f'authorization_uri="{base.rstrip("/")}/common/oauth2/authorize"']
    if app_id:
        parts.append(f'client_id="{app_id}"')
    if invalid:
        parts.append('error="invalid_token"')
        if hint:
            parts.append(f'error_description="{hint}"')
    return ", ".join(parts)
