"""Descriptions of apps, made from what is known of them: no sentence of a source is kept."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from opencasb.catalog.fact import Fact
from opencasb.model.app import PLATFORM, TRACKER, UNCLASSIFIED, App
from opencasb.model.categories import category_name

_FLAGS: Final = {
    TRACKER: "It is met as a third party in web pages.",
    PLATFORM: "Its hosts belong to its customers.",
    "remote-access": "It gives remote access to computers.",
    "software": "Many parties run it under domains of their own.",
    "institution": "It is an institution rather than a service.",
}
_TOLD: Final = {
    "is_multi_factor_authentication": "multi-factor authentication",
    "is_supports_saml": "SAML single sign-on",
    "scim_provisioning": "automatic provisioning",
    "is_file_sharing": "file sharing",
    "oauth_provider": "OAuth",
}
"""Yes/no facts that are told when they are "yes", in this order, and one of them when it is "no"."""

_LEVELS: Final = {"high": "High", "moderate": "Moderate", "low": "Low", "liSaaS": "LI-SaaS"}


def description(app: App, facts: Iterable[Fact]) -> str:
    """Return some plain sentences about an app; of several facts about one factor the first counts."""
    known: dict[str, Fact] = {}
    for fact in facts:
        known.setdefault(fact.factor, fact)
    parts = (_kind(app, known), _domains(app), _has(known), _fedramp(known), _breach(known))
    flags = [sentence for flag, sentence in _FLAGS.items() if flag in app.flags]
    return " ".join(filter(None, (*parts, *flags)))


def _kind(app: App, known: dict[str, Fact]) -> str:
    kind = "cloud app" if app.category == UNCLASSIFIED else f"cloud app of the category {category_name(app.category)}"
    vendor = f" by {app.vendor}" if app.vendor and app.vendor != app.name else ""
    office = known.get("headquarters")
    country = f", with headquarters in {office.value}" if office else ""
    return f"{app.name} is a {kind}{vendor}{country}."


def _domains(app: App) -> str:
    if not app.domains:
        return ""
    more = len(app.domains) - 1
    others = f" and {more} more domain{'' if more == 1 else 's'}" if more else ""
    return f"It is used at {app.domains[0]}{others}."


def _has(known: dict[str, Fact]) -> str:
    has = [label for factor, label in _TOLD.items() if factor in known and known[factor].value is True]
    lacks = [label for factor, label in _TOLD.items() if factor in known and known[factor].value is False]
    parts = [f"has {_listed(has)}" if has else "", f"lacks {_listed(lacks)}" if lacks else ""]
    said = " and ".join(filter(None, parts))
    return f"It {said}." if said else ""


def _listed(words: list[str]) -> str:
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} and {words[-1]}"


def _fedramp(known: dict[str, Fact]) -> str:
    level = known.get("fed_ramp_level")
    return f"It is FedRAMP authorised ({_LEVELS.get(str(level.value), level.value)})." if level else ""


def _breach(known: dict[str, Fact]) -> str:
    breach = known.get("latest_breach_date_time")
    if breach is None or breach.value == "none":
        return ""
    return f"A breach of {str(breach.value)[:10]} is known."
