"""All resources of the REST API: a new one is a file with ``ROUTES``, and a line here."""

from __future__ import annotations

from typing import Final

from opencasb.api.v1 import (
    activities,
    api_tokens,
    app_catalog,
    app_tags,
    block_script,
    custom_apps,
    data_sources,
    discovered_apps,
    discovery_settings,
    governance,
    ingest,
    ip_tags,
    log_collectors,
    log_upload,
    streams,
    subnet,
)

ROUTES: Final = (
    *activities.ROUTES,
    *api_tokens.ROUTES,
    *app_catalog.ROUTES,
    *app_tags.ROUTES,
    *block_script.ROUTES,
    *custom_apps.ROUTES,
    *data_sources.ROUTES,
    *discovered_apps.ROUTES,
    *discovery_settings.ROUTES,
    *governance.ROUTES,
    *ingest.ROUTES,
    *ip_tags.ROUTES,
    *log_collectors.ROUTES,
    *log_upload.ROUTES,
    *streams.ROUTES,
    *subnet.ROUTES,
)
