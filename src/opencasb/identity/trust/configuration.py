"""The configuration of a trusted issuer: validation and representation (identity §7.5)."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Final

from opencasb.identity.trust.documents import BadDocument, issuers_of, read_keys
from opencasb.model.id_forms import is_guid
from opencasb.model.permissions import GRAPH, MDCA
from opencasb.model.roles import Role
from opencasb.model.trusted_issuer import NEEDS_A_USER, PUBLIC_CLOUD, RoleMapping, TrustedIssuer
from opencasb.outbound import demand_public

MOST_AUDIENCES: Final = 20
MOST_MAPPINGS: Final = 1_000
_AUTHORITY: Final = re.compile(r"(?=.{1,250}\Z)[a-z0-9]([a-z0-9.-]*[a-z0-9])?(:[0-9]{1,5})?")
_AUDIENCE: Final = re.compile(r"[!-~]{1,256}")


@dataclass(frozen=True, slots=True)
class Given:
    """The submitted configuration: ``role_mapping`` like ``oid:<guid>=security-reader``, ``keys`` a JWK set.

    ``anywhere`` is that of :class:`~opencasb.model.trusted_issuer.TrustedIssuer`.
    """

    issuer: str
    authority: str = ""
    audiences: Sequence[str] = ()
    graph_audiences: Sequence[str] = ()
    directory_roles: bool = False
    vendor_audience: bool = False
    role_mapping: Sequence[str] = ()
    keys: str = ""
    anywhere: bool = False


def configured(tenant_id: int, given: Given, before: TrustedIssuer | None = None) -> TrustedIssuer:
    """Return the issuer that ``given`` describes, in place of ``before``.

    Raises ``ValueError`` naming field, value and what is allowed.
    """
    issuer, authority = given.issuer.strip().lower(), given.authority.strip().lower() or PUBLIC_CLOUD
    if not is_guid(issuer):
        raise ValueError(f"issuer {given.issuer!r} must be the guid of a directory")
    if not _AUTHORITY.fullmatch(authority):
        raise ValueError(f"authority {given.authority!r} must be a host name, without https://")
    anywhere = given.anywhere or (before is not None and before.anywhere and before.authority == authority)
    if not (anywhere or given.keys.strip()):  # with keys, nothing is fetched
        demand_public("authority", given.authority, authority.partition(":")[0])
    if not (given.audiences or given.graph_audiences or given.vendor_audience):
        raise ValueError(
            "audiences: name the application id or the address under which this server is registered there"
        )
    if len(given.role_mapping) > MOST_MAPPINGS:
        raise ValueError(f"role_mapping: at most {MOST_MAPPINGS} entries are allowed")
    made = TrustedIssuer(
        tenant_id=tenant_id,
        issuer=issuer,
        authority=authority,
        audiences=_audiences("audiences", given.audiences),
        graph_audiences=_audiences("graph_audiences", given.graph_audiences),
        directory_roles=given.directory_roles,
        vendor_audience=given.vendor_audience,
        role_mapping=tuple(dict.fromkeys(map(_mapping, given.role_mapping))),
        pinned_keys=given.keys.strip(),
        anywhere=anywhere,
    )
    if made.pinned_keys:
        _check_keys(made)
    return made


def record(issuer: TrustedIssuer) -> dict[str, Any]:  # JSON
    """Return an issuer as JSON for display."""
    return {
        "issuer": issuer.issuer,
        "authority": issuer.authority,
        "audiences": list(issuer.audiences),
        "graph_audiences": list(issuer.graph_audiences),
        "directory_roles": issuer.directory_roles,
        "vendor_audience": issuer.vendor_audience,
        "role_mapping": [str(each) for each in issuer.role_mapping],
        "pinned_keys": bool(issuer.pinned_keys),
        "private_addresses": issuer.anywhere,
        "created": issuer.created,
    }


def _audiences(name: str, given: Iterable[str]) -> tuple[str, ...]:
    found = tuple(dict.fromkeys(_audience(name, each.strip()) for each in given))
    if len(found) > MOST_AUDIENCES:
        raise ValueError(f"{name}: at most {MOST_AUDIENCES} are allowed")
    return found


def _audience(name: str, given: str) -> str:
    if not _AUDIENCE.fullmatch(given):
        raise ValueError(f"{name}: {given[:100]!r} must have 1 to 256 visible ASCII characters")
    plain = given.lower().rstrip("/").removeprefix("api://")
    if plain == MDCA.app_id:
        raise ValueError(
            f"{name}: {given!r} is the upstream product; its tokens are taken with the vendor audience only"
        )
    if plain in {GRAPH.app_id, GRAPH.uri}:
        raise ValueError(f"{name}: {given!r} is Microsoft Graph, whose tokens nobody else can check")
    return plain if is_guid(plain) and ":" not in given else given


def _mapping(text: str) -> RoleMapping:
    who, _, role = text.rpartition("=")
    kind, _, value = who.strip().partition(":")
    kind, value = kind.strip().lower(), value.strip().lower()
    found = Role.parse(role)
    if found in NEEDS_A_USER:
        raise ValueError(f"role_mapping: {found.value!r} is limited to what is named for each of its users here")
    if kind == "upn" and "@" in value and len(value) <= 256 and value.isprintable() and not re.search(r"\s", value):
        return RoleMapping("upn", value, found)
    if kind == "oid" and is_guid(value):
        return RoleMapping("oid", value, found)
    if kind == "group" and is_guid(value):
        return RoleMapping("group", value, found)
    raise ValueError(
        f"role_mapping: {text[:200]!r} must be oid:<guid>=<role>, upn:<name>=<role> or group:<guid>=<role>"
    )


def _check_keys(issuer: TrustedIssuer) -> None:
    try:
        read_keys(issuer.pinned_keys.encode(), issuers_of(issuer))
    except BadDocument as error:
        raise ValueError(f"keys: {error}") from None
