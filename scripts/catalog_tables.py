"""The generated parts of docs/catalog.md: apps by category, factors and sources with their counts."""

from __future__ import annotations

import textwrap

from opencasb.catalog.builder.category_rules import PREFIX
from opencasb.catalog.catalog import Catalog
from opencasb.catalog.statistics import Statistics, statistics

WIDTH = 118


def parts() -> dict[str, str]:
    """Return the parts of the page by name, as Markdown, with counts from the shipped catalog."""
    catalog = Catalog.shipped()
    counts = statistics(catalog)
    return {"categories": categories(counts), "factors": factors(counts), "sources": sources(catalog, counts)}


def categories(counts: Statistics) -> str:
    """Return the number of apps per category, most common first."""
    text = ", ".join(f"{name.removeprefix(PREFIX)} {count}" for name, count in counts.categories.items())
    return textwrap.fill(text + ".", WIDTH, break_long_words=False) + "\n"


def factors(counts: Statistics) -> str:
    """Return, for each factor, the number of apps and of sources for which it is known."""
    rows = [f"| `{each.factor}` | {each.group} | {each.apps:,} | {each.sources} |" for each in counts.factors]
    return "\n".join(["| Factor | Group | Apps | Sources |", "| --- | --- | ---: | ---: |", *rows]) + "\n"


def sources(catalog: Catalog, counts: Statistics) -> str:
    """Return each source with its layer, licence, date, and number of names and facts."""
    core = {source.id for source in Catalog.shipped(("core",)).sources}
    rows = ["| Source | Layer | Licence | Data of | Names | Facts |", "| --- | --- | --- | --- | ---: | ---: |"]
    for source, count in zip(catalog.sources, counts.sources, strict=True):
        layer = "core" if source.id in core else "sharealike"
        rows.append(
            f"| [{source.title}]({source.url}) | {layer} | {source.licence} | {source.date} |"
            f" {told(count.names)} | {told(count.facts)} |"
        )
    return "\n".join(rows) + "\n"


def told(number: int) -> str:
    """Return a count as text; zero is an empty cell."""
    return f"{number:,}" if number else ""
