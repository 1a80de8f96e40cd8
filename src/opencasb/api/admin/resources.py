"""All resources of the administration API: a new one is a file with ``ROUTES``, and a line here."""

from __future__ import annotations

from typing import Final

from opencasb.api.admin import (
    api_tokens,
    applications,
    audit_log,
    consent,
    external_sign_in,
    people,
    registrations,
    signing_keys,
    trusted_issuers,
)

ROUTES: Final = (
    *api_tokens.ROUTES,
    *applications.ROUTES,
    *audit_log.ROUTES,
    *consent.ROUTES,
    *external_sign_in.ROUTES,
    *people.ROUTES,
    *registrations.ROUTES,
    *signing_keys.ROUTES,
    *trusted_issuers.ROUTES,
)
