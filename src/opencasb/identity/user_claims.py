"""The claims about the signed-in user in tokens (identity §7.1)."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping

import msgspec

from opencasb.identity.pepper import Pepper
from opencasb.model.base64url import unpadded
from opencasb.model.delegation import SignedIn
from opencasb.model.roles import TEMPLATE_IDS
from opencasb.model.user import User

_PAIRWISE = "pairwise subject"


def pairwise(pepper: Pepper, user: User, client_id: str) -> str:
    """Return the pairwise ``sub`` of a user for one application, which other applications cannot correlate."""
    return unpadded(bytes.fromhex(pepper.digest(_PAIRWISE, f"{user.user_id} {client_id}")))


def in_access_token(user: User, signed_in: SignedIn, subject: str, family_id: str, address: str) -> dict[str, object]:
    """Return the user claims of a v1.0 access token; revocation goes by ``family_id``."""
    given, _, family = user.display_name.partition(" ")
    claims: dict[str, object] = {
        "oid": user.user_id,
        "sub": subject,
        "upn": user.upn,
        "unique_name": user.upn,
        "name": user.display_name,
        "given_name": given,
        "ipaddr": address,
        "amr": list(signed_in.amr),
        "acr": "1",
        "sid": family_id,
    }
    if family:
        claims["family_name"] = family
    role = TEMPLATE_IDS.get(user.role)
    return claims if role is None else {**claims, "wids": [role]}


def in_id_token(user: User, tenant_guid: str, subject: str, access_token: str, *, email: bool) -> dict[str, object]:
    """Return the user claims of an ID token, without those about the request (identity §7.1)."""
    half = hashlib.sha256(access_token.encode()).digest()[:16]
    claims: dict[str, object] = {
        "sub": subject,
        "oid": user.user_id,
        "tid": tenant_guid,
        "preferred_username": user.upn,
        "name": user.display_name,
        "at_hash": unpadded(half),
    }
    return {**claims, "email": user.upn} if email and "@" in user.upn else claims


def client_info(user: User, home_guid: str) -> str:
    """Return the ``client_info`` by which MSAL identifies an account: its ids in the home tenant."""
    facts: Mapping[str, str] = {"uid": user.home_user_id or user.user_id, "utid": home_guid}
    return unpadded(msgspec.json.encode(facts))
