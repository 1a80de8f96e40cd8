"""The table of all pages: a new page is a file with ``VIEWS`` and ``ACTIONS``, and two lines here."""

from __future__ import annotations

from typing import Final

from opencasb.portal.pages import (
    account,
    api_tokens,
    application,
    application_consent,
    application_credentials,
    applications,
    audit_log,
    cloud_discovery,
    security_keys,
    start,
    users,
)

VIEWS: Final = (
    *account.VIEWS,
    *api_tokens.VIEWS,
    *applications.VIEWS,
    *application.VIEWS,
    *audit_log.VIEWS,
    *cloud_discovery.VIEWS,
    *security_keys.VIEWS,
    *start.VIEWS,
    *users.VIEWS,
)
ACTIONS: Final = (
    *account.ACTIONS,
    *api_tokens.ACTIONS,
    *applications.ACTIONS,
    *application.ACTIONS,
    *application_consent.ACTIONS,
    *application_credentials.ACTIONS,
    *security_keys.ACTIONS,
    *start.ACTIONS,
    *users.ACTIONS,
)
