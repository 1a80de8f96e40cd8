"""All resources of the administration API; a new one is a module with ``ROUTES`` and a line here."""

from __future__ import annotations

from typing import Final

from opencasb.api.admin import (
    api_tokens,
    applications,
    audit_log,
    consent,
    corrections,
    custom_parsers,
    data_sources,
    external_sign_in,
    managed_apps,
    notification_channels,
    overlay,
    people,
    registrations,
    report_credentials,
    saas,
    scores,
    signing_keys,
    trusted_issuers,
    unlisted_apps,
)

ROUTES: Final = (
    *api_tokens.ROUTES,
    *applications.ROUTES,
    *audit_log.ROUTES,
    *consent.ROUTES,
    *custom_parsers.ROUTES,
    *data_sources.ROUTES,
    *corrections.ROUTES,
    *external_sign_in.ROUTES,
    *managed_apps.ROUTES,
    *notification_channels.ROUTES,
    *overlay.ROUTES,
    *people.ROUTES,
    *registrations.ROUTES,
    *report_credentials.ROUTES,
    *saas.ROUTES,
    *scores.ROUTES,
    *signing_keys.ROUTES,
    *trusted_issuers.ROUTES,
    *unlisted_apps.ROUTES,
)
