"""Statistics of a catalog."""

from __future__ import annotations

from opencasb.catalog.catalog import Catalog
from opencasb.catalog.statistics import statistics


def test_a_built_catalog_is_counted(small: Catalog) -> None:
    """Apps of both layers, each factor with its apps and sources, and each source with what it provided."""
    counted = statistics(small)
    assert counted.apps == sum(counted.categories.values())
    factors = {each.factor: each for each in counted.factors}
    assert (factors["account_deletion_effort"].group, factors["account_deletion_effort"].sources) == ("extra", 1)
    sources = {each.id: each for each in counted.sources}
    assert sources["justdeleteme"].facts == 6
    assert counted.trackers == 2
    assert counted.gold["name"].right == 0
