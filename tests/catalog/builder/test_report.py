"""The build report."""

from __future__ import annotations

from pathlib import Path

from opencasb.catalog.builder.build import build
from opencasb.catalog.builder.report import unlike
from tests.catalog.builder.facts.sources import lines
from tests.catalog.builder.synthetic import curated, write_sources


def test_contradictions_are_told_with_who_was_believed(tmp_path: Path) -> None:
    """The believed statement comes first, with counts of how often each source won."""
    sources = write_sources(tmp_path / "sources")
    for name, word in (("public-apis", "apiKey"), ("public-api-lists", "OAuth")):
        record = {"name": "Paycove", "url": "https://paycove.com", "auth": word, "category": "Finance"}
        lines(sources, f"{name}/apis.jsonl", record)
    report = build(sources, tmp_path / "out", curated())
    (conflict,) = report.conflicts
    assert (conflict.name, conflict.factor) == ("Paycove", "api_authentication")
    assert conflict.values == (("public-apis", '"apiKey"'), ("public-api-lists", '"oAuth"'))
    assert report.conflicts_by_factor == {"api_authentication": {"public-apis": 1}}


def test_apps_with_many_domains_are_told(tmp_path: Path) -> None:
    """Country variants are not suspect, many brands are."""
    sources = write_sources(tmp_path / "sources")
    countries = (
        *("de", "fr", "it", "es", "pl", "se", "no", "fi", "dk", "nl", "be", "at", "ch", "pt", "cz", "sk", "hu", "ro"),
        *("bg", "gr", "ie", "lu", "lv", "lt", "ee", "si", "hr", "rs", "ua", "ru", "tr", "jp", "cn", "in", "br", "mx"),
    )
    variants = [f"paycove.{country}" for country in countries]
    with (sources / "v2fly-domain-list-community/lists.jsonl").open("a", encoding="utf-8") as file:
        file.write(
            '{"list": "paycove", "rules": ["paycove.com", ' + ", ".join(f'"{each}"' for each in variants) + "]}\n"
        )
    (large,) = build(sources, tmp_path / "out", curated()).large
    assert (large.name, large.domains, large.brands, large.suspect) == ("Paycove", 37, 0, False)


def test_brands_are_names_without_the_main_one() -> None:
    """Names containing the main one belong to it."""
    assert unlike(["acme.com", "acme.de", "acme-cdn.net", "other.com", "other.de"]) == {"other"}
