"""The apps of core."""

from __future__ import annotations

from pathlib import Path

from opencasb.catalog.builder.core_layer import core_apps
from opencasb.catalog.builder.materials import Materials, gather
from tests.catalog.builder.facts.sources import text
from tests.catalog.builder.synthetic import curated, write_sources


def test_web_sites_are_apps_only_where_they_are_well_known(tmp_path: Path) -> None:
    """Their rank decides; a directory of sites alone makes no app."""
    root = write_sources(tmp_path)
    with (root / "kagi-bangs/sites.jsonl").open("a", encoding="utf-8") as file:
        file.write('{"s": "Popular", "d": "www.popular.com", "c": "News", "sc": ""}\n')
        file.write('{"s": "Obscure", "d": "www.obscure.com", "c": "News", "sc": ""}\n')
    text(root, "majestic-million-top15k/top15k.csv", "rank,domain,ref_subnets\n7,popular.com,1\n")
    names = {app.name.value for app in core_apps(gather(root, curated()))}
    assert "Popular" in names
    assert "Obscure" not in names


def test_share_alike_sources_say_nothing_here(materials: Materials) -> None:
    """They add neither apps nor domains nor flags."""
    apps = {app.key: app for app in core_apps(materials)}
    assert "admonger.com" not in apps
    assert "metriclystats.com" not in apps["metricly.io"].domains
