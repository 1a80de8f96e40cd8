"""How well domains outside the catalog are classified: apps removed from the catalog, and sites that are not apps.

The traffic is synthetic, with the habits defined here, so the figures show how the reasons work together, not how often
they occur in real logs.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, cast

if TYPE_CHECKING:
    import polars as pl

    from opencasb.catalog.catalog import Catalog
    from opencasb.model.unlisted_profile import Profile

SHARE = 0.2
"""Share of the catalog's apps that is removed."""

EACH = 250
"""Domains of each kind in the traffic."""

PEOPLE, DAYS = 150, 28
START = datetime(2025, 10, 6, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Kind:
    """The usage habits of one kind of domain.

    ``crowd`` is the maximum share of people who visit it at all, ``often`` the share of their days, ``night`` the share
    of visits at any hour of any day; ``up`` and ``down`` are median bytes per request. ``hosts`` has the chance of each
    label below the domain.
    """

    is_app: bool
    crowd: float
    often: float
    night: float
    requests: int
    up: int
    down: int
    hosts: dict[str, float]


KINDS = {
    "apps of the catalog": Kind(
        True, 0.12, 0.45, 0.05, 9, 9_000, 55_000,
        {"www": 0.7, "app": 0.35, "api": 0.35, "login": 0.2, "accounts": 0.1, "static": 0.3, "cdn": 0.2, "help": 0.1},
    ),
    "apps seldom used": Kind(
        True, 0.03, 0.1, 0.1, 5, 6_000, 60_000, {"www": 0.8, "app": 0.25, "api": 0.2, "login": 0.1, "cdn": 0.2}
    ),
    "institutions and trackers of the catalog": Kind(
        False, 0.3, 0.05, 0.1, 6, 900, 60_000, {"www": 0.9, "static": 0.2, "login": 0.05, "intranet": 0.05}
    ),
    "news, shops, personal sites": Kind(
        False, 0.35, 0.08, 0.15, 8, 900, 80_000,
        {"www": 0.9, "img": 0.3, "static": 0.25, "shop": 0.1, "login": 0.05, "api": 0.08, "blog": 0.1},
    ),
    "content networks": Kind(
        False, 0.9, 0.6, 0.2, 12, 700, 120_000, {f"{name}{n}": 0.6 for name in ("cdn", "img", "n") for n in range(4)}
    ),
    "counters and trackers": Kind(
        False, 0.9, 0.6, 0.2, 6, 1_400, 1_200, {"pixel": 0.5, "collect": 0.4, "t": 0.5, "sync": 0.4, "www": 0.2}
    ),
}  # fmt: skip


def run(seed: int = 5, samples: Path | None = None) -> str:
    """Return the tables as Markdown; ``samples`` is a folder of sample logs, with one folder per source type."""
    from opencasb.catalog.catalog import Catalog

    choose = random.Random(seed)
    catalog = Catalog.shipped()
    domains, rest = _without(catalog, choose)
    kinds = _domains(catalog, domains, choose)
    found = {each.domain: each for each in _profiles(rest, kinds, choose)}
    text = ["| kind of domain | domains | called a cloud app | median confidence |", "|---|---:|---:|---:|"]
    counts = {True: [0, 0], False: [0, 0]}
    for name, names in kinds.items():
        met = sorted(found[each].confidence for each in names if each in found)
        likely = sum(found[each].is_likely for each in names if each in found)
        counts[KINDS[name].is_app][0] += likely
        counts[KINDS[name].is_app][1] += len(met)
        text.append(f"| {name} | {len(met)} | {likely} | {met[len(met) // 2]} |")
    right, apps = counts[True]
    wrong, _ = counts[False]
    text.append(f"\nRecall {100 * right / apps:.0f} %, precision {100 * right / (right + wrong):.0f} %.")
    return "\n".join(text + ([_of_samples(catalog, samples)] if samples else []))


class Rest:
    """A catalog without the removed apps."""

    def __init__(self, catalog: Catalog, gone: set[int]) -> None:
        self._catalog = catalog
        self._gone = gone

    def match_hosts(self, hosts: pl.Series) -> pl.DataFrame:
        """Match hosts; removed apps have none."""
        import polars as pl

        taken = pl.col("app_id").is_in(list(self._gone))
        matched = self._catalog.match_hosts(hosts)
        return matched.with_columns(pl.when(~taken).then("app_id"), pl.when(~taken).then("instance"))

    def match_addresses(self, addresses: pl.Series) -> pl.DataFrame:
        """Match addresses as the catalog does."""
        return self._catalog.match_addresses(addresses)

    def registrable(self, host: str) -> str | None:
        """Return the registrable domain of a host."""
        return self._catalog.registrable(host)


def _without(catalog: Catalog, choose: random.Random) -> tuple[dict[int, str], Rest]:
    """Remove a share of the apps; returns the main domain of each, and the remaining catalog."""
    rows = catalog.apps.select("app_id", "domains").iter_rows()
    gone = {app_id: domains[0] for app_id, domains in rows if domains and choose.random() < SHARE}
    return gone, Rest(catalog, set(gone))


def _domains(catalog: Catalog, gone: dict[int, str], choose: random.Random) -> dict[str, list[str]]:
    """Return domains by kind: real ones from the catalog, and invented names."""
    import polars as pl

    matched = catalog.match_hosts(pl.Series(list(gone.values())))["domain"].to_list()
    alone = {app for (app, main), domain in zip(gone.items(), matched, strict=True) if main == domain}
    flags = dict(catalog.apps.select("app_id", "flags").iter_rows())
    none = {"institution", "tracker"}
    real = {each: [gone[app] for app in sorted(alone) if none.isdisjoint(flags[app]) is each] for each in (True, False)}
    for names in real.values():
        choose.shuffle(names)
    words = ("oak", "river", "north", "blue", "stone", "hill", "sun", "harbour", "maple", "lake", "fern", "amber")
    ends = ("com", "net", "org", "de", "se", "co.uk", "fr", "io")

    def invented(*last: str) -> list[str]:
        made: set[str] = set()
        while len(made) < EACH:
            made.add(
                f"{choose.choice(words)}-{choose.choice(words)}{choose.randrange(999)}{choose.choice(last)}.{choose.choice(ends)}"
            )
        return sorted(made)

    found = (
        real[True][:EACH], real[True][EACH : 2 * EACH], real[False][:EACH],
        invented("", "-news", "shop", "-family"), invented("", "cdn", "-edge"), invented("", "metrics", "-tag"),
    )  # fmt: skip
    return dict(zip(KINDS, found, strict=True))


def _profiles(rest: Rest, kinds: dict[str, list[str]], choose: random.Random) -> list[Profile]:
    import polars as pl

    from opencasb.discovery.rollup import RollUp, Rules, with_unlisted_ids
    from opencasb.discovery.unlisted import profiles
    from opencasb.model.transaction import COLUMNS, INTEGER_COLUMNS
    from opencasb.store.unlisted_apps import FIRST_ID

    schema = {name: pl.Int64 if name in {"line", *INTEGER_COLUMNS} else pl.String for name in COLUMNS}
    roll_up = RollUp(cast("Catalog", rest), Rules(received_at=0))
    columns = ("timestamp", "user", "source_ip", "destination_host", "uploaded_bytes", "downloaded_bytes")
    for name, domains in kinds.items():
        lines = [line for domain in domains for line in _visits(KINDS[name], domain, choose)]
        frame = pl.DataFrame(lines, schema={each: schema[each] for each in columns}, orient="row").with_columns(
            (pl.col("uploaded_bytes") + pl.col("downloaded_bytes")).alias("total_bytes"),
            pl.lit("allow").alias("action"),
            pl.lit(1, pl.Int64).alias("transactions"),
        )
        missing = [pl.lit(None, kind).alias(each) for each, kind in schema.items() if each not in frame.columns]
        roll_up.add(frame.with_columns(missing).select(COLUMNS))
    rolled_up = roll_up.result()
    ids = {domain: FIRST_ID + number for number, domain in enumerate(sorted(rolled_up.domains))}
    usage = with_unlisted_ids(rolled_up, ids)
    return profiles(usage.lazy(), {number: domain for domain, number in ids.items()}, rolled_up.traces)


def _visits(kind: Kind, domain: str, choose: random.Random) -> Iterator[tuple[int, str, str, str, int, int]]:
    """Yield time, user, address, host, bytes up and bytes down of every request to a domain."""
    labels = [label for label, chance in kind.hosts.items() if choose.random() < chance]
    hosts = [f"{label}.{domain}" for label in labels] or [domain]
    up, down = kind.up * choose.lognormvariate(0, 0.8), kind.down * choose.lognormvariate(0, 0.8)
    people = choose.sample(range(PEOPLE), max(1, int(PEOPLE * kind.crowd * choose.random())))
    for person in people:
        for day in range(DAYS):
            off = choose.random() < kind.night
            if choose.random() > kind.often or (day % 7 > 4 and not off):
                continue
            hour = choose.randrange(24) if off else choose.randrange(7, 16)
            time = START + timedelta(days=day, hours=hour, minutes=choose.randrange(60))
            for number in range(1 + choose.randrange(2 * kind.requests)):
                moment = int((time + timedelta(seconds=20 * number)).timestamp() * 1000)
                sizes = (int(size * choose.lognormvariate(0, 0.7)) for size in (up, down))
                yield moment, f"user{person}", f"10.0.0.{person}", choose.choice(hosts), *sizes  # type: ignore[misc]


def _of_samples(catalog: Catalog, samples: Path) -> str:
    """Return how the domains of sample logs are classified without any catalog."""
    from opencasb.discovery.compression import LogError
    from opencasb.discovery.discover import discover
    from opencasb.discovery.formats.base import ParseContext

    rest = cast("Catalog", _Nothing(catalog))
    known: dict[str, list[bool]] = {}
    for folder in sorted(path for path in samples.iterdir() if path.is_dir()):
        for path in sorted(folder.glob("*.log")):
            try:
                report = discover([path], folder.name, context=ParseContext(0, want_url=False), catalog=rest)
            except LogError:
                continue
            for each in report.unlisted:
                known.setdefault(each.domain, []).append(each.is_likely)
    import polars as pl

    listed = set(pl.Series(list(known)).filter(catalog.match_hosts(pl.Series(list(known)))["app_id"].is_not_null()))
    of_apps, others = (
        [any(said) for name, said in known.items() if (name in listed) is each] for each in (True, False)
    )
    return (
        f"\nSample logs, a few lines each, with an empty catalog: of {len(of_apps)} domains that the catalog knows "
        f"{sum(of_apps)} are called cloud apps, of {len(others)} others {sum(others)}."
    )


class _Nothing(Rest):
    def __init__(self, catalog: Catalog) -> None:
        super().__init__(catalog, set(catalog.apps["app_id"]))
        self.apps = catalog.apps.clear()
