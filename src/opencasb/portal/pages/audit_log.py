"""The audit log, newest entries first (identity §12)."""

from __future__ import annotations

from typing import Final

from opencasb.identity.administrators import may_administer
from opencasb.model.id_forms import is_object_id
from opencasb.portal.page import Page
from opencasb.portal.pages.named_entries import app_names_of, names_of
from opencasb.portal.routes import View
from opencasb.portal.visit import NotFound, Visit

PAGE: Final = 50


def show(visit: Visit) -> Page:
    """Show a page of entries, only those older than the entry ``before`` if the query names one."""
    log, before = visit.casb.identity.audit_log, visit.query.get("before", "")
    if before and not is_object_id(before):
        raise NotFound
    found = log.older(visit.tenant_id, before, PAGE + 1) if before else log.latest(visit.tenant_id, PAGE + 1)
    if found is None:
        raise NotFound
    older = found[PAGE - 1].entry_id if len(found) > PAGE else None
    entries = found[:PAGE]
    names, app_names = names_of(visit, entries), app_names_of(visit, entries)
    return visit.render(
        "audit_log.html.j2",
        area="audit-log",
        entries=entries,
        names=names,
        app_names=app_names,
        older=older,
        before=before,
    )


VIEWS: Final = (View("audit-log", may_administer, show),)
