"""Tenants: the organisations that share one server and never see each other."""

from __future__ import annotations

from typing import ClassVar

from opencasb.model.guarded import Guarded


class Tenant(Guarded, frozen=True, kw_only=True):
    """One organisation. ``tenant_id`` is the number in records (``_tid``), ``guid`` the name in OAuth (``tid``).

    ``created`` is in ms since the epoch UTC. ``pseudonym_key`` are the 32 secret bytes behind the pseudonyms of users
    and devices. ``password_grant`` lets applications that allow it send passwords of users, ``api_tokens`` lets users
    have API tokens, ``second_factor`` demands one of everybody who signs in.
    """

    GUARDED: ClassVar = ("pseudonym_key",)

    tenant_id: int
    guid: str
    name: str
    domain: str
    created: int
    pseudonym_key: bytes
    password_grant: bool = False
    api_tokens: bool = True
    second_factor: bool = False
