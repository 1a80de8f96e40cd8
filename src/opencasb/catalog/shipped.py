"""A catalog's files, each read on first use."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from functools import cached_property
from pathlib import Path
from typing import Final

import msgspec
import polars as pl

from opencasb.catalog.match import DomainRow, HostTable, compiled
from opencasb.catalog.networks import AddressTable, Prefix
from opencasb.catalog.score_frame import points_frame
from opencasb.catalog.suffixes import PublicSuffixes
from opencasb.model.app import PLATFORM, UNCLASSIFIED
from opencasb.model.layer import LAYERS, Layer

PLATFORM_CATEGORIES: Final = tuple(
    f"SAASDB_CATEGORY_{name}"
    for name in (
        "CLOUD_COMPUTING_PLATFORM",
        "CODE_HOSTING",
        "CONTENT_MANAGEMENT",
        "DEVELOPMENT_TOOLS",
        "HOSTING_SERVICES",
    )
)
"""Categories in which customers' hosts are places where others publish rather than work."""

HOSTS: Final = "hosts.parquet"
"""The compiled domains of a layer and those before it: reading them takes a fifth of the time of compiling."""

FACT_COLUMNS: Final = ("app_id", "factor", "value", "source", "date", "confidence", "method", "evidence")


class CatalogSource(msgspec.Struct, frozen=True):
    """A source of facts in the catalog; ``date`` (ISO) is that of its data."""

    id: str
    title: str
    url: str
    licence: str
    date: str
    attribution: str


class CatalogFiles:
    """A folder written by the builder: one sub-folder per layer, plus what belongs to none."""

    def __init__(self, folder: Path, layers: Sequence[Layer] = LAYERS) -> None:
        """Use these layers of ``folder``, always including ``core``; nothing is read yet."""
        self._folder = folder
        self._layers = tuple(layer for layer in LAYERS if layer in {"core", *layers} and (folder / layer).is_dir())

    def _read(self, name: str, columns: Sequence[str]) -> pl.DataFrame:
        """Return the given columns of one file, layer after layer."""
        paths = [path for layer in self._layers if (path := self._folder / layer / f"{name}.parquet").exists()]
        return pl.concat([pl.read_parquet(path, columns=list(columns), glob=False) for path in paths])

    @cached_property
    def _additions(self) -> pl.DataFrame | None:
        """What further layers add to apps of ``core``: category, vendor, flags, score with all facts."""
        if len(self._layers) < len(LAYERS):
            return None
        columns = ("app_id", "category", "category_source", "vendor", "vendor_source", "flags", "score")
        return self._read("additions", columns)

    @cached_property
    def _described(self) -> pl.DataFrame:
        columns = ("app_id", "name", "category", "category_source", "vendor", "vendor_source", "flags", "score")
        apps = self._read("apps", columns)
        return apps if self._additions is None else _with_additions(apps, self._additions)

    @cached_property
    def apps(self) -> pl.DataFrame:
        """The apps by id: app_id, name, category, domains, score (null: unscored), vendor, flags."""
        rows = self._read("domains", ("domain", "app_id", "shown", "tenants"))
        domains = rows.filter("shown").group_by("app_id", maintain_order=True).agg(pl.col("domain").alias("domains"))
        on_others = pl.col("app_id").is_in(rows.filter("tenants")["app_id"].unique().implode())
        is_platform = on_others & pl.col("category").is_in(PLATFORM_CATEGORIES)
        return self._described.join(domains, on="app_id", how="left", maintain_order="left").select(
            pl.col("app_id").cast(pl.Int64),
            "name",
            "category",
            pl.col("domains").fill_null([]),
            pl.col("score").cast(pl.Int64),
            "vendor",
            pl.when(is_platform).then(pl.col("flags").list.set_union([PLATFORM]).list.sort()).otherwise("flags"),
        )

    @cached_property
    def identity(self) -> pl.DataFrame:
        """The sources of each app's name, category and vendor, and the page where a reviewed app can be checked."""
        named = self._read("apps", ("app_id", "name_source", "evidence"))
        return self._described.select("app_id", "category_source", "vendor_source").join(
            named, on="app_id", maintain_order="left"
        )

    @cached_property
    def facts(self) -> pl.DataFrame:
        """The risk facts by app and factor, the prevailing one of several first; see ``Catalog.facts``."""
        found = self._read("facts", FACT_COLUMNS)
        return found.sort("app_id", "factor", maintain_order=True)

    @cached_property
    def points(self) -> pl.DataFrame:
        """The facts' points; see :func:`opencasb.catalog.score_frame.points_frame`."""
        return points_frame(self.facts)

    @cached_property
    def version(self) -> str:
        """A text that changes with the apps and facts in use."""
        digest = hashlib.blake2b(digest_size=8)
        for layer in self._layers:
            for path in sorted((self._folder / layer).glob("*.parquet")):
                digest.update(f"{layer}/{path.name}".encode() + path.read_bytes())
        return digest.hexdigest()

    @cached_property
    def suffixes(self) -> PublicSuffixes:
        """The public suffix rules."""
        return PublicSuffixes.parse((self._folder / "public_suffixes.txt").read_text("utf-8"))

    @cached_property
    def hosts(self) -> HostTable:
        """The domains of apps, for matching, as compiled by the builder for these layers."""
        return HostTable(pl.read_parquet(self._folder / self._layers[-1] / HOSTS, glob=False), self.suffixes)

    def compiled_hosts(self) -> pl.DataFrame:
        """Compile the data of :attr:`hosts`, for the builder to store."""
        return compiled(self._read("domains", DomainRow._fields), self.suffixes)

    def domains_within(self, domains: Sequence[str]) -> list[DomainRow]:
        """Return the apps' domains that equal or lie below one of ``domains``."""
        wanted = frozenset(domains)
        rows = self._read("domains", ("domain", "app_id", "tenants", "registrable")).iter_rows()
        return [DomainRow(*row) for row in rows if not wanted.isdisjoint(_upwards(row[0]))]

    @cached_property
    def addresses(self) -> AddressTable:
        """The address ranges of providers, for matching."""
        rows = self._read("networks", ("first", "last", "app_id")).iter_rows()
        return AddressTable(Prefix(int.from_bytes(first), int.from_bytes(last), app_id) for first, last, app_id in rows)

    @cached_property
    def sources(self) -> tuple[CatalogSource, ...]:
        """The sources of the facts, each once."""
        found: dict[str, CatalogSource] = {}
        for layer in self._layers:
            text = (self._folder / layer / "sources.json").read_bytes()
            for source in msgspec.json.decode(text, type=tuple[CatalogSource, ...]):
                found.setdefault(source.id, source)
        return tuple(found.values())


def _upwards(domain: str) -> Iterator[str]:
    """Yield a domain and its parents: ``a.b.c``, ``b.c``, ``c``."""
    while domain:
        yield domain
        domain = domain.partition(".")[2]


def _with_additions(apps: pl.DataFrame, additions: pl.DataFrame) -> pl.DataFrame:
    """Fill gaps in ``core``; the score of an addition counts the facts of every layer."""
    open_category = (pl.col("category") == UNCLASSIFIED) & pl.col("category_more").is_not_null()
    open_vendor = pl.col("vendor").is_null()
    return apps.join(additions, on="app_id", how="left", suffix="_more", maintain_order="left").select(
        "app_id",
        "name",
        *(
            pl.when(open_category).then(f"{name}_more").otherwise(name).alias(name)
            for name in ("category", "category_source")
        ),
        *(
            pl.when(open_vendor).then(f"{name}_more").otherwise(name).alias(name)
            for name in ("vendor", "vendor_source")
        ),
        pl.col("flags").list.set_union(pl.col("flags_more").fill_null([])).list.sort(),
        pl.coalesce("score_more", "score").alias("score"),
    )
