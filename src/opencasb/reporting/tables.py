"""The tables of report feeds as each reader sees them, in parts by day, so that no transport holds a whole table."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from datetime import date, timedelta
from hashlib import sha256
from typing import TYPE_CHECKING, Final

from opencasb.discovery.cache import Cache
from opencasb.lake.reading import collected
from opencasb.lake.usage import SUMS, stream_key
from opencasb.reporting import dimensions
from opencasb.reporting.daily import daily
from opencasb.reporting.dimensions import GraphVocabulary
from opencasb.reporting.reader import Reader, Wanted
from opencasb.reporting.schema import (
    APP_DOMAINS,
    APP_TAGS,
    APP_USAGE,
    APP_USAGE_BY_STREAM,
    APPS,
    DAILY_USAGE,
    PERIODS,
    STREAMS,
    Table,
)
from opencasb.reporting.usage import by_stream, ends, merged

if TYPE_CHECKING:
    import polars as pl

    from opencasb.discovery.reports import Reports
    from opencasb.lake.usage import Lake
    from opencasb.model.stream import Stream
    from opencasb.store.streams import Streams
    from opencasb.store.tags import Tags

MOST_KEPT: Final = 32
"""Cached parts of tables; 60,000 rows of usage take about 6 MB."""

MOST_ROWS: Final = 50_000
"""Lake rows up to which days are read together: many small days take as long as one."""

Days = Mapping[int, Mapping[date, int]]
"""Stream key → its days with usage, ascending → the number of lake rows."""


class ReportTables:
    """The tables of every tenant."""

    def __init__(
        self,
        reports: Reports,
        lake: Lake,
        streams: Streams,
        tags: Tags,
        vocabulary: GraphVocabulary,
    ) -> None:
        self._reports = reports
        self._lake = lake
        self._streams = streams
        self._tags = tags
        self._vocabulary = vocabulary
        self._frames: Cache[pl.DataFrame] = Cache(MOST_KEPT)
        self._days: Cache[Days] = Cache(MOST_KEPT)
        self.all: Final[Mapping[str, Table]] = {
            table.name: table
            for table in (
                *(STREAMS, APPS, APP_DOMAINS, APP_TAGS),
                *(APP_USAGE, APP_USAGE_BY_STREAM, DAILY_USAGE, vocabulary.app_info),
            )
        }

    def newest(self, reader: Reader) -> date | None:
        """Return the newest day with usage that the reader may see."""
        return max((max(days) for days in self._visible_days(reader).values()), default=None)

    def parts(self, reader: Reader, table: Table, wanted: Wanted) -> list[tuple[date, ...]]:
        """Return the requested days, ascending, grouped for reading; a table without days has one empty group.

        Usage over periods is that of the newest day unless days are requested; then every day has rows, with or
        without usage on it.
        """
        if not table.is_dated:
            return [()]
        known = self._visible_days(reader)
        if not known:
            return []
        newest = min(max(max(days) for days in known.values()), wanted.newest or date.max)
        if table.has_periods and not wanted.is_dated:
            return [(newest,)]
        first, last = wanted.first or date.min, min(wanted.last or newest, newest)
        if not table.has_periods:
            return _together(
                {day: rows for days in known.values() for day, rows in days.items() if first <= day <= last}
            )
        first = max(first, min(min(days) for days in known.values()))
        return [(first + timedelta(days=number),) for number in range((last - first).days + 1)]

    def rows(self, reader: Reader, table: Table, wanted: Wanted, days: tuple[date, ...] = ()) -> pl.DataFrame:
        """Return the requested rows of one of :meth:`parts`, ordered by the table's key."""
        import polars as pl

        match table.name, days:
            case "app_usage", (day,):
                return pl.concat([self._merged(reader, day, period) for period in _periods(wanted)])
            case "app_usage_by_stream", (day,):
                found = pl.concat([self._by_stream(reader, day, period) for period in _periods(wanted)])
                if wanted.stream_ids is None:
                    return found
                return found.filter(pl.col("StreamId").is_in(list(wanted.stream_ids)))
            case "daily_usage", _:
                return self._daily(reader, days, users=wanted.users)
            case "streams", _:
                return dimensions.streams_table(self._visible(reader), self._vocabulary)
        return self._of_apps(reader, table)

    def pieces(self, reader: Reader, table: Table, wanted: Wanted) -> Iterator[pl.DataFrame]:
        """Yield all requested rows in pieces."""
        for days in self.parts(reader, table, wanted):
            yield self.rows(reader, table, wanted, days)

    def etag(self, reader: Reader, table: Table, wanted: Wanted) -> str:
        """Return an entity tag that changes whenever the requested rows do, without computing rows of usage."""
        state = sha256(repr((table.name, reader, wanted)).encode())
        # Usage is reassigned when apps change, too: custom apps may take over hosts.
        for part in (STREAMS, APPS) if table.is_dated else (table,):
            state.update(self.rows(reader, part, wanted).write_csv().encode())
        if table.is_dated:
            state.update(repr(self._lake.version(reader.tenant_id)).encode())
        return state.hexdigest()[:32]

    def modified(self, tenant_id: int) -> int | None:
        """Return when a tenant's usage last changed (ms), None if it has none yet."""
        table = self._lake.table(tenant_id, "usage")
        return None if table is None else int(table.history(1)[0]["timestamp"])

    def _visible(self, reader: Reader) -> list[Stream]:
        return reader.visible(self._streams.all(reader.tenant_id))

    def _visible_days(self, reader: Reader) -> Days:
        tenant_id = reader.tenant_id
        every = self._days.get((tenant_id, self._lake.version(tenant_id)), lambda: self._usage_days(tenant_id))
        keys = {stream_key(stream.stream_id) for stream in self._visible(reader)}
        return {key: days for key, days in every.items() if key in keys}

    def _usage_days(self, tenant_id: int) -> Days:
        rows = self._lake.usage(tenant_id)
        counted = collected(rows.group_by("stream_key", "day").len().sort("stream_key", "day"))
        found: defaultdict[int, dict[date, int]] = defaultdict(dict)
        for key, day, number in counted.iter_rows():
            found[key][day] = number
        return found

    def _by_stream(self, reader: Reader, day: date, period: str) -> pl.DataFrame:
        streams, days = self._visible(reader), self._visible_days(reader)

        def make() -> pl.DataFrame:
            return by_stream(self._usage(reader), streams, ends(streams, days, day), day, period)

        devices = tuple((stream.stream_id, stream.has_devices) for stream in streams)
        return self._kept(reader, ("by stream", day, period, devices), make)

    def _merged(self, reader: Reader, day: date, period: str) -> pl.DataFrame:
        return merged(self._by_stream(reader, day, period))

    def _daily(self, reader: Reader, days: tuple[date, ...], *, users: bool) -> pl.DataFrame:
        apps, streams = self._of_apps(reader, APPS), self._visible(reader)

        def make() -> pl.DataFrame:
            names = self._lake.names(reader.tenant_id) if users else None
            return daily(self._usage(reader), streams, apps, days, names)

        titles = tuple((stream.stream_id, stream.display_name) for stream in streams)
        return self._kept(reader, ("daily", days, users, titles), make)

    def _of_apps(self, reader: Reader, table: Table) -> pl.DataFrame:
        catalog = self._reports.catalog(reader.tenant_id)
        makers: dict[str, Callable[[pl.DataFrame], pl.DataFrame]] = {
            APPS.name: lambda found: dimensions.apps_table(found, catalog, self._vocabulary),
            APP_DOMAINS.name: dimensions.domains_table,
            APP_TAGS.name: dimensions.tags_table,
            self._vocabulary.app_info.name: lambda found: self._vocabulary.facts(found["app_id"], catalog),
        }
        make = makers[table.name]
        return self._kept(reader, table.name, lambda: make(self._described(reader)))

    def _described(self, reader: Reader) -> pl.DataFrame:
        keys = [stream_key(stream.stream_id) for stream in self._visible(reader)]

        def make() -> pl.DataFrame:
            import polars as pl

            seen = self._usage(reader).filter(pl.col("stream_key").is_in(keys))
            apps = collected(seen.select(pl.col("app_id").cast(pl.Int64)).unique())
            nothing = [pl.lit(0).alias(name) for name in SUMS]
            return self._reports.described(reader.tenant_id, apps.with_columns(nothing)).sort("app_id")

        return self._kept(reader, "described", make)

    def _usage(self, reader: Reader) -> pl.LazyFrame:
        return self._reports.usage(reader.tenant_id)

    def _kept(self, reader: Reader, what: object, make: Callable[[], pl.DataFrame]) -> pl.DataFrame:
        """Return a frame, cached for as long as usage, apps and tags stay the same."""
        tenant_id = reader.tenant_id
        state = (self._lake.version(tenant_id), self._tags.revision(tenant_id), self._reports.catalog(tenant_id))
        visible = tuple(stream.stream_id for stream in self._visible(reader))
        return self._frames.get((tenant_id, visible, state, what), make)


def _periods(wanted: Wanted) -> list[str]:
    """Return the requested periods by name, the order of keys; all of them if none requested exists."""
    return sorted(period for period in PERIODS if wanted.periods is None or period in wanted.periods) or sorted(PERIODS)


def _together(rows: Mapping[date, int]) -> list[tuple[date, ...]]:
    """Group days into about :data:`MOST_ROWS` rows each; a day is never split."""
    groups: list[list[date]] = []
    left = 0
    for day in sorted(rows):
        if left <= 0:
            groups.append([])
            left = MOST_ROWS
        groups[-1].append(day)
        left -= rows[day]
    return [tuple(group) for group in groups]
