"""All findings of a layer."""

from __future__ import annotations

from pathlib import Path

import msgspec

from opencasb.catalog.builder.build import build
from opencasb.catalog.builder.core_layer import core_apps
from opencasb.catalog.builder.curated import CuratedFact
from opencasb.catalog.builder.facts.gather import findings
from opencasb.catalog.builder.materials import Materials
from opencasb.catalog.catalog import Catalog
from opencasb.model.factors import FACTORS
from tests.catalog.builder.synthetic import curated


def test_each_layer_is_fed_by_its_own_sources(materials: Materials) -> None:
    """Every factor exists in the model."""
    apps = core_apps(materials)
    for layer in ("core", "sharealike"):
        found = list(findings(layer, materials, apps))
        assert {materials.table[finding.source].layer for finding in found} == {layer}
        assert {finding.factor for finding in found} <= set(FACTORS)


def test_what_is_reviewed_is_believed_before_any_source(sources: Path, tmp_path: Path) -> None:
    """A contradicting directory with high confidence comes after it."""
    fact = CuratedFact("tasklane.com", "is_multi_factor_authentication", False, "https://tasklane.com/no")
    reviewed = msgspec.structs.replace(curated(), fact=(fact,))
    build(sources, tmp_path / "out", reviewed)
    rows = Catalog.of_folder(tmp_path / "out").facts.filter(factor=fact.factor, evidence="https://tasklane.com/no")
    (app_id,) = rows["app_id"]
    said = Catalog.of_folder(tmp_path / "out").facts.filter(factor=fact.factor, app_id=app_id)
    assert said.select("value", "source").rows()[:2] == [("false", "curated"), ("true", "twofactorauth")]
