"""Map the holder of a foreign token to a principal of ours (identity §7.5, §11)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final

from opencasb.identity.errors import InvalidToken
from opencasb.identity.trust.foreign_tokens import ForeignClaims
from opencasb.model.permissions import Audience, known_permissions
from opencasb.model.principal import Principal
from opencasb.model.rights import ROLES
from opencasb.model.roles import FULL_ACCESS, TEMPLATE_IDS, Role
from opencasb.model.trusted_issuer import NEEDS_A_USER, MappedBy, TrustedIssuer

_DIRECTORY_ROLES: Final[Mapping[str, Role]] = {template: role for role, template in TEMPLATE_IDS.items()}
_STRENGTH: Final = {role: place for place, role in enumerate(Role)}
_MAPPING_ORDER: Final[tuple[MappedBy, ...]] = ("oid", "upn", "group")


def principal_of(claims: ForeignClaims, issuer: TrustedIssuer, audience: Audience) -> Principal:
    """Return the caller. Raises :class:`InvalidToken` for a token of neither an application nor a user.

    An ID token may have ``roles`` and no ``scp``, like an application's token, but its ``sub`` is not its ``oid``.
    """
    if claims.scp is not None:
        return _user(claims, issuer, known_permissions(audience, claims.scp.split()))
    if claims.idtyp != "app" and claims.sub != claims.oid:
        raise InvalidToken("no access token: neither an application nor a scope")
    return Principal(
        tenant_id=issuer.tenant_id,
        name=_named(claims.app_displayname or claims.client_id, issuer),
        permissions=known_permissions(audience, claims.roles),
        client_id=claims.client_id,
    )


def role_of(claims: ForeignClaims, issuer: TrustedIssuer) -> Role | None:
    """Return the role of a user, or None.

    A full-access directory role cannot be reduced; otherwise a role mapped here wins over an app role, and that over
    any other directory role (identity §11). Of several of one kind the strongest counts.
    """
    directory = (
        _strongest(_DIRECTORY_ROLES.get(each.lower()) for each in claims.wids) if issuer.directory_roles else None
    )
    if directory in FULL_ACCESS:
        return directory
    return _mapped(claims, issuer) or _strongest(map(_app_role, claims.roles)) or directory


def _user(claims: ForeignClaims, issuer: TrustedIssuer, granted: frozenset[str]) -> Principal:
    role = role_of(claims, issuer)
    return Principal(
        tenant_id=issuer.tenant_id,
        name=_named(claims.upn or claims.preferred_username or claims.oid, issuer),
        permissions=granted & ROLES[role].permissions if role else frozenset(),
        client_id=claims.client_id,
        role=role,
    )


def _mapped(claims: ForeignClaims, issuer: TrustedIssuer) -> Role | None:
    # With too many groups a token lists none; users can still be mapped individually.
    holds: dict[MappedBy, frozenset[str]] = {
        "oid": _lower([claims.oid]),
        "upn": frozenset() if claims.is_guest else _lower([claims.upn or claims.preferred_username]),
        "group": _lower(claims.groups),
    }
    for kind in _MAPPING_ORDER:
        fitting = (each.role for each in issuer.role_mapping if each.kind == kind and each.value in holds[kind])
        if role := _strongest(fitting):
            return role
    return None


def _app_role(value: str) -> Role | None:
    try:
        role = Role.parse(value)
    except ValueError:
        return None
    return None if role in NEEDS_A_USER else role


def _strongest(roles: Iterable[Role | None]) -> Role | None:
    return min((role for role in roles if role), key=_STRENGTH.__getitem__, default=None)


def _named(name: str, issuer: TrustedIssuer) -> str:
    # The directory is appended, so that nobody can pass for a user of ours in a log.
    plain = "".join(letter if letter.isprintable() else "?" for letter in name[:200])
    return f"{plain} ({issuer.issuer})"


def _lower(names: Iterable[str]) -> frozenset[str]:
    return frozenset(name.lower() for name in names)
