"""``opencasb catalog stats``: the size and accuracy of the catalog."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

import click

from opencasb.cli.options import json_option
from opencasb.cli.output import echo_json, echo_table
from opencasb.model.categories import PREFIX
from opencasb.model.layer import LAYERS, Layer

if TYPE_CHECKING:
    from opencasb.catalog.statistics import Statistics

_TOTALS: Final = ("apps", "domains", "classified", "trackers", "facts", "apps_with_facts", "scored")


@click.command("stats")
@click.option(
    "--layer",
    "layers",
    type=click.Choice(LAYERS),
    multiple=True,
    help="Layer to count, besides core; repeatable. Default: all.",
)
@json_option
def stats(layers: tuple[Layer, ...], as_json: bool) -> None:
    """Count the catalog's apps, facts and sources, and compare it with the gold set of well-known apps.

    "known" is how many values of the gold set it has, "right" how many of these are correct. Second factors and
    single sign-on are counted again for values whose evidence is not one of the catalog's own sources. JSON: counts by
    category, factor and source, gold set results by field, and errors.
    """
    from opencasb.catalog.catalog import Catalog
    from opencasb.catalog.statistics import statistics

    counted = statistics(Catalog.shipped(layers or LAYERS))
    if as_json:
        echo_json(counted)
    else:
        _show(counted)


def _show(counted: Statistics) -> None:
    for name in _TOTALS:
        click.echo(f"{name.replace('_', ' ')}: {getattr(counted, name)}")
    categories = [(name.removeprefix(PREFIX), count) for name, count in counted.categories.items()]
    factors = [(each.factor, each.group, each.apps, each.sources) for each in counted.factors]
    sources = [(each.id, each.licence, each.date, each.names, each.facts) for each in counted.sources]
    gold = [
        (name, each.gold, each.known, f"{each.coverage:.1%}", each.right, f"{each.accuracy:.1%}")
        for name, each in counted.gold.items()
    ]
    _table(("category", "apps"), categories)
    _table(("factor", "group", "apps", "sources"), factors)
    _table(("source", "licence", "data of", "names", "facts"), sources)
    _table(("gold set", "values", "known", "coverage", "right", "accuracy"), gold)


def _table(headings: Sequence[str], rows: Sequence[Sequence[object]]) -> None:
    click.echo()
    echo_table(headings, rows)
