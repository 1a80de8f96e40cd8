"""Sign-in with an external OpenID provider configured by a tenant (identity §7.5, OpenID Connect Core)."""

from __future__ import annotations

from typing import ClassVar, Literal, NamedTuple

from opencasb.model.guarded import Guarded

NameClaim = Literal["", "upn", "preferred_username", "email"]


class Link(NamedTuple):
    """Links a person at the provider, identified by ``oid`` or ``sub``, to a local user id."""

    claim: Literal["oid", "sub"]
    value: str
    user_id: str


class ExternalSignIn(Guarded, frozen=True, kw_only=True):
    """A tenant's external provider and how its people map to users.

    ``sealed_secret`` is the encrypted client secret. ``name_claim`` is the claim that holds the user name to match by;
    if empty, only ``links`` apply. ``anywhere`` permits non-public addresses, as set on the command line. Times are ms.
    """

    GUARDED: ClassVar = ("sealed_secret",)

    tenant_id: int
    issuer: str
    client_id: str
    sealed_secret: bytes
    label: str
    name_claim: NameClaim = ""
    links: tuple[Link, ...] = ()
    anywhere: bool = False
    created: int = 0
