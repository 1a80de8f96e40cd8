"""Consistency of the shipped data."""

from __future__ import annotations

import csv
import json
from importlib.resources import files
from pathlib import Path

import polars as pl
import pytest

from opencasb.catalog.builder.curated import load
from opencasb.catalog.builder.id_registry import FIRST_ID
from opencasb.catalog.builder.merge import LARGE_LIST
from opencasb.catalog.builder.report import unlike
from opencasb.catalog.score_frame import points_frame, scores
from opencasb.catalog.shipped import CatalogFiles
from opencasb.model.app import GENERATIVE_AI
from opencasb.model.categories import PREFIX

FOLDER = Path(str(files("opencasb.catalog").joinpath("data")))
SHIPPED = CatalogFiles(FOLDER)
DOMAINS = pl.concat([pl.read_parquet(path) for path in sorted(FOLDER.glob("*/domains.parquet"))])


def test_ids_and_names_are_unique() -> None:
    """Every app but one has domains."""
    apps = SHIPPED.apps
    assert apps["app_id"].is_unique().all()
    assert apps["name"].str.to_lowercase().is_unique().all()
    assert apps.filter(pl.col("domains").list.len() == 0)["name"].to_list() == ["Active Directory"]


def test_there_are_enough_apps_in_each_layer() -> None:
    """Core alone is enough for an installation without the share-alike data."""
    assert CatalogFiles(FOLDER, ["core"]).apps.height >= 12_000
    assert SHIPPED.apps.height >= 14_500


def test_apps_with_enough_facts_are_scored() -> None:
    """The stored score is that of the facts; the other layer's facts change some scores of core."""
    for layers in (CatalogFiles(FOLDER, ["core"]), SHIPPED):
        by_facts = scores(points_frame(layers.facts)).select("app_id", "score").drop_nulls().sort("app_id")
        stored = layers.apps.select("app_id", "score").drop_nulls().sort("app_id")
        assert stored.rows() == by_facts.rows()
        assert stored.height > 800


def test_categories_are_known_ids(shared: Path) -> None:
    """Those of the upstream product, and our own for generative AI."""
    enums = json.loads((shared / "reference/enums.json").read_text("utf-8"))
    assert set(SHIPPED.apps["category"]) <= {*enums["appCategories"], GENERATIVE_AI}


def test_well_known_apps_keep_their_id(shared: Path) -> None:
    """They are checked by number and name."""
    enums = json.loads((shared / "reference/enums.json").read_text("utf-8"))
    names = dict(SHIPPED.apps.select("app_id", "name").iter_rows())
    known = {int(number): name for number, name in enums["wellKnownApps"].items()}
    assert [number for number, name in known.items() if not name.startswith(names[number])] == []
    assert len(known) > 10


def test_other_ids_start_behind_them() -> None:
    """Every id is registered under a key of the app."""
    curated = {app.id for app in load().apps if app.id is not None}
    assert {number for number in SHIPPED.apps["app_id"] if number < FIRST_ID} == curated
    with (FOLDER / "ids.csv").open(encoding="utf-8", newline="") as file:
        register = {(int(row["app_id"]), row["key"]) for row in csv.DictReader(file)}
    mains = SHIPPED.apps.filter(pl.col("domains").list.len() > 0).select("app_id", pl.col("domains").list.first())
    assert set(mains.iter_rows()) <= register


def test_domains_have_one_app_each() -> None:
    """That app exists; hosts are normalised for matching."""
    assert DOMAINS["domain"].is_unique().all()
    assert set(DOMAINS["app_id"]) <= set(SHIPPED.apps["app_id"])
    assert DOMAINS["domain"].str.contains(r"^(\*-)?[a-z0-9_.-]+$").all()
    assert DOMAINS.filter(pl.col("shown"))["domain"].str.contains(r"^[^*]+\.").all()


def test_no_app_has_swallowed_strangers() -> None:
    """An app has more than thirty domains only if most are country variants of one name."""
    large = SHIPPED.apps.filter(pl.col("domains").list.len() > LARGE_LIST).select("name", "domains")
    assert large.height > 0
    assert [name for name, domains in large.iter_rows() if len(unlike(domains)) > LARGE_LIST] == []


def test_facts_name_sources_that_are_described() -> None:
    """They have a date, to show their age; reviewed facts have a link."""
    known = {source.id for source in SHIPPED.sources}
    facts = SHIPPED.identity
    for column in ("name_source", "category_source", "vendor_source"):
        assert set(facts[column].drop_nulls()) <= known
    assert set(DOMAINS["source"]) <= known
    assert facts.filter(pl.col("name_source") == "curated")["evidence"].str.starts_with("https://").all()
    unclassified = SHIPPED.apps.filter(pl.col("category") == f"{PREFIX}UNCLASSIFIED")["app_id"]
    assert facts.filter(pl.col("app_id").is_in(unclassified.implode()))["category_source"].null_count() == len(
        unclassified
    )


def test_the_notices_ship_with_the_data() -> None:
    """They have the attribution of every source."""
    text = "".join(path.read_text("utf-8") for path in FOLDER.glob("*/NOTICES.md"))
    assert all(source.attribution in text for source in SHIPPED.sources)


@pytest.mark.parametrize("name", ["apps", "domains", "networks"])
def test_the_files_are_compact(name: str) -> None:
    """Every installation includes them."""
    assert (FOLDER / "core" / f"{name}.parquet").stat().st_size < 400_000
