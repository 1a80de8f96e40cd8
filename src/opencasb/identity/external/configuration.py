"""The configuration of a tenant's external provider: validation, and what is disclosed about it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Final, get_args
from urllib.parse import urlsplit

from opencasb.identity.vault import Vault
from opencasb.model.external_sign_in import ExternalSignIn, Link, NameClaim
from opencasb.model.written_line import is_name
from opencasb.outbound import demand_public
from opencasb.store.users import Users

CLIENT_SECRET: Final = "client secret at an external provider"  # noqa: S105 -- a label
MOST_LINKS: Final = 1_000
LABEL: Final = "Sign in with your organisation"
_VISIBLE: Final = re.compile(r"[!-~]{1,256}")


@dataclass(frozen=True, slots=True)
class GivenProvider:
    """The submitted configuration of a provider; ``links`` look like ``oid:<guid>=ann@contoso.example``.

    ``anywhere`` is that of :class:`~opencasb.model.external_sign_in.ExternalSignIn`.
    """

    issuer: str
    client_id: str
    client_secret: str = field(default="", repr=False)
    label: str = ""
    name_claim: str = ""
    links: Sequence[str] = ()
    anywhere: bool = False


def configured(
    tenant_id: int, given: GivenProvider, users: Users, vault: Vault, before: ExternalSignIn | None = None
) -> ExternalSignIn:
    """Return the provider that ``given`` describes, in place of ``before``.

    Raises ``ValueError`` naming the field and the allowed values.
    """
    label = given.label.strip() or LABEL
    if not _is_issuer(given.issuer):
        raise ValueError(f"issuer {given.issuer[:200]!r} must be an address that begins with https://, without a query")
    anywhere = given.anywhere or (before is not None and before.anywhere and before.issuer == given.issuer)
    if not anywhere:
        demand_public("issuer", given.issuer, urlsplit(given.issuer).hostname)
    if not _VISIBLE.fullmatch(given.client_id):
        raise ValueError(f"client_id {given.client_id[:200]!r} must have 1 to 256 visible ASCII characters")
    if len(given.client_secret) > 1_000 or not given.client_secret.isprintable():
        raise ValueError("client_secret: at most 1000 printable characters are allowed")
    if len(label) > 60 or not is_name(label):
        raise ValueError("label: at most 60 printable characters are allowed")
    if len(given.links) > MOST_LINKS:
        raise ValueError(f"links: at most {MOST_LINKS} are allowed")
    if not given.links and not given.name_claim:
        raise ValueError("name_claim: without it and without links nobody could sign in")
    return ExternalSignIn(
        tenant_id=tenant_id,
        issuer=given.issuer,
        client_id=given.client_id,
        sealed_secret=vault.seal(given.client_secret.encode(), CLIENT_SECRET),
        label=label,
        name_claim=_name_claim(given.name_claim),
        links=tuple(_link(tenant_id, text, users) for text in given.links),
        anywhere=anywhere,
    )


def record(provider: ExternalSignIn, redirect_uri: str) -> dict[str, Any]:  # JSON
    """Return the provider as JSON for display, without its secret."""
    return {
        "issuer": provider.issuer,
        "client_id": provider.client_id,
        "redirect_uri": redirect_uri,
        "label": provider.label,
        "name_claim": provider.name_claim,
        "links": [f"{each.claim}:{each.value}={each.user_id}" for each in provider.links],
        "private_addresses": provider.anywhere,
        "created": provider.created,
    }


def _is_issuer(text: str) -> bool:
    try:
        address = urlsplit(text)
    except ValueError:
        return False
    plain = _VISIBLE.fullmatch(text) and not (address.query or address.fragment or "@" in address.netloc)
    return bool(plain) and address.scheme == "https" and bool(address.hostname)


def _name_claim(text: str) -> NameClaim:
    for known in get_args(NameClaim):
        if text == known:
            found: NameClaim = known
            return found
    raise ValueError(f"name_claim {text[:100]!r} is not one of: {', '.join(filter(None, get_args(NameClaim)))}")


def _link(tenant_id: int, text: str, users: Users) -> Link:
    who, _, name = text.rpartition("=")
    claim, _, value = who.strip().partition(":")
    user = users.by_upn(tenant_id, name.strip()) or users.get(tenant_id, name.strip())
    if user is None or user.is_guest:
        raise ValueError(f"links: {name[:100]!r} is not a user of this tenant, or a guest, who signs in at home")
    if not _VISIBLE.fullmatch(value):
        raise ValueError(f"links: {text[:200]!r} must be oid:<id>=<user> or sub:<id>=<user>")
    if claim == "oid":
        return Link("oid", value, user.user_id)
    if claim == "sub":
        return Link("sub", value, user.user_id)
    raise ValueError(f"links: {text[:200]!r} must be oid:<id>=<user> or sub:<id>=<user>")
