"""``opencasb catalog stats``."""

from __future__ import annotations

import sys
from pathlib import Path

from opencasb.cli.catalog_stats import stats
from tests.cli.commands import Commands

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "catalog.md").read_text(encoding="utf-8")

STATS = Commands(stats)


def test_counts_add_up() -> None:
    """Apps by category, names and facts by source, and apps by factor are consistent."""
    counts = STATS.json()
    assert sum(counts["categories"].values()) == counts["apps"]
    assert 0 < sum(source["names"] for source in counts["sources"]) <= counts["apps"]
    assert sum(factor["apps"] for factor in counts["factors"]) == counts["facts"]
    assert sum(source["facts"] for source in counts["sources"]) >= counts["facts"]
    assert 0 < counts["scored"] < counts["apps_with_facts"] < counts["apps"]


def test_the_accuracy_is_told_for_people() -> None:
    """The output has the factors and their groups."""
    text = STATS.text()
    assert "GENERATIVE_AI" in text
    assert "is_multi_factor_authentication" in text
    (line,) = (line for line in text.splitlines() if line.startswith("category ") and "%" in line)
    assert line.endswith("%")
    assert "mfa_independent" in text
    assert 0 < STATS.json()["gold"]["mfa_independent"]["gold"] < STATS.json()["gold"]["mfa"]["gold"]


def test_one_layer_can_be_counted() -> None:
    """The share-alike layer only adds to the core."""
    core, both = STATS.json("--layer", "core"), STATS.json()
    assert core["apps"] < both["apps"]
    assert not any(source["licence"].startswith("CC BY-SA") for source in core["sources"])


def test_the_page_about_the_catalog_counts_the_shipped_one() -> None:
    """Its tables are what ``make docs`` would write, and the table at the top agrees with them."""
    sys.path.insert(0, str(ROOT / "scripts"))
    try:
        from generate_docs import with_catalog  # type: ignore[import-not-found]
    finally:
        sys.path.pop(0)
    assert with_catalog(PAGE) == PAGE
    core, both = STATS.json("--layer", "core"), STATS.json()
    for row, field in (
        ("apps", "apps"),
        ("of these with a category", "classified"),
        ("of these with a score", "scored"),
        ("domains shown with an app", "domains"),
        ("facts (an app's factor counts once)", "facts"),
        ("apps with a fact", "apps_with_facts"),
    ):
        assert f"| {row} | {core[field]:,} | {both[field]:,} |" in PAGE
