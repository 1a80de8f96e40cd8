"""Matching speed: distinct hosts to apps on one core, compared with dictionary look-ups; and the loading time."""

from __future__ import annotations

import random
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from functools import partial
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING

from bench.measure import environment
from opencasb.memory import keep_freed, share_pages

if TYPE_CHECKING:
    import polars as pl

HOSTS = 1_000_000
QUICK = 200_000
BATCH = 100
"""New hosts per batch once most hosts of a log are known."""

WAYS = {"OpenCASB": "product", "dictionaries, label by label": "plain"}
LABELS = "abcdefghijklmnopqrstuvwxyz0123456789"
STRANGE = ("com", "net", "org", "co.uk", "de", "io", "github.io", "com.br", "app", "local")


def run(work: Path, hosts: int, runs: int) -> str:
    """Measure both in separate processes and return the table as Markdown."""
    path = _obtain(work, hosts)
    text = [
        f"| {hosts:,} distinct hosts, one core | load, ms | hosts/s | {BATCH} hosts, ms |",
        "|---|---:|---:|---:|",
    ]
    for name, way in WAYS.items():
        load, whole, batch = (statistics.median(column) for column in zip(*_samples(way, path, runs), strict=True))
        text.append(f"| {name} | {1e3 * load:.0f} | {hosts / whole:,.0f} | {1e3 * batch:.2f} |")
    return "\n".join(text)


def _samples(way: str, path: Path, runs: int) -> Iterator[list[float]]:
    command = [sys.executable, "-m", "bench.matching", way, str(path)]
    for _ in range(runs):
        alone = {**environment(), "POLARS_MAX_THREADS": "1"}
        out = subprocess.run(command, check=True, capture_output=True, text=True, env=alone).stdout
        yield [float(word) for word in out.split()]


def _obtain(work: Path, hosts: int) -> Path:
    """Return a file of distinct hosts: three in five below a catalog domain, the others below unknown ones."""
    import polars as pl

    path = work / f"hosts-{hosts}.parquet"
    if not path.exists():
        work.mkdir(parents=True, exist_ok=True)
        pl.DataFrame({"host": sorted(_drawn(hosts))}).sample(fraction=1, shuffle=True, seed=1).write_parquet(path)
    return path


def _drawn(count: int) -> set[str]:
    from opencasb.catalog.catalog import Catalog

    choose = random.Random(3)

    def label(longest: int) -> str:
        return "".join(choose.choices(LABELS, k=choose.randint(2, longest)))

    domains = Catalog.shipped().apps["domains"].explode().drop_nulls().to_list()
    made: set[str] = set()
    while len(made) < count:
        known = choose.random() < 0.6
        base = choose.choice(domains) if known else f"{label(12)}.{choose.choice(STRANGE)}"
        made.add(".".join([*(label(9) for _ in range(choose.choice((0, 1, 1, 1, 2, 2, 3)))), base]))
    return made


def product(path: Path) -> tuple[float, float, float]:
    """Return the CPU seconds for loading, for all hosts, and for one batch."""
    import polars as pl

    from opencasb.catalog.catalog import Catalog

    hosts = pl.read_parquet(path)["host"]
    catalog = Catalog.shipped()
    load = _seconds(lambda: catalog.match_hosts(hosts[:1]))
    batches = [hosts[start : start + BATCH] for start in range(0, 50 * BATCH, BATCH)]
    return load, _seconds(lambda: catalog.match_hosts(hosts)), _each(catalog.match_hosts, batches)


def plain(path: Path) -> tuple[float, float, float]:
    """Do the same with dictionaries: one look-up per label for the app, and one for the public suffix otherwise."""
    import polars as pl

    hosts = pl.read_parquet(path)["host"]
    found: list[Plain] = []
    load = _seconds(lambda: found.append(Plain()))
    batches = [hosts[start : start + BATCH] for start in range(0, 50 * BATCH, BATCH)]
    return load, _seconds(lambda: found[0].match(hosts)), _each(found[0].match, batches)


class Plain:
    """Domains and public suffixes in dictionaries, without customers' hosts or exceptions to the suffixes."""

    def __init__(self) -> None:
        import polars as pl

        data = Path(str(files("opencasb.catalog").joinpath("data")))
        columns = ["domain", "app_id", "registrable"]
        rows = pl.concat([pl.read_parquet(each, columns=columns) for each in sorted(data.glob("*/domains.parquet"))])
        self._apps = {domain: (app_id, registrable) for domain, app_id, registrable in rows.iter_rows()}
        lines = (data / "public_suffixes.txt").read_text("utf-8").splitlines()
        self._suffixes = {line for line in lines if line and line[0] not in "/=*!"}

    def match(self, hosts: pl.Series) -> pl.DataFrame:
        """Return the app and registrable domain of each host."""
        import polars as pl

        names = hosts.str.strip_chars(".").str.to_lowercase()
        pairs = [self._one(name) for name in names]
        schema = {"app_id": pl.Int64, "domain": pl.String}
        return pl.DataFrame(pairs, schema=schema, orient="row").insert_column(0, hosts)

    def _one(self, host: str) -> tuple[int | None, str | None]:
        suffix, get = host, self._apps.get
        while (found := get(suffix)) is None:
            cut = suffix.find(".") + 1
            if not cut:
                return None, self._registrable(host)
            suffix = suffix[cut:]
        return found

    def _registrable(self, host: str) -> str | None:
        suffix, longer = host, None
        while suffix not in self._suffixes:
            cut = suffix.find(".") + 1
            if not cut:
                return None
            longer, suffix = suffix, suffix[cut:]
        return longer


def _seconds(call: Callable[[], object]) -> float:
    started = time.process_time()
    call()
    return time.process_time() - started


def _each(call: Callable[[pl.Series], object], batches: list[pl.Series]) -> float:
    return statistics.median(_seconds(partial(call, batch)) for batch in batches)


if __name__ == "__main__":
    share_pages()  # as the program does at start
    keep_freed()
    match sys.argv[1:]:
        case ["product", given]:
            print(*product(Path(given)))
        case ["plain", given]:
            print(*plain(Path(given)))
