"""The only official compliance data: authorisations of the US government's programme.

An authorised product in a public cloud was assessed against a baseline of NIST SP 800-53; from that follow further
facts, each marked as derived. The edition for the government says nothing about the one everybody uses: its level is a
remark and nothing follows from it. Pilots (20x) are not assessed control by control, and the tailored baseline
(LI-SaaS) leaves most controls to the provider's word: little follows from them.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Final

from opencasb.catalog.builder.company_names import is_government, provider
from opencasb.catalog.builder.facts.finding import MEDIUM, Finding
from opencasb.catalog.builder.json_lines import Record, lines
from opencasb.catalog.gold import MFA

SOURCE: Final = "fedramp-marketplace"
IMPLIED: Final = "implied by FedRAMP baseline"

_LEVELS: Final = {
    "High": "high",
    "Moderate": "moderate",
    "Low": "low",
    "LI-SaaS": "liSaaS",
    "20x Low": "20xLow",
    "20x Moderate": "20xModerate",
}
_FRAMEWORK: Final = ("is_fisma_compliant", "is_sp80053_compliant")
_CONTROLS: Final = (*_FRAMEWORK, MFA, "is_user_audit_trail", "is_admin_audit_trail")
_FULL: Final = (*_CONTROLS, "is_penetration_testing")
_FOLLOWS: Final = {"high": _FULL, "moderate": _FULL, "low": _CONTROLS, "liSaaS": _FRAMEWORK}
"""Level → what its baseline demands: yearly penetration tests only above Low."""

_ENCRYPTED: Final = {"high", "moderate"}
"""Levels whose baseline has control SC-28; the method of encryption is not published."""


def authorisations(root: Path) -> Iterator[Finding]:
    """Yield levels, states and what follows from them."""
    for product in lines(root / "fedramp-marketplace/products.jsonl"):
        level = _LEVELS[product["impact_level"]]
        public, authorised = _is_for_everybody(product), product["status"] == "FedRAMP Authorized"
        if public and authorised:
            yield _found(product, "fed_ramp_level", level)
            yield _found(product, "fed_ramp_status", "authorized")
            yield from _implied(product, level)
        elif public:
            yield _found(product, "fed_ramp_status", "ready" if product["status"] == "FedRAMP Ready" else "inProcess")
        elif authorised:
            yield _found(product, "fed_ramp_government_edition", level)


def _is_for_everybody(product: Record) -> bool:
    """Return whether an offering is the edition everybody uses; some of the public cloud are for the government too."""
    return product["deployment_model"] == "Public Cloud" and not is_government(product["cso"])


def _implied(product: Record, level: str) -> Iterator[Finding]:
    for factor in _FOLLOWS.get(level, ()):
        yield _found(product, factor, value=True, method=IMPLIED)
    if level in _ENCRYPTED:
        yield _found(product, "data_at_rest_encryption_method", "encrypted", method=IMPLIED)


def _found(product: Record, factor: str, value: str | bool, method: str | None = None) -> Finding:
    return Finding(
        factor=factor,
        value=value,
        source=SOURCE,
        name=product["cso"],
        vendor=provider(product),
        address=product.get("website") or "",
        confidence=MEDIUM if method else "high",
        method=method,
        evidence=f"https://marketplace.fedramp.gov/products/{product['id']}",
    )
