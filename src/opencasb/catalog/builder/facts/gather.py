"""All findings of a layer."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from opencasb.catalog.builder.assemble import Assembled
from opencasb.catalog.builder.curated import Curated
from opencasb.catalog.builder.facts import access, company, exposure, fedramp, terms
from opencasb.catalog.builder.facts.finding import Finding
from opencasb.catalog.builder.materials import Materials
from opencasb.catalog.builder.source_table import CURATED
from opencasb.catalog.gold import MFA, WELL_KNOWN, GoldSet
from opencasb.model.factor import Value
from opencasb.model.layer import Layer

_CORE = (
    access.two_factor,
    access.passkeys,
    access.passwords,
    access.single_sign_on,
    access.oauth,
    access.api_keys,
    access.without_login,
    exposure.breaches,
    exposure.programmes,
    exposure.abuse,
    exposure.remote_access,
    exposure.agents,
    fedramp.authorisations,
    terms.deletion,
    terms.privacy,
    company.countries,
)
_SHARE_ALIKE = (exposure.file_hosts, terms.archived, terms.read_terms)


def findings(layer: Layer, materials: Materials, apps: Sequence[Assembled]) -> Iterator[Finding]:
    """Yield what the sources of a layer say; core also speaks about the apps that the other layer adds."""
    if layer == "sharealike":
        for reader in _SHARE_ALIKE:
            yield from reader(materials.root)
        return
    for reader in _CORE:
        yield from reader(materials.root)
    yield from _reviewed(materials.curated)
    yield from well_known(materials.gold)
    yield from company.popularity(materials.ranks)
    yield from company.home_pages(materials.entries)
    yield from exposure.strict_transport(materials.root, [app.key for app in apps if "." in app.key])
    yield from _companies(materials, apps)


def _reviewed(curated: Curated) -> Iterator[Finding]:
    for fact in curated.fact:
        yield _read(CURATED, curated.reviewed, fact.domain, fact.factor, fact.value, fact.source)


def well_known(gold: GoldSet) -> Iterator[Finding]:
    """Yield headquarters and second factors whose page was opened; of several countries none is the right one."""
    for app in gold.app:
        if app.company and len(app.countries) == 1:
            yield _read(WELL_KNOWN, gold.reviewed, app.domains[0], "headquarters", app.countries[0], app.company)
        if app.mfa and app.mfa.origin == "read":
            yield _read(WELL_KNOWN, gold.reviewed, app.domains[0], MFA, app.mfa.has, app.mfa.page)


def _read(source: str, date: str, domain: str, factor: str, value: Value, page: str) -> Finding:
    """Return what somebody has read of an app on a page."""
    return Finding(factor=factor, value=value, source=source, name=domain, address=domain, date=date, evidence=page)


def _companies(materials: Materials, apps: Sequence[Assembled]) -> Iterator[Finding]:
    """Yield what is known of the vendor's company for each of its apps: it is one company behind all of them."""
    by_vendor = company.listed(materials.root, [app.vendor.value for app in apps])
    for app in apps:
        vendor = app.vendor.value
        yield from company.about(by_vendor.get(vendor, ()), vendor, app.key, app.title or app.name.value)
