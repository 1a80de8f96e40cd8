"""Sign-in at an external OpenID provider, as a tenant has configured it (identity §7.5, OpenID Connect Core)."""

from __future__ import annotations

from typing import ClassVar, Literal, NamedTuple

from opencasb.model.guarded import Guarded

NameClaim = Literal["", "upn", "preferred_username", "email"]


class Link(NamedTuple):
    """A person of the provider, by the value of ``oid`` or ``sub``, and the id of the user that they are here."""

    claim: Literal["oid", "sub"]
    value: str
    user_id: str


class ExternalSignIn(Guarded, frozen=True, kw_only=True):
    """The provider of a tenant, and how its people become users.

    ``sealed_secret`` is the client secret, encrypted. ``name_claim`` says where the name of a user stands, who is then
    found by it; empty: by ``links`` only. Times are ms.
    """

    GUARDED: ClassVar = ("sealed_secret",)

    tenant_id: int
    issuer: str
    client_id: str
    sealed_secret: bytes
    label: str
    name_claim: NameClaim = ""
    links: tuple[Link, ...] = ()
    created: int = 0
