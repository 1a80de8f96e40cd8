"""All findings of a layer."""

from __future__ import annotations

from pathlib import Path

from opencasb.catalog.builder.core_layer import core_apps
from opencasb.catalog.builder.facts.gather import findings
from opencasb.catalog.builder.materials import gather
from opencasb.model.factors import FACTORS
from tests.catalog.builder.synthetic import curated, write_sources


def test_each_layer_is_fed_by_its_own_sources(tmp_path: Path) -> None:
    """And every factor is one of the model."""
    materials = gather(write_sources(tmp_path), curated())
    apps = core_apps(materials)
    for layer in ("core", "sharealike"):
        found = list(findings(layer, materials, apps))
        assert {materials.table[finding.source].layer for finding in found} == {layer}
        assert {finding.factor for finding in found} <= set(FACTORS)
