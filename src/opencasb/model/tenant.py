"""Tenants: the organisations that share one server, isolated from each other."""

from __future__ import annotations

from typing import ClassVar

from opencasb.model.guarded import Guarded


class Tenant(Guarded, frozen=True, kw_only=True):
    """One organisation. ``tenant_id`` is the number in records (``_tid``), ``guid`` the name in OAuth (``tid``).

    ``created`` is in ms since the epoch UTC. ``sealed_pseudonym_key`` holds the key behind the pseudonyms of users and
    devices, in clear until a server seals it. ``password_grant`` permits the password grant to applications that allow
    it, ``api_tokens`` permits users to have API tokens, and ``second_factor`` requires a second factor of everybody who
    signs in.
    """

    GUARDED: ClassVar = ("sealed_pseudonym_key",)

    tenant_id: int
    guid: str
    name: str
    domain: str
    created: int
    sealed_pseudonym_key: bytes
    password_grant: bool = False
    api_tokens: bool = True
    second_factor: bool = False
