"""Trusted issuers: external directories whose tokens a tenant accepts (identity §7.5)."""

from __future__ import annotations

from typing import Final, Literal, NamedTuple

import msgspec

from opencasb.model.permissions import MDCA, Audience
from opencasb.model.roles import Role

PUBLIC_CLOUD: Final = "login.microsoftonline.com"
"""The authority host of the public cloud of Microsoft Entra."""

NEEDS_A_USER: Final = frozenset({Role.APP_INSTANCE_ADMIN, Role.USER_GROUP_ADMIN, Role.CLOUD_DISCOVERY_REPORT_ADMIN})
"""Roles limited to what is assigned to each user, so people without a local user cannot hold them."""

MappedBy = Literal["oid", "upn", "group"]


class RoleMapping(NamedTuple):
    """Maps a user (by object id or principal name) or the members of a group to a local role."""

    kind: MappedBy
    value: str
    role: Role

    def __str__(self) -> str:
        """Return the form that commands take: ``group:<id>=security-reader``."""
        return f"{self.kind}:{self.value}={self.role.slug}"


class TrustedIssuer(msgspec.Struct, frozen=True, kw_only=True):
    """An external directory (``issuer``, its GUID) at ``authority`` (host, or host:port).

    ``audiences`` and ``graph_audiences`` are the ``aud`` values of tokens for our REST and Graph API. With
    ``directory_roles``, the directory's own roles (``wids``) count here. With ``vendor_audience``, the REST API accepts
    tokens issued for the upstream product. ``pinned_keys`` is a JWK set used instead of the published one.
    ``anywhere`` permits non-public addresses, as set on the command line. Times are ms.
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
    anywhere: bool = False
    created: int = 0

    def accepted(self, audience: Audience) -> frozenset[str]:
        """Return every ``aud`` accepted by one of our APIs; an application id also stands for its ``api://`` URI."""
        names = set(self.audiences if audience == "mdca" else self.graph_audiences)
        if audience == "mdca" and self.vendor_audience:
            names.add(MDCA.app_id)
        return frozenset(names | {f"api://{name}" for name in names if ":" not in name})
