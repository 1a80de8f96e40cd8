"""FedRAMP."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from opencasb.catalog.builder.facts.fedramp import authorisations
from tests.catalog.builder.facts.sources import lines

PRODUCT: dict[str, Any] = {
    "id": "FR1",
    "csp": "Acme, Inc.",
    "cso": "Acme Cloud",
    "website": "https://acme.com",
    "status": "FedRAMP Authorized",
    "impact_level": "Moderate",
    "deployment_model": "Public Cloud",
}
FULL = {
    "fed_ramp_level",
    "fed_ramp_status",
    "is_fisma_compliant",
    "is_sp80053_compliant",
    "is_multi_factor_authentication",
    "is_user_audit_trail",
    "is_admin_audit_trail",
    "is_penetration_testing",
    "data_at_rest_encryption_method",
}


def factors(root: Path, **change: str) -> set[str]:
    """Return the factors derived from a product."""
    lines(root, "fedramp-marketplace/products.jsonl", {**PRODUCT, **change})
    return {finding.factor for finding in authorisations(root)}


@pytest.mark.parametrize(
    ("level", "missing"),
    [
        ("High", set()),
        ("Moderate", set()),
        ("Low", {"is_penetration_testing", "data_at_rest_encryption_method"}),
        ("LI-SaaS", FULL - {"fed_ramp_level", "fed_ramp_status", "is_fisma_compliant", "is_sp80053_compliant"}),
        ("20x Low", FULL - {"fed_ramp_level", "fed_ramp_status"}),
        ("20x Moderate", FULL - {"fed_ramp_level", "fed_ramp_status"}),
    ],
)
def test_from_a_level_follows_what_its_baseline_demands(tmp_path: Path, level: str, missing: set[str]) -> None:
    """Fewer from the tailored baseline, none from the pilots."""
    assert factors(tmp_path, impact_level=level) == FULL - missing


def test_what_follows_is_derived_and_of_medium_confidence(tmp_path: Path) -> None:
    """The level itself is stated by the source, on the product's page."""
    lines(tmp_path, "fedramp-marketplace/products.jsonl", PRODUCT)
    findings = list(authorisations(tmp_path))
    assert {finding.factor for finding in findings} > {"fed_ramp_level", "fed_ramp_status"}
    for finding in findings:
        said = finding.factor in {"fed_ramp_level", "fed_ramp_status"}
        assert finding.method == (None if said else "implied by FedRAMP baseline")
        assert finding.confidence == ("high" if said else "medium")
        assert finding.evidence == "https://marketplace.fedramp.gov/products/FR1"
        assert finding.vendor == "Acme"


@pytest.mark.parametrize(
    "change",
    [
        {"deployment_model": "Government Community Cloud"},
        {"deployment_model": "Hybrid Cloud"},
        {"cso": "Acme Gov Cloud"},
    ],
)
def test_an_edition_for_the_government_is_a_remark(tmp_path: Path, change: dict[str, str]) -> None:
    """It is recognised by its deployment model or its name."""
    assert factors(tmp_path, **change) == {"fed_ramp_government_edition"}


@pytest.mark.parametrize("status", ["FedRAMP Ready", "Agency In Process", "FedRAMP In Process"])
def test_nothing_follows_from_what_is_not_authorised(tmp_path: Path, status: str) -> None:
    """A government edition does not even have the status."""
    assert factors(tmp_path, status=status) == {"fed_ramp_status"}
    assert factors(tmp_path, status=status, deployment_model="Hybrid Cloud") == set()
