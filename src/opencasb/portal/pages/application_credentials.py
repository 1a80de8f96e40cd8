"""An application's credentials: secrets, shown only once, and certificates."""

from __future__ import annotations

from functools import partial
from typing import Final

from opencasb.identity.administrators import may_administer
from opencasb.identity.application_record import full_record
from opencasb.identity.credentials import MOST_DAYS
from opencasb.identity.refusals import InvalidValue, about
from opencasb.portal.once import shown_once
from opencasb.portal.page import Page
from opencasb.portal.pages.application import PATH, called, show
from opencasb.portal.pages.named import application_of, id_in
from opencasb.portal.routes import Action, Confirmation
from opencasb.portal.visit import NotFound, Visit


def add_secret(visit: Visit) -> Page:
    """Add a secret to an application, shown only once."""
    found = application_of(visit)
    if not found.at_home:
        raise InvalidValue("secret_days", "Secrets are managed by the organization that registered the application.")
    days = visit.form.number("secret_days", 1, MOST_DAYS)
    description = visit.form.line("secret_description")
    made = visit.casb.identity.credentials.new_client_secret(
        found.tenant_id, found.client_id, description=description, days=days, by=visit.user.upn
    )
    return shown_once(visit, f"applications/{found.client_id}", value=made.value, expires=made.expires)


def remove_secret(visit: Visit) -> str:
    """Remove one secret."""
    found, key_id = application_of(visit), id_in(visit, "key_id")
    applications = visit.casb.identity.applications
    if not applications.remove_secret(found.tenant_id, found.client_id, key_id, by=visit.user.upn):
        raise NotFound
    return f"applications/{found.client_id}?done=removed"


def add_certificate(visit: Visit) -> str:
    """Register a certificate, uploaded as a file or pasted as text."""
    found = application_of(visit)
    both = visit.form.files.get("certificate", b""), visit.form.raw("certificate_text").encode()
    given = [each for each in both if each.strip()]
    description = visit.form.line("certificate_description")
    with about("certificate"):
        if len(given) != 1:
            raise ValueError(
                "Choose a file or paste its text, not both." if given else "Choose a file, or paste its text."
            )
        visit.casb.identity.registrations.add_certificate(found, given[0], description=description, by=visit.user.upn)
    return f"applications/{found.client_id}?done=saved"


def remove_certificate(visit: Visit) -> str:
    """Remove one certificate."""
    found, key_id = application_of(visit), id_in(visit, "key_id")
    with about("certificate"):
        if not visit.casb.identity.registrations.remove_certificate(found, key_id, by=visit.user.upn):
            raise NotFound
    return f"applications/{found.client_id}?done=removed"


def _credential(visit: Visit, kind: str) -> str:
    """Return what is about to be removed, with its key id: several may share a description."""
    found, key_id = application_of(visit), id_in(visit, "key_id")
    for each in full_record(visit.casb.identity, found)[f"{kind}s"]:
        if each["key_id"] == key_id:
            return f"{found.name}, {kind} {called(each)}, key id {key_id}"
    raise NotFound


_VOID: Final = "Programs that use it can no longer sign in, and all tokens of the application stop working immediately."
REMOVE_SECRET: Final = Confirmation("Remove the secret?", _VOID, "Remove", partial(_credential, kind="secret"))
REMOVE_CERTIFICATE: Final = Confirmation(
    "Remove the certificate?", _VOID, "Remove", partial(_credential, kind="certificate")
)

ACTIONS: Final = (
    Action(f"{PATH}/secrets", may_administer, add_secret, show),
    Action(f"{PATH}/secrets/<key_id>/remove", may_administer, remove_secret, show, REMOVE_SECRET),
    Action(f"{PATH}/certificates", may_administer, add_certificate, show),
    Action(f"{PATH}/certificates/<key_id>/remove", may_administer, remove_certificate, show, REMOVE_CERTIFICATE),
)
