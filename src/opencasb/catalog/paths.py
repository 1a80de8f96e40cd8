"""Apps that share a host with others and are told apart by the path: ``google.com/maps``."""

from __future__ import annotations

import csv
from collections.abc import Iterable
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    import polars as pl


class PathRule(NamedTuple):
    """Below ``prefix`` on ``host`` (or ``www.`` and it) the app is ``app_id``, elsewhere ``of``."""

    host: str
    prefix: str
    app_id: int
    of: int


class Paths:
    """The rules; of two that fit the longer prefix wins."""

    def __init__(self, rules: Iterable[PathRule]) -> None:
        self._rules = {rule.host + rule.prefix: rule for rule in sorted(rules, key=lambda rule: len(rule.prefix))}

    @property
    def hosts(self) -> frozenset[str]:
        """Hosts whose paths say something."""
        return frozenset(prefix + rule.host for rule in self._rules.values() for prefix in ("", "www."))

    def targets(self, hosts: pl.Series, urls: pl.Series) -> pl.Series:
        """Return ``host/path-prefix`` where a rule fits host and URL, else the host."""
        import polars as pl

        path = pl.col("url").str.extract(r"^[A-Za-z][A-Za-z0-9+.-]*://[^/?#]*([^?#]*)", 1).str.to_lowercase()
        found = pl.col("host")
        for name, rule in self._rules.items():
            below = (path == rule.prefix) | path.str.starts_with(rule.prefix + "/")
            here = pl.col("host").str.strip_prefix("www.") == rule.host
            found = pl.when(here & below).then(pl.lit(name)).otherwise(found)
        return pl.DataFrame({"host": hosts, "url": urls}).select(found).to_series()

    def app(self, target: str, of: int | None) -> int | None:
        """Return the app of a target, whose host alone is of the app ``of``: that of the rule, if it still fits."""
        rule = self._rules.get(target)
        return rule.app_id if rule is not None and rule.of == of else of


NO_PATHS = Paths(())


@cache
def shipped_paths() -> Paths:
    """Return the rules that come with the program."""
    text = files("opencasb.catalog").joinpath("data", "paths.csv").read_text("utf-8")
    rows = csv.DictReader(text.splitlines())
    return Paths(PathRule(row["host"], row["prefix"], int(row["app_id"]), int(row["of"])) for row in rows)
