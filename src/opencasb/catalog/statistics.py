"""Statistics of a catalog: apps, facts, sources, and agreement with the gold set."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec
import polars as pl

from opencasb.catalog.agreement import Agreement, Wrong, measure
from opencasb.catalog.gold import gold_set
from opencasb.model.app import TRACKER, UNCLASSIFIED
from opencasb.model.factors import FACTORS

if TYPE_CHECKING:
    from opencasb.catalog.catalog import Catalog


class FactorCount(msgspec.Struct, frozen=True):
    """How many apps have a value for a factor, from how many sources."""

    factor: str
    group: str
    apps: int
    sources: int


class SourceCount(msgspec.Struct, frozen=True):
    """Counts for one source; ``date`` is that of its data."""

    id: str
    licence: str
    date: str
    names: int
    facts: int


class Statistics(msgspec.Struct, frozen=True):
    """The counts; ``facts`` counts each factor of an app once, however many sources state it."""

    apps: int
    domains: int
    classified: int
    trackers: int
    facts: int
    apps_with_facts: int
    scored: int
    categories: dict[str, int]
    factors: list[FactorCount]
    sources: list[SourceCount]
    gold: dict[str, Agreement]
    wrong: list[Wrong]


def statistics(catalog: Catalog) -> Statistics:
    """Count a catalog."""
    apps, facts = catalog.apps, catalog.facts
    by_count = apps["category"].value_counts().sort("count", "category", descending=[True, False])
    categories: dict[str, int] = dict(by_count.iter_rows())
    distinct = facts.unique(("app_id", "factor"))
    gold = measure(catalog, gold_set().app)
    return Statistics(
        apps=apps.height,
        domains=apps.select(pl.col("domains").list.len().sum()).item(),
        classified=apps.height - categories.get(UNCLASSIFIED, 0),
        trackers=apps.filter(pl.col("flags").list.contains(TRACKER)).height,
        facts=distinct.height,
        apps_with_facts=distinct["app_id"].n_unique(),
        scored=apps["score"].count(),
        categories=categories,
        factors=_factors(facts),
        sources=_sources(catalog),
        gold=gold.fields,
        wrong=gold.wrong,
    )


def _factors(facts: pl.DataFrame) -> list[FactorCount]:
    """Return the factors with any known values, in display order."""
    counted = facts.group_by("factor").agg(pl.col("app_id").n_unique(), pl.col("source").n_unique())
    counts = {factor: (apps, sources) for factor, apps, sources in counted.iter_rows()}
    return [FactorCount(key, factor.group.value, *counts[key]) for key, factor in FACTORS.items() if counts.get(key)]


def _sources(catalog: Catalog) -> list[SourceCount]:
    names = dict(catalog.identity["name_source"].drop_nulls().value_counts().iter_rows())
    facts = dict(catalog.facts["source"].value_counts().iter_rows())
    return [
        SourceCount(source.id, source.licence, source.date, names.get(source.id, 0), facts.get(source.id, 0))
        for source in catalog.sources
    ]
