"""What somebody has read about well-known apps: the pages of the gold set (:mod:`opencasb.catalog.gold`)."""

from __future__ import annotations

from collections.abc import Iterator

from opencasb.catalog.builder.facts.access import MFA
from opencasb.catalog.builder.facts.finding import Finding
from opencasb.catalog.gold import WELL_KNOWN, GoldApp, GoldSet
from opencasb.model.factor import Value


def read(gold: GoldSet) -> Iterator[Finding]:
    """Yield headquarters and second factors whose page was opened; of several countries none is the right one."""
    for app in gold.app:
        if app.company and len(app.countries) == 1:
            yield _finding(app, gold, "headquarters", app.countries[0], app.company)
        if app.mfa and app.mfa.origin == "read":
            yield _finding(app, gold, MFA, app.mfa.has, app.mfa.page)


def _finding(app: GoldApp, gold: GoldSet, factor: str, value: Value, page: str) -> Finding:
    domain = app.domains[0]
    return Finding(
        factor=factor, value=value, source=WELL_KNOWN, name=domain, address=domain, date=gold.reviewed, evidence=page
    )
