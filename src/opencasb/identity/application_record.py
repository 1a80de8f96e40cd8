"""An application as shown by the command line and the administration API."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec

if TYPE_CHECKING:
    from opencasb.identity.identity import Identity
    from opencasb.model.application import Application

_SECRET = ("key_id", "hint", "description", "created", "expires")
_CERTIFICATE = ("key_id", "description", "sha1", "sha256", "not_before", "expires", "created")


def short_record(application: Application) -> dict[str, Any]:  # any JSON
    """Return an application's properties and its own permissions. Times are ms since the epoch UTC."""
    return {
        "client_id": application.client_id,
        "service_principal_id": application.service_principal_id,
        "name": application.name,
        "enabled": application.disabled is None,
        "created": application.created,
        "registered_here": application.at_home,
        "multitenant": application.multitenant,
        "public_client": application.public_client,
        "assignment_required": application.assignment_required,
        "permissions_changed": application.permissions_changed,
        "permissions": [permission.name for permission in application.permissions],
    }


def full_record(identity: Identity, application: Application) -> dict[str, Any]:  # any JSON
    """Return everything a tenant may see of an application in its current state, never a secret value.

    Credentials and redirects are visible only to the tenant that registered it.
    """
    tenant_id, client_id = application.tenant_id, application.client_id
    application = identity.applications.get(tenant_id, client_id) or application
    registrations, consents, here = identity.registrations, identity.consents, application.at_home
    secrets = identity.applications.secrets(tenant_id, client_id) if here else []
    certificates = registrations.certificates(application) if here else []
    redirects = registrations.redirects(application) if here else []
    return {
        **short_record(application),
        "secrets": [_shown(secret, _SECRET) for secret in secrets],
        "certificates": [_shown(certificate, _CERTIFICATE) for certificate in certificates],
        "redirects": [msgspec.structs.asdict(redirect) for redirect in redirects],
        "requested": [each._asdict() for each in registrations.requested(application)],
        "delegated": [msgspec.structs.asdict(each) for each in consents.grants.all(tenant_id, client_id)],
        "assigned": sorted(consents.grants.assigned(tenant_id, client_id)),
    }


def _shown(value: object, names: tuple[str, ...]) -> dict[str, Any]:  # any JSON
    return {name: getattr(value, name) for name in names}
