"""Descriptions of apps, generated from facts: no sentence is copied from a source, and nothing is made up."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from opencasb.catalog import countries
from opencasb.catalog.fact import Fact
from opencasb.catalog.fact_table import NO_DATE
from opencasb.model.app import PLATFORM, TRACKER, App
from opencasb.model.categories import category_name

UNLISTED: Final = "This is an unlisted domain: it belongs to no app of the catalog."
"""The description of apps outside the catalog."""

_KINDS: Final = {
    "Advertising": "advertising service",
    "Cloud computing platform": "cloud computing platform",
    "Development tools": "development tool",
    "Forums": "forum",
    "Hosting services": "hosting service",
    "IT services": "IT service",
    "Social network": "social network",
    "Unclassified": "cloud app",
    "Vendor management system": "vendor management system",
    "Web analytics": "web analytics service",
    "Webmail": "webmail service",
}
"""What to call an app of a category where the category's name plus "app" does not read well."""

_OFFERED: Final = {
    "is_supports_saml": "SAML single sign-on",
    "is_multi_factor_authentication": "multi-factor sign-in",
    "passkey_support": "passkeys",
    "scim_provisioning": "automatic user provisioning",
    "is_admin_audit_trail": "an audit trail of administrators",
    "is_file_sharing": "file sharing",
}
"""Yes/no factors mentioned if "yes", in this order."""

_LACKED: Final = ("is_supports_saml", "is_multi_factor_authentication", "scim_provisioning")
"""Those of them that are also mentioned if "no"."""

_STANDARDS: Final = {"is_soc2_compliant": "SOC 2", "is_iso27001_compliant": "ISO 27001", "is_hipaa_compliant": "HIPAA"}
_LEVELS: Final = {
    "high": "High",
    "moderate": "Moderate",
    "20xModerate": "20x Moderate",
    "low": "Low",
    "20xLow": "20x Low",
    "liSaaS": "LI-SaaS",
}
_FLAGS: Final = {
    TRACKER: "is met as a third party in web pages",
    PLATFORM: "gives its customers hosts of their own",
    "remote-access": "gives remote access to computers",
    "software": "is run by many parties under domains of their own",
    "institution": "is an institution rather than a service",
}
_OFFICE: Final = "headquarters"
_LEVEL: Final = "fed_ramp_level"
_BREACH: Final = "latest_breach_date_time"

TOLD: Final = frozenset({*_OFFERED, *_STANDARDS, _OFFICE, _LEVEL, _BREACH})
"""The factors that a description mentions."""


def description(app: App, facts: Iterable[Fact]) -> str:
    """Return a sentence or two about an app; the first of several facts about a factor counts.

    A "no" of low confidence is not mentioned: it only means that nothing was found.
    """
    if not app.listed:
        return UNLISTED
    known: dict[str, object] = {}
    for fact in facts:
        is_unsure = fact.value is False and fact.confidence == "low"
        known.setdefault(fact.factor, None if is_unsure else fact.value)
    flags = (told for flag, told in _FLAGS.items() if flag in app.flags)
    told = list(filter(None, (_offers(known), _standards(known), _level(known), _breach(known), *flags)))
    return " ".join([_sentence(_identity(app, known)), *([_sentence(f"It {'; it '.join(told)}")] if told else [])])


def _sentence(text: str) -> str:
    return f"{' '.join(text.split()).removesuffix('.')}."


def _identity(app: App, known: Mapping[str, object]) -> str:
    kind = f"custom {_kind(app.category)}" if app.is_custom else _kind(app.category)
    article = "an" if kind[0] in "aeioI" else "a"
    vendor = f" by {app.vendor}" if app.vendor and _letters(app.vendor) != _letters(app.name) else ""
    office = known.get(_OFFICE)
    place = f", based in {countries.in_sentences().get(str(office), office)}" if office else ""
    return f"{app.name} is {article} {kind}{vendor}{place}"


def _kind(category: str) -> str:
    name = category_name(category)
    is_proper = name[1:2].isupper() or name.startswith("Internet")
    return _KINDS.get(name) or f"{name if is_proper else name[:1].lower() + name[1:]} app"


def _letters(name: str) -> str:
    return "".join(filter(str.isalnum, name.casefold()))


def _offers(known: Mapping[str, object]) -> str:
    has = [label for factor, label in _OFFERED.items() if known.get(factor) is True]
    lacks = [_OFFERED[factor] for factor in _LACKED if known.get(factor) is False]
    missed = f"no {_listed(lacks, 'or')}" if lacks else ""
    if not has:
        return f"has {missed}" if missed else ""
    return f"offers {_listed(has, 'and')}, but {missed}" if missed else f"offers {_listed(has, 'and')}"


def _standards(known: Mapping[str, object]) -> str:
    met = [label for factor, label in _STANDARDS.items() if known.get(factor) is True]
    return f"complies with {_listed(met, 'and')}" if met else ""


def _level(known: Mapping[str, object]) -> str:
    level = _LEVELS.get(str(known.get(_LEVEL)))
    return f"is FedRAMP authorised ({level})" if level else ""


def _breach(known: Mapping[str, object]) -> str:
    day = known.get(_BREACH)
    return f"had its latest known breach on {day}" if day and day != NO_DATE else ""


def _listed(words: Sequence[str], last: str) -> str:
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} {last} {words[-1]}"
