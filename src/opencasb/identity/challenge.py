"""How a refusal tells a client that it takes access tokens, and where they are to be had (identity §8, RFC 6750 §3)."""

from __future__ import annotations


def bearer_challenge(base: str, app_id: str = "", *, invalid: bool = False, hint: str = "") -> str:
    """Return a challenge for ``WWW-Authenticate``.

    ``base`` is the public URL of the server; ``app_id`` is the resource that tokens have to be for, if there is only
    one. That the token which was sent is ``invalid`` is told, with a ``hint`` at the reason.
    """
    parts = ['Bearer realm=""', f'authorization_uri="{base.rstrip("/")}/common/oauth2/authorize"']
    if app_id:
        parts.append(f'client_id="{app_id}"')
    if invalid:
        parts.append('error="invalid_token"')
        if hint:
            parts.append(f'error_description="{hint}"')
    return ", ".join(parts)
