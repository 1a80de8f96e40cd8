"""Redirects, certificates and requested permissions of applications, and the permissions available."""

from __future__ import annotations

import base64
import binascii
from typing import TYPE_CHECKING, Any, Final

from opencasb.api.admin.parameters import application_of, made
from opencasb.api.v1.call import Call, Reply
from opencasb.api.v1.errors import BadRequest, NotFound, explained
from opencasb.api.v1.routes import Route
from opencasb.identity.application_record import full_record
from opencasb.model.permissions import (
    PERMISSION_IDS,
    RESOURCES,
    USER_CONSENT,
    Permission,
    PermissionKind,
    parse_permission,
)
from opencasb.model.registration import RequestedPermission

if TYPE_CHECKING:
    from opencasb.app import Casb

KINDS: Final[tuple[PermissionKind, ...]] = ("application", "delegated")


def add_redirect(casb: Casb, call: Call) -> dict[str, Any]:  # JSON
    """Register a redirect URI for sign-ins."""
    found, uri = application_of(casb, call), call.parameters.required_text("uri")
    with explained("uri"):
        kind = call.parameters.text("kind") or "web"
        casb.identity.registrations.add_redirect(found, kind, uri, by=call.principal.name)
    return full_record(casb.identity, found)


def remove_redirect(casb: Casb, call: Call) -> dict[str, Any]:  # JSON
    """Remove the redirect URI ``uri``."""
    found, uri = application_of(casb, call), call.parameters.required_text("uri")
    with explained("uri"):
        if not casb.identity.registrations.remove_redirect(found, uri, by=call.principal.name):
            raise NotFound
    return full_record(casb.identity, found)


def add_certificate(casb: Casb, call: Call) -> Reply:
    """Register a certificate: PEM text, or DER in base64."""
    found, content = application_of(casb, call), _content(call)
    description = call.parameters.text("description", longest=256) or ""
    with explained("certificate"):
        kept = casb.identity.registrations.add_certificate(
            found, content, description=description, by=call.principal.name
        )
    return made({"key_id": kept.key_id, "sha1": kept.sha1, "sha256": kept.sha256, "expires": kept.expires})


def remove_certificate(casb: Casb, call: Call) -> dict[str, Any]:  # JSON
    """Delete one certificate."""
    found, key_id = application_of(casb, call), call.segment("key_id")
    with explained("key_id"):
        if not casb.identity.registrations.remove_certificate(found, key_id, by=call.principal.name):
            raise NotFound
    return full_record(casb.identity, found)


def request(casb: Casb, call: Call) -> dict[str, Any]:  # JSON
    """Add permissions to those an application requests."""
    found = application_of(casb, call)
    wanted = [_requested(text, _kind(call)) for text in call.parameters.texts("permissions")]
    if not wanted:
        raise BadRequest("permissions: this parameter is required")
    with explained("permissions"):
        casb.identity.registrations.add_requested(found, wanted, by=call.principal.name)
    return full_record(casb.identity, found)


def request_no_more(casb: Casb, call: Call) -> dict[str, Any]:  # JSON
    """Remove ``permission`` from those an application requests; grants stay."""
    found = application_of(casb, call)
    wanted = _requested(call.parameters.required_text("permission"), _kind(call))
    with explained("permission"):
        if not casb.identity.registrations.remove_requested(found, wanted, by=call.principal.name):
            raise NotFound
    return full_record(casb.identity, found)


def list_permissions(casb: Casb, call: Call) -> dict[str, Any]:  # JSON
    """Return the permissions that applications can request (identity §10)."""
    del casb, call
    return {
        "permissions": [
            {
                "resource": resource.key,
                "resource_app_id": resource.app_id,
                "kind": kind,
                "name": name,
                "id": PERMISSION_IDS.get((resource.key, kind, name)),
                "admin_consent": kind == "application" or Permission(resource.key, name) not in USER_CONSENT,
            }
            for resource in RESOURCES.values()
            for kind in KINDS
            for name in resource.offered(kind)
        ]
    }


def _requested(text: str, kind: PermissionKind) -> RequestedPermission:
    with explained("permissions"):
        found = parse_permission(text[:1000], kind)
    return RequestedPermission(found.resource, kind, found.name)


def _kind(call: Call) -> PermissionKind:
    return call.parameters.choice("kind", KINDS, "application")


def _content(call: Call) -> bytes:
    given = call.parameters.value("certificate")
    if not isinstance(given, str):
        raise BadRequest("certificate: a text is required, PEM or DER in base64")
    if "-----BEGIN" in given:
        return given.encode("utf-8", "replace")
    try:
        return base64.b64decode("".join(given.split()), validate=True)
    except (binascii.Error, ValueError):
        raise BadRequest("certificate: the text is neither PEM nor base64") from None


ROUTES: Final = (
    Route("applications/<client_id>/redirects", None, {"POST": add_redirect, "DELETE": remove_redirect}),
    Route("applications/<client_id>/certificates", None, {"POST": add_certificate}),
    Route("applications/<client_id>/certificates/<key_id>", None, {"DELETE": remove_certificate}),
    Route("applications/<client_id>/permissions", None, {"POST": request, "DELETE": request_no_more}),
    Route("permissions", None, {"GET": list_permissions}),
)
