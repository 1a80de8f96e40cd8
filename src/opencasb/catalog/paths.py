"""Apps that share a host with others and are distinguished by path: ``google.com/maps``."""

from __future__ import annotations

import csv
from collections.abc import Iterable
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Final, NamedTuple

if TYPE_CHECKING:
    import polars as pl


_PATH: Final = r"^[A-Za-z][A-Za-z0-9+.-]*://[^/?#]*([^?#]*)"


class PathRule(NamedTuple):
    """Below ``prefix`` on ``host``, with or without ``www.``, the app is ``app_id``; elsewhere ``of``."""

    host: str
    prefix: str
    app_id: int
    of: int


class Paths:
    """The rules; if two match, the longer prefix wins."""

    def __init__(self, rules: Iterable[PathRule]) -> None:
        self._rules = {rule.host + rule.prefix: rule for rule in sorted(rules, key=lambda rule: len(rule.prefix))}

    @property
    def hosts(self) -> frozenset[str]:
        """Hosts whose paths distinguish apps."""
        return frozenset(prefix + rule.host for rule in self._rules.values() for prefix in ("", "www."))

    def targets(self, hosts: pl.Series, urls: pl.Series) -> pl.Series:
        """Return ``host/path-prefix`` where a rule matches host and URL, else the host."""
        for host in hosts.unique().drop_nulls():
            rules = [rule for rule in self._rules.values() if rule.host == host.removeprefix("www.")]
            if rules:
                at = (hosts == host).arg_true()
                hosts = hosts.clone().scatter(at, _targets(host, rules, urls.gather(at)))
        return hosts

    def app(self, target: str, of: int | None) -> int | None:
        """Return a target's app, given the app ``of`` its host: the rule's app, if the rule still applies."""
        rule = self._rules.get(target)
        return rule.app_id if rule is not None and rule.of == of else of


def _targets(host: str, rules: Iterable[PathRule], urls: pl.Series) -> pl.Series:
    import polars as pl

    path = urls.str.extract(_PATH, 1).str.to_lowercase().alias("path") + "/"
    found = pl.lit(host)
    for rule in rules:
        below = pl.col("path").str.starts_with(rule.prefix + "/")
        found = pl.when(below).then(pl.lit(rule.host + rule.prefix)).otherwise(found)
    return path.to_frame().select(found.alias("target")).to_series()


NO_PATHS = Paths(())


@cache
def shipped_paths() -> Paths:
    """Return the shipped rules."""
    text = files("opencasb.catalog").joinpath("data", "paths.csv").read_text("utf-8")
    rows = csv.DictReader(text.splitlines())
    return Paths(PathRule(row["host"], row["prefix"], int(row["app_id"]), int(row["of"])) for row in rows)
