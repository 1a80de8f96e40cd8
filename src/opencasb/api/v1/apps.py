"""Look up apps by number, wherever they come from: the catalog, custom apps, and unlisted apps."""

from __future__ import annotations

from typing import TYPE_CHECKING

from opencasb.model.app import LARGEST_APP_ID, UNCLASSIFIED, App
from opencasb.store.unlisted_apps import FIRST_ID as FIRST_UNLISTED

if TYPE_CHECKING:
    from opencasb.app import Casb


def find_app(casb: Casb, tenant_id: int, app_id: int) -> App | None:
    """Return the app with that number as the tenant sees it, or None."""
    if app_id < FIRST_UNLISTED:
        return casb.reports.catalog(tenant_id).app(app_id)
    if app_id > LARGEST_APP_ID:
        return None
    domain = casb.unlisted_apps.get(tenant_id, app_id)
    if domain is None:
        return None
    given = casb.score_overrides.get(tenant_id, app_id)
    score = None if given is None else given.score
    return App(app_id=app_id, name=domain, category=UNCLASSIFIED, domains=(domain,), score=score, listed=False)
