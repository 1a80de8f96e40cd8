"""The details of an application's registration: redirect URIs, certificates and requested permissions."""

from __future__ import annotations

from typing import Literal, NamedTuple

import msgspec

from opencasb.model.permissions import Audience, Permission, PermissionKind

RedirectKind = Literal["web", "spa", "publicClient"]


class Redirect(msgspec.Struct, frozen=True):
    """A redirect URI for responses of the authorization endpoint; ``kind`` determines client authentication."""

    kind: RedirectKind
    uri: str


class Certificate(msgspec.Struct, frozen=True, kw_only=True):
    """A certificate that signs client assertions (identity §5.1).

    ``sha1`` and ``sha256`` are its thumbprints as unpadded base64url, computed by us. Times are ms since the epoch UTC.
    """

    key_id: str
    description: str
    sha1: str
    sha256: str
    pem: str
    not_before: int
    expires: int
    created: int


class RequestedPermission(NamedTuple):
    """A permission that an application is configured to request; it has no effect until granted."""

    resource: Audience
    kind: PermissionKind
    name: str

    @property
    def permission(self) -> Permission:
        """The permission without its kind."""
        return Permission(self.resource, self.name)
