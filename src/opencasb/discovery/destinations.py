"""Mapping of destinations to apps: each distinct destination is matched against the catalog once per log.

A negative app_id -n stands for the n-th domain outside the catalog, which has no id yet.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Callable
from typing import TYPE_CHECKING, Final

from opencasb.catalog.paths import Paths
from opencasb.discovery.evidence import Evidence
from opencasb.model.trace import Trace

if TYPE_CHECKING:
    import polars as pl

    from opencasb.catalog.catalog import Catalog

UNRESOLVED_APP_ID: Final = 999_999_999
"""The app that stands for addresses without a host name or a known owner."""


class Destinations:
    """The destinations of one file or stream."""

    def __init__(self, catalog: Catalog, paths: Paths) -> None:
        import polars as pl

        self._catalog = catalog
        self._paths = paths
        self._evidence = Evidence()
        self._targets = pl.DataFrame(schema=_target_schema())

    @property
    def domains(self) -> list[str]:
        """The domains outside the catalog so far, in order of appearance."""
        return self._evidence.domains

    def by_path(self, used: pl.DataFrame) -> pl.DataFrame:
        """Put ``host/path-prefix`` where the path identifies the app, and note where identity providers redirect to."""
        at = used["url"].is_not_null().arg_true()
        hosts, urls = used["destination_host"].gather(at), used["url"].gather(at)
        self._evidence.note_urls(hosts, urls)
        return used.with_columns(used["destination_host"].scatter(at, self._paths.targets(hosts, urls)))

    def find(self, hosts: pl.Series, addresses: pl.Series) -> pl.DataFrame:
        """Return app_id, instance and drop (why a line is not counted) per host, or per address without a host."""
        import polars as pl

        found = self._targets_of(self._match_hosts, hosts)
        bare = hosts.is_null().arg_true()
        if bare.is_empty():
            return found
        addresses = addresses.gather(bare)
        of_bare = self._targets_of(self._match_addresses, addresses)
        nowhere = pl.when(pl.lit(addresses.is_null())).then(pl.lit("no destination"))
        of_bare = of_bare.with_columns(pl.coalesce("drop", nowhere).alias("drop"))
        return found.with_columns(found[name].scatter(bare, of_bare[name]) for name in found.columns)

    def traces(self) -> list[Trace]:
        """Return what was seen of :attr:`domains` besides their usage."""
        return self._evidence.traces(self._catalog.match_hosts)

    def _targets_of(self, match: Callable[[pl.Series], pl.DataFrame], texts: pl.Series) -> pl.DataFrame:
        """Return app_id, instance and drop of hosts or addresses, calling ``match`` for the new ones only."""
        import polars as pl

        found = self._known(texts)
        new = texts.filter(found["known"].is_null()).drop_nulls().unique()
        if not new.is_empty():
            matched = match(new).with_columns(pl.lit(value=True).alias("known"))
            self._targets = pl.concat([self._targets, matched])
            found = self._known(texts)
        return found.drop("target", "known")

    def _known(self, texts: pl.Series) -> pl.DataFrame:
        asked = texts.alias("target").to_frame()
        return asked.join(self._targets, on="target", how="left", maintain_order="left")

    def _match_hosts(self, hosts: pl.Series) -> pl.DataFrame:
        import polars as pl

        matched = self._with_paths(hosts)
        self._evidence.note_hosts(matched.filter(pl.col("app_id").is_null() & pl.col("domain").is_not_null()))
        domains = pl.Series(self.domains, dtype=pl.String)
        numbers = -pl.int_range(1, len(domains) + 1, eager=True)
        references = pl.col("domain").replace_strict(domains, numbers, default=None, return_dtype=pl.Int64)
        return matched.select(
            pl.col("host").alias("target"),
            pl.coalesce(pl.col("app_id").cast(pl.Int64), references).alias("app_id"),
            "instance",
            pl.when(pl.col("domain").is_null() & pl.col("app_id").is_null())
            .then(pl.lit("internal host"))
            .alias("drop"),
        )

    def _with_paths(self, targets: pl.Series) -> pl.DataFrame:
        """Match ``targets``, some of which are ``host/path-prefix``."""
        import polars as pl

        at = targets.str.contains("/", literal=True).arg_true()
        if at.is_empty():
            return self._catalog.match_hosts(targets)
        matched = self._catalog.match_hosts(targets.str.splitn("/", 2).struct[0])
        found = zip(targets.gather(at), matched["app_id"].gather(at), strict=True)
        apps = pl.Series([self._paths.app(target, of) for target, of in found], dtype=pl.Int64)
        return matched.with_columns(targets.alias("host"), matched["app_id"].cast(pl.Int64).scatter(at, apps))

    def _match_addresses(self, addresses: pl.Series) -> pl.DataFrame:
        import polars as pl

        matched = self._catalog.match_addresses(addresses)
        private = [text for text in addresses if not _is_global(text)]
        return matched.select(
            pl.col("address").alias("target"),
            pl.col("app_id").cast(pl.Int64).fill_null(UNRESOLVED_APP_ID).alias("app_id"),
            pl.lit(None, pl.String).alias("instance"),
            pl.when(pl.col("address").is_in(private) & pl.col("app_id").is_null())
            .then(pl.lit("private destination"))
            .alias("drop"),
        )


def _is_global(address: str) -> bool:
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return False
    return parsed.is_global and not parsed.is_multicast


def _target_schema() -> dict[str, pl.DataType]:
    import polars as pl

    texts = dict.fromkeys(("target", "instance", "drop"), pl.String())
    return {"target": pl.String(), "app_id": pl.Int64(), **texts, "known": pl.Boolean()}
