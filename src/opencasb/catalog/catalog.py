"""The catalog's public interface: apps by id, host, address and text.

Each shipped file is read on first use; a catalog is immutable and may be shared between threads.
:meth:`Catalog.with_overlay` adds a tenant's own apps and corrections.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from functools import cached_property
from importlib.resources import files
from pathlib import Path
from typing import Final

import polars as pl

from opencasb.catalog.description import TOLD, UNLISTED, description
from opencasb.catalog.fact import Fact, facts_by_app
from opencasb.catalog.fact_table import fact_table
from opencasb.catalog.match import HostTable, compiled, match_hosts, rows_frame
from opencasb.catalog.networks import AddressTable, disjoint, parse_network, prefix_of
from opencasb.catalog.overlay import NO_APP, NOTHING, Overlay, apps_with, facts_with, host_rows
from opencasb.catalog.score import LITTLE_EVIDENCE, Score, score
from opencasb.catalog.score_frame import points_frame, scores
from opencasb.catalog.scoring import rescored, with_given
from opencasb.catalog.shipped import CatalogFiles, CatalogSource
from opencasb.model.app import App
from opencasb.model.layer import LAYERS, Layer
from opencasb.model.score_settings import DEFAULT
from opencasb.model.unlisted_profile import FIRST_UNLISTED

_SEARCH_LIMIT: Final = 100

VENDOR: Final = "vendor"
"""The one factor that is part of an app's identity, stored with the apps, not with the facts."""


def unlisted_name(domain: str) -> str:
    """Return the display name of an app outside the catalog: its registrable domain, decoded from punycode."""
    if "xn--" not in domain:
        return domain
    import idna

    try:
        return idna.decode(domain)
    except (idna.IDNAError, UnicodeError):
        return domain


class Catalog:
    """Apps with their hosts, addresses, facts and scores."""

    def __init__(self, shipped: CatalogFiles, overlay: Overlay = NOTHING) -> None:
        """Use a catalog's files, with a tenant's overlay."""
        self._files = shipped
        self._overlay = overlay

    @classmethod
    def shipped(cls, layers: Sequence[Layer] = LAYERS) -> Catalog:
        """Return the catalog shipped with the program."""
        return cls.of_folder(Path(str(files("opencasb.catalog").joinpath("data"))), layers)

    @classmethod
    def of_folder(cls, folder: Path, layers: Sequence[Layer] = LAYERS) -> Catalog:
        """Return the given layers of the catalog that the builder wrote to a folder."""
        return cls(CatalogFiles(folder, layers))

    def with_overlay(self, overlay: Overlay) -> Catalog:
        """Return a catalog in which custom apps and corrections override the shipped data.

        A custom app's hosts and addresses take precedence over any other match. Files already read are shared with
        this catalog. An invalid network is ignored.
        """
        return Catalog(self._files, overlay)

    @cached_property
    def apps(self) -> pl.DataFrame:
        """All apps, with the tenant's own first.

        Columns: app_id Int64, name, category, domains (list of text, main domain first), score Int64 (null: too few
        facts; else what the tenant says, or the facts), vendor (null: unknown), flags (list of text).
        """
        apps = self._described
        if self._is_rescored:
            apps = with_given(rescored(apps, self.scores), self._overlay.own_scores)
        return with_given(apps, self._overlay.scoring.overrides)

    @cached_property
    def _described(self) -> pl.DataFrame:
        """The apps with their shipped scores."""
        return apps_with(self._files.apps, self._overlay)

    @property
    def _is_rescored(self) -> bool:
        return self._overlay.scoring.settings != DEFAULT or self._overlay.states_facts

    @cached_property
    def scores(self) -> pl.DataFrame:
        """The apps' scores by their facts and the tenant's settings; see ``score_frame.scores``."""
        points = points_frame(self.facts) if self._overlay.states_facts else self._files.points
        return scores(points, self._overlay.scoring.settings)

    def with_few_facts(self, app_ids: pl.Series) -> list[int]:
        """Return the apps among ``app_ids`` whose score rests on few facts."""
        facts = self.facts.filter(pl.col("app_id").cast(pl.Int64).is_in(app_ids.implode()))
        found = scores(points_frame(facts), self._overlay.scoring.settings)
        few = found.filter(pl.col("score").is_not_null(), pl.col("known") < LITTLE_EVIDENCE)
        return few["app_id"].to_list()

    def score_of(self, facts: Iterable[Fact]) -> Score:
        """Return the score of these facts by the tenant's settings."""
        return score(facts, self._overlay.scoring.settings)

    @property
    def version(self) -> str:
        """A text that changes with the shipped data."""
        return self._files.version

    @property
    def identity(self) -> pl.DataFrame:
        """The sources of each listed app's name, category and vendor.

        Columns: app_id, name_source, category_source, vendor_source (ids of :attr:`sources`, null: no source says it),
        evidence (a page, for reviewed apps).
        """
        return self._files.identity

    @cached_property
    def facts(self) -> pl.DataFrame:
        """Facts about the listed apps beyond their identity: one row per statement by a source.

        Columns: app_id Int32, factor (a key of ``factors.FACTORS``), value (JSON text of the factor's kind), source (an
        id of :attr:`sources`), date (ISO, of the source's data), confidence (``high``, ``medium``, ``low``), method
        (how it was derived, null: stated outright), evidence (a page, or null). Ordered by app and factor; if several
        sources state one factor of an app, the first row takes precedence. The tenant's attestations (source
        ``tenant``) come before all others, followed by measurements (source ``probe``).
        """
        known = self._rows_by_id if self._overlay.states_facts else {}
        return facts_with(self._files.facts, self._overlay, known) if known else self._files.facts

    def known(self, app_ids: pl.Series, keys: Collection[str]) -> pl.DataFrame:
        """Return the prevailing facts about some apps, one typed column per factor; see ``fact_table``."""
        found = fact_table(self.facts, app_ids, [key for key in keys if key != VENDOR])
        if VENDOR not in keys:
            return found
        vendors = (
            self._described.select("app_id", VENDOR).drop_nulls().join(found, on="app_id", how="full", coalesce=True)
        )
        return vendors.filter(vendors["app_id"].is_in(app_ids.implode()))

    @property
    def sources(self) -> tuple[CatalogSource, ...]:
        """The sources of the facts, with licences and dates."""
        return self._files.sources

    @property
    def addresses(self) -> AddressTable:
        """The address lists of providers, without any tenant's own apps."""
        return self._files.addresses

    @cached_property
    def _rows_by_id(self) -> dict[int, int]:
        return {app_id: at for at, app_id in reversed(list(enumerate(self._described["app_id"])))}

    @cached_property
    def _own_hosts(self) -> HostTable | None:
        registrable, within = self._files.suffixes.registrable, self._files.domains_within
        rows = host_rows(self._overlay, self._rows_by_id, registrable, within) if self._overlay else []
        return HostTable(compiled(rows_frame(rows))) if rows else None

    @cached_property
    def _own_addresses(self) -> AddressTable | None:
        networks = [(parse_network(text), app.app_id) for app in self._overlay.custom for text in app.networks]
        prefixes = [prefix_of(network, app_id) for network, app_id in networks if network is not None]
        return AddressTable(disjoint(prefixes)) if prefixes else None

    def registrable(self, host: str) -> str | None:
        """Return the registrable domain of a host; None for a name without a public suffix."""
        return self._files.suffixes.registrable(host)

    def match_hosts(self, hosts: pl.Series) -> pl.DataFrame:
        """Return the app of each host, in order: the one with the longest matching suffix.

        Columns: host (as given), app_id Int64 (null: not in the catalog), domain (the registrable domain; null for an
        internal name, which has no public suffix), instance (the customer's host if the app is a platform:
        ``contoso.sharepoint.com``; else null). Hosts may be in Unicode or punycode, with a trailing dot or a port. Pass
        distinct hosts; any text is allowed.
        """
        matched = match_hosts(hosts, self._files.hosts, self._own_hosts)
        return matched.with_columns(pl.col("app_id").replace(NO_APP, None)) if self._overlay else matched

    def match_addresses(self, addresses: pl.Series) -> pl.DataFrame:
        """Return the app of each IPv4 or IPv6 address's provider, in order, by longest prefix.

        Columns: address (as given), app_id Int64 (null: no provider known, or not an address).
        """
        texts = addresses.cast(pl.String)
        found = self._files.addresses.match(texts)
        if self._own_addresses is not None:
            own = self._own_addresses.match(texts)
            found = [other if mine is None else mine for mine, other in zip(own, found, strict=True)]
        return pl.DataFrame({"address": texts, "app_id": pl.Series(found, dtype=pl.Int64)})

    def app(self, app_id: int) -> App | None:
        """Return an app, or None if no app has this id."""
        at = self._rows_by_id.get(app_id)
        return None if at is None else _app(self.apps.row(at))

    def descriptions(self, app_ids: pl.Series) -> pl.DataFrame:
        """Return descriptions of some apps in sentences: app_id Int64, description; unknown ids are omitted."""
        apps = self.apps.filter(pl.col("app_id").is_in(app_ids.implode()))
        facts = facts_by_app(self.facts.filter(pl.col("factor").is_in(TOLD)), apps["app_id"].to_list())
        told = {app.app_id: description(app, facts.get(app.app_id, ())) for app in map(_app, apps.iter_rows())}
        told |= dict.fromkeys(app_ids.filter(app_ids >= FIRST_UNLISTED), UNLISTED)
        return pl.DataFrame(list(told.items()), schema={"app_id": pl.Int64, "description": pl.String}, orient="row")

    def search(self, text: str) -> list[App]:
        """Return up to 100 apps whose name or domain contains the text (case-insensitive), closest first.

        Closest means: the name itself, a name that begins with the text, one that contains it, a domain.
        """
        word = text.strip().lower()
        if not word:
            return []
        name = pl.col("name").str.to_lowercase()
        domain = pl.col("domains").list.eval(pl.element().str.contains(word, literal=True)).list.any()
        found = (
            self.apps.with_columns(
                pl.when(name == word)
                .then(0)
                .when(name.str.starts_with(word))
                .then(1)
                .when(name.str.contains(word, literal=True))
                .then(2)
                .when(domain)
                .then(3)
                .alias("rank")
            )
            .filter(pl.col("rank").is_not_null())
            .sort("rank", name.str.len_chars(), "name", "app_id")
            .drop("rank")
            .head(_SEARCH_LIMIT)
        )
        return [_app(row) for row in found.iter_rows()]


def _app(row: tuple[int, str, str, list[str], int | None, str | None, list[str]]) -> App:
    app_id, name, category, domains, score, vendor, flags = row
    return App(
        app_id=app_id,
        name=name,
        category=category,
        domains=tuple(domains),
        score=score,
        vendor=vendor,
        flags=frozenset(flags),
    )
