"""The permissions that applications can be granted, for themselves or on behalf of a user, and how they are written.

There are two tables: :data:`RESOURCES` (the APIs and their permissions) and :data:`PERMISSION_IDS` (the ids of these in
registration manifests). :mod:`opencasb.model.rights` says what each permission allows.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final, Literal, NamedTuple

Audience = Literal["mdca", "graph"]
PermissionKind = Literal["application", "delegated"]


@dataclass(frozen=True, slots=True)
class Resource:
    """An API that tokens are issued for (identity §1, §10).

    ``permissions`` can be granted to an application itself, ``delegated`` ones on behalf of a user; both are spelt as
    in tokens.
    """

    key: Audience
    app_id: str
    display_name: str
    uri: str | None
    permissions: tuple[str, ...]
    delegated: tuple[str, ...]

    def offered(self, kind: PermissionKind) -> tuple[str, ...]:
        """Return the permissions of one kind."""
        return self.permissions if kind == "application" else self.delegated


class Permission(NamedTuple):
    """One permission of one resource."""

    resource: Audience
    name: str


_SIX = (
    "investigation.read",
    "investigation.manage",
    "discovery.read",
    "discovery.manage",
    "settings.read",
    "settings.manage",
)
MDCA: Final = Resource("mdca", "05a65629-4c1b-48c1-a78b-804c4abdd4af", "Microsoft Cloud App Security", None, _SIX, _SIX)
GRAPH: Final = Resource(
    "graph",
    "00000003-0000-0000-c000-000000000000",
    "Microsoft Graph",
    "https://graph.microsoft.com",
    ("CloudApp-Discovery.Read.All",),
    ("CloudApp-Discovery.Read.All", "User.Read", "openid", "profile", "email", "offline_access"),
)
RESOURCES: Final[Mapping[Audience, Resource]] = MappingProxyType({"mdca": MDCA, "graph": GRAPH})

_IN_LOWER_CASE: Final = {key: frozenset(map(str.lower, each.permissions)) for key, each in RESOURCES.items()}

PERMISSION_IDS: Final[Mapping[tuple[Audience, PermissionKind, str], str]] = MappingProxyType(
    {
        ("graph", "application", "CloudApp-Discovery.Read.All"): "64a59178-dad3-4673-89db-84fdcd622fec",
        ("graph", "delegated", "CloudApp-Discovery.Read.All"): "ad46d60e-1027-4b75-af88-7c14ccf43a19",
        # The vendor's ids for these are not public. The following are ours and must never change.
        ("mdca", "application", "investigation.read"): "09bfc5e4-6a1a-42e3-8f9e-13734b2a784c",
        ("mdca", "application", "investigation.manage"): "d613ab69-708d-49b2-b860-02f1ff742ce9",
        ("mdca", "application", "discovery.read"): "5dc697ea-e390-41ef-afe5-49ff8ab5e571",
        ("mdca", "application", "discovery.manage"): "06a79542-89a4-4fae-9441-7cf0e32d6b42",
        ("mdca", "application", "settings.read"): "12ee4900-6bbe-4a17-a804-413239d7fb6d",
        ("mdca", "application", "settings.manage"): "a181762f-51f2-4d89-be0b-d2240f61b991",
        ("mdca", "delegated", "investigation.read"): "d06d1183-6204-4b49-8b80-0d15ef6b9454",
        ("mdca", "delegated", "investigation.manage"): "18b4a980-6a11-4967-b7de-cab9011cb8aa",
        ("mdca", "delegated", "discovery.read"): "57e803fd-cef7-42a5-b5dd-e4f8149e5938",
        ("mdca", "delegated", "discovery.manage"): "8eb296c7-6e0a-49c9-b12c-087dba481be8",
        ("mdca", "delegated", "settings.read"): "85e7818b-537f-4013-9cdc-365533fd2f8f",
        ("mdca", "delegated", "settings.manage"): "31df4de1-ddf6-437c-aaf0-b7ca48cdc242",
    }
)
"""Ids of permissions (identity §10); permissions without one are known only by name."""

USER_CONSENT: Final = frozenset(
    Permission("graph", name) for name in ("User.Read", "openid", "profile", "email", "offline_access")
)
"""The delegated permissions that users can consent to themselves; all others need an administrator (identity §9)."""


def known_permissions(audience: Audience, names: Iterable[str]) -> frozenset[str]:
    """Return, in lower case, those of ``names`` (any case) that an application can be granted for a resource."""
    return _IN_LOWER_CASE[audience].intersection(map(str.lower, names))


def parse_permission(text: str, kind: PermissionKind = "application") -> Permission:
    """Return the permission that ``text`` names, in any case: ``discovery.read``, ``CloudApp-Discovery.Read.All``.

    A resource may precede it, as in scopes: ``05a65629-…/Investigation.read``. After ``https://graph.microsoft.com/``
    any permission name is accepted, so that a registration copied from elsewhere can be kept whole (identity §10.2).
    The id of a permission is accepted as well. Raises ``ValueError`` that lists the known permissions.
    """
    prefix, _, name = text.strip().rpartition("/")
    for resource in RESOURCES.values():
        if prefix.lower().rstrip("/") not in {"", resource.app_id, resource.uri}:
            continue
        for known in resource.offered(kind):
            if name.lower() in {known.lower(), PERMISSION_IDS.get((resource.key, kind, known))}:
                return Permission(resource.key, known)
        if prefix and resource is GRAPH and re.fullmatch(r"[A-Za-z][A-Za-z0-9.-]{0,118}", name):
            return Permission("graph", name)
    known_names = ", ".join(name for resource in RESOURCES.values() for name in resource.offered(kind))
    raise ValueError(f"permission {text!r} is unknown; the {kind} permissions are: {known_names}")
