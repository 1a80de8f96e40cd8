"""Reports of discovered apps, for every interface of the product: terminal, REST, Graph (portal §2.2)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import TYPE_CHECKING, Final, Literal

from opencasb.discovery.cache import Cache
from opencasb.discovery.summaries import describe, summarise
from opencasb.discovery.totals import NONE, WHOLE, totals_of
from opencasb.lake.reading import collected
from opencasb.lake.usage import ENTITY_COLUMNS, TRAFFIC, Lake, stream_key
from opencasb.model.app import LARGEST_APP_ID, UNCLASSIFIED, App
from opencasb.model.stream import StreamType
from opencasb.store.unlisted_apps import FIRST_ID

if TYPE_CHECKING:
    import polars as pl

    from opencasb.catalog.catalog import Catalog
    from opencasb.discovery.tenant_catalogs import TenantCatalogs
    from opencasb.store.streams import Streams
    from opencasb.store.tags import Tags
    from opencasb.store.unlisted_apps import UnlistedApps

EntityKind = Literal["user", "ip", "device", "instance"]

CACHED_REPORTS: Final = 64
"""Cached reports; one of 12,000 apps takes about 3 MB."""

CACHED_DAYS: Final = 4096
"""Cached newest days."""


class Reports:
    """The reports of every tenant, each cached until its data, apps or tags change."""

    def __init__(
        self,
        lake: Lake,
        catalogs: TenantCatalogs,
        streams: Streams,
        tags: Tags,
        unlisted_apps: UnlistedApps,
    ) -> None:
        self._lake = lake
        self._catalogs = catalogs
        self._streams = streams
        self._tags = tags
        self._unlisted_apps = unlisted_apps
        self._frames: Cache[pl.DataFrame] = Cache(CACHED_REPORTS)
        self._totals: Cache[Mapping[str, Mapping[int, Mapping[str, int]]]] = Cache(CACHED_REPORTS)
        self._newest_days: Cache[date | None] = Cache(CACHED_DAYS)

    def apps(self, tenant_id: int, stream_id: str, days: int, day: str | None = None) -> pl.DataFrame:
        """Return one row per app used in the last ``days`` days up to ``day`` (ISO date; default the newest).

        Columns: app_id, users, ip_addresses, devices, transactions, blocked_transactions, uploaded_bytes,
        downloaded_bytes, total_bytes, first_seen, last_seen (ms), name, category, domains, score (null = unscored),
        flags, listed, tags. A stream without data yields no rows.
        """
        last = day or self.newest_day(tenant_id, stream_id)
        key = (
            *(tenant_id, stream_id, days, last, self._lake.version(tenant_id)),
            *(self._tags.revision(tenant_id), *self._catalogs.revision(tenant_id)),
        )
        return self._frames.get(key, lambda: self._apps(tenant_id, stream_id, days, last))

    def app(self, tenant_id: int, app_id: int) -> App | None:
        """Return the app with that number as the tenant sees it, in the catalog or unlisted, or None."""
        if app_id < FIRST_ID:
            return self.catalog(tenant_id).app(app_id)
        domain = self._unlisted_apps.get(tenant_id, app_id) if app_id <= LARGEST_APP_ID else None
        if domain is None:
            return None
        score = self._catalogs.scoring(tenant_id).overrides.get(app_id)
        return App(app_id=app_id, name=domain, category=UNCLASSIFIED, domains=(domain,), score=score, listed=False)

    def newest_day(self, tenant_id: int, stream_id: str) -> str | None:
        """Return the newest UTC day (ISO date) for which a stream has usage, or None."""
        key = (tenant_id, stream_id, self._lake.version(tenant_id))
        newest = self._newest_days.get(key, lambda: self._newest_day(tenant_id, stream_id))
        return None if newest is None else newest.isoformat()

    def entities(
        self, tenant_id: int, stream_id: str, days: int, app_id: int, kind: EntityKind, day: str | None = None
    ) -> list[str]:
        """Return the distinct names of the users, addresses, devices or instances of one app, sorted."""
        import polars as pl

        rows = self._window(tenant_id, stream_id, days, day)
        ids = rows.filter(pl.col("app_id") == app_id).select(pl.col(ENTITY_COLUMNS[kind]).alias("id")).unique()
        names = self._lake.names(tenant_id).filter(pl.col("kind") == kind)
        return collected(names.join(ids, on="id", how="semi").select("name").unique())["name"].sort().to_list()

    def users(self, tenant_id: int, stream_id: str, days: int, app_id: int | None = None) -> pl.DataFrame:
        """Return one row per user of one app, or of all: name, apps, transactions, uploaded_bytes, total_bytes.

        Who uploaded most comes first. Usage without a user is left out.
        """
        import polars as pl

        rows = self._window(tenant_id, stream_id, days, None).filter(pl.col("user_id").is_not_null())
        rows = rows if app_id is None else rows.filter(pl.col("app_id") == app_id)
        sums = ("transactions", "uploaded_bytes", "total_bytes")
        used = rows.group_by(pl.col("user_id").alias("id")).agg(
            pl.col("app_id").n_unique().cast(pl.Int64).alias("apps"), pl.col(sums).sum()
        )
        names = self._lake.names(tenant_id).filter(pl.col("kind") == "user").select("id", "name").unique("id")
        found = used.join(names, on="id").select("name", "apps", *sums)
        return collected(found).sort("uploaded_bytes", "total_bytes", "name", descending=[True, True, False])

    def apps_of(self, tenant_id: int, stream_id: str, days: int, kind: EntityKind, names: Sequence[str]) -> list[int]:
        """Return the ids of the apps used by any of the named users, addresses or devices."""
        import polars as pl

        rows = self._window(tenant_id, stream_id, days, None)
        wanted = [name.lower() for name in names]
        named = (pl.col("kind") == kind) & pl.col("name").str.to_lowercase().is_in(wanted)
        ids = self._lake.names(tenant_id).filter(named).select(pl.col("id").alias(ENTITY_COLUMNS[kind])).unique()
        found = rows.join(ids, on=ENTITY_COLUMNS[kind], how="semi").select(pl.col("app_id").unique().sort())
        return collected(found)["app_id"].to_list()

    def usage(self, tenant_id: int) -> pl.LazyFrame:
        """Return the usage of all streams lazily, each row under its host's current app."""
        return self._as_listed_now(tenant_id, self._lake.usage(tenant_id))

    def daily(self, tenant_id: int, stream_id: str, days: int) -> pl.DataFrame:
        """Return one row per day with usage: day, apps (distinct), and transactions and bytes as in a summary."""
        import polars as pl

        rows = self._window(tenant_id, stream_id, days, None)
        apps = pl.col("app_id").n_unique().cast(pl.Int64).alias("apps")
        return collected(rows.group_by("day").agg(apps, pl.col(*TRAFFIC, "total_bytes").sum()).sort("day"))

    def totals(self, tenant_id: int, stream_id: str, days: int) -> dict[str, int]:
        """Return the distinct ``users``, ``ip_addresses`` and ``devices`` of a stream in 7, 30, 60 or 90 days.

        All streams are counted together: one by one, a list of sixty streams took seven seconds.
        """
        found = self._totals.get((tenant_id, self._lake.version(tenant_id)), lambda: self._count(tenant_id))
        return dict(found[stream_id][days] if stream_id in found else NONE)

    def catalog(self, tenant_id: int) -> Catalog:
        """Return the catalog with the tenant's custom apps and corrections."""
        return self._catalogs.of(tenant_id)

    def described(self, tenant_id: int, summary: pl.DataFrame) -> pl.DataFrame:
        """Extend a summary (app_id and sums of usage) with what the tenant's catalog and tags say of the apps."""
        import polars as pl

        unlisted, given_scores = self._unlisted_apps.all(tenant_id), self._catalogs.scoring(tenant_id).overrides
        former = self._catalogs.former_apps(tenant_id)
        found = describe(summary, self.catalog(tenant_id), unlisted, given_scores, former)
        tags = self._tags.by_app(tenant_id)
        return found.with_columns(
            pl.Series("tags", [list(tags.get(app_id, ())) for app_id in found["app_id"]], pl.List(pl.String))
        )

    def _apps(self, tenant_id: int, stream_id: str, days: int, day: str | None) -> pl.DataFrame:
        return self.described(tenant_id, summarise(self._window(tenant_id, stream_id, days, day)))

    def _count(self, tenant_id: int) -> dict[str, Mapping[int, Mapping[str, int]]]:
        """Return the totals of each stream with usage, by its id."""
        rows, streams = self._lake.usage(tenant_id), self._streams.all(tenant_id)
        found = totals_of(rows, [stream_key(each.stream_id) for each in streams if each.feeds_global_view])
        keys = {
            each.stream_id: WHOLE if each.stream_type is StreamType.VIEW else stream_key(each.stream_id)
            for each in streams
        }
        return {stream_id: found[key] for stream_id, key in keys.items() if key in found}

    def _newest_day(self, tenant_id: int, stream_id: str) -> date | None:
        import polars as pl

        newest = collected(self._rows(tenant_id, stream_id).select(pl.col("day").max())).item()
        return newest if isinstance(newest, date) else None

    def _window(self, tenant_id: int, stream_id: str, days: int, day: str | None) -> pl.LazyFrame:
        import polars as pl

        last = day or self.newest_day(tenant_id, stream_id)
        rows = self._rows(tenant_id, stream_id)
        if last is None:
            return rows.clear()
        end = date.fromisoformat(last)
        return self._as_listed_now(
            tenant_id, rows.filter(pl.col("day").is_between(end - timedelta(days=days - 1), end))
        )

    def _as_listed_now(self, tenant_id: int, rows: pl.LazyFrame) -> pl.LazyFrame:
        import polars as pl

        listed = self._listed_since(tenant_id)
        return rows.with_columns(pl.col("app_id").replace(listed)) if listed else rows

    def _listed_since(self, tenant_id: int) -> dict[int, int]:
        """Return unlisted app id → app id, for domains that now belong to a custom app or a newer catalog."""
        import polars as pl

        domains = self._unlisted_apps.all(tenant_id)
        if not domains:
            return {}
        unlisted = pl.DataFrame({"unlisted": list(domains), "host": list(domains.values())})
        matched = self.catalog(tenant_id).match_hosts(unlisted["host"]).select("host", "app_id").drop_nulls()
        return dict(unlisted.join(matched, on="host").select("unlisted", "app_id").iter_rows())

    def _rows(self, tenant_id: int, stream_id: str) -> pl.LazyFrame:
        import polars as pl

        rows = self._lake.usage(tenant_id)
        stream = self._streams.get(tenant_id, stream_id)
        if stream is None:
            return rows.clear()
        if stream.stream_type is not StreamType.VIEW:
            return rows.filter(pl.col("stream_key") == stream_key(stream_id))
        feeding = [stream_key(each.stream_id) for each in self._streams.all(tenant_id) if each.feeds_global_view]
        return rows.filter(pl.col("stream_key").is_in(feeding))
