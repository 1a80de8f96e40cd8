"""Trusted issuers: external directories whose tokens a tenant takes (identity §7.5)."""

from __future__ import annotations

from typing import Final, Literal, NamedTuple

import msgspec

from opencasb.model.permissions import MDCA, Audience
from opencasb.model.roles import Role

PUBLIC_CLOUD: Final = "login.microsoftonline.com"
"""The authority host of the public cloud of Microsoft Entra."""

NEEDS_A_USER: Final = frozenset({Role.APP_INSTANCE_ADMIN, Role.USER_GROUP_ADMIN, Role.CLOUD_DISCOVERY_REPORT_ADMIN})
"""Roles that are limited to what is named for each of their users; people without a user here cannot have them."""

MappedBy = Literal["oid", "upn", "group"]


class RoleMapping(NamedTuple):
    """A user, by object id or principal name, or the members of a group, and the role that they have here."""

    kind: MappedBy
    value: str
    role: Role

    def __str__(self) -> str:
        """Return it as commands take it: ``group:<id>=security-reader``."""
        return f"{self.kind}:{self.value}={self.role.slug}"


class TrustedIssuer(msgspec.Struct, frozen=True, kw_only=True):
    """An external directory (``issuer``, its guid) at ``authority`` (host, or host:port).

    ``audiences`` and ``graph_audiences`` are the ``aud`` of tokens for our REST and Graph API. ``directory_roles``:
    the directory's own roles (``wids``) count here. ``vendor_audience``: tokens made for the upstream product are
    taken by the REST API. ``pinned_keys`` is a JWK set that is used instead of the published one. Times are ms.
    """

    tenant_id: int
    issuer: str
    authority: str = PUBLIC_CLOUD
    audiences: tuple[str, ...] = ()
    graph_audiences: tuple[str, ...] = ()
    directory_roles: bool = False
    vendor_audience: bool = False
    role_mapping: tuple[RoleMapping, ...] = ()
    pinned_keys: str = ""
    created: int = 0

    def accepted(self, audience: Audience) -> frozenset[str]:
        """Return every ``aud`` that opens one of our APIs; an application id stands for its ``api://`` address, too."""
        names = set(self.audiences if audience == "mdca" else self.graph_audiences)
        if audience == "mdca" and self.vendor_audience:
            names.add(MDCA.app_id)
        return frozenset(names | {f"api://{name}" for name in names if ":" not in name})
