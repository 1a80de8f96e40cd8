"""Stored activities: queries in bare SQL and over HTTP, and ingest, with one and ten million activities stored."""

from __future__ import annotations

import itertools
import os
import platform
import shutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

import msgspec

from bench import activity_ingest, activity_report, filled, postgres, queries, serving
from bench.activity_report import Answer, Result
from bench.filled import State, Store

ENGINES: Final = ("sqlite", "postgresql")
SIZES: Final = (1_000_000, 10_000_000)
QUICK: Final = (100_000,)
SECONDS: Final = 5.0
"""Seconds for which each query is repeated in each way."""


@dataclass(frozen=True, slots=True)
class Place:
    """The data of one size and engine, and how to measure its server."""

    store: Store
    scratch: Store | None
    settings: str
    database_cpu: activity_ingest.DatabaseCpu


def run(work: Path, sizes: tuple[int, ...], engines: tuple[str, ...], url: str, seconds: float) -> str:
    """Measure, and return the tables of everything measured in this work folder.

    Sizes that do not fit on the disk are skipped with a message.
    """
    for rows, engine in itertools.product(sizes, engines):
        folder = (work / f"activities-{engine}-{rows}").resolve()
        folder.mkdir(parents=True, exist_ok=True)
        try:
            with _place(folder, engine, url) as place:
                result = _measured(place, rows, seconds)
        except filled.NoSpace as error:
            _say(f"left out: {error}")
            continue
        (folder / "result.json").write_bytes(msgspec.json.encode(result))
    kept = [msgspec.json.decode(path.read_bytes(), type=Result) for path in work.glob("activities-*/result.json")]
    return activity_report.text(kept)


@contextmanager
def _place(folder: Path, engine: str, url: str) -> Iterator[Place]:
    scratch = folder / "scratch"
    shutil.rmtree(scratch, ignore_errors=True)
    if engine == "sqlite":
        yield Place(Store(folder / "data"), Store(scratch), "WAL, synchronous=FULL", lambda: 0.0)
    elif url:
        yield Place(Store(folder / "data", url), None, "a server of its own", lambda: 0.0)
    else:
        with postgres.cluster(folder / "cluster") as cluster:
            settings = ", ".join(f"{name}={value}" for name, value in postgres.SETTINGS.items())
            empty = Store(scratch, cluster.url("scratch", fresh=True))
            yield Place(Store(folder / "data", cluster.url("activities")), empty, settings, cluster.cpu)
    shutil.rmtree(scratch, ignore_errors=True)


def _measured(place: Place, rows: int, seconds: float) -> Result:
    state = filled.fill(place.store, rows)
    activity_ingest.clean(place.store, state.end)  # left by an interrupted run
    count = min(50_000, max(500, rows // 5))
    answers = _answers(place.store, state, seconds)
    taken = activity_ingest.into_empty(place.scratch, count, place.database_cpu) if place.scratch else []
    _say(f"ingest of {count:,} on top of {rows:,}")
    taken = [*taken, activity_ingest.on_top(place.store, state.end, count, place.database_cpu)]
    activity_ingest.clean(place.store, state.end)
    _say("single inserts")
    called = activity_ingest.one_by_one(place.store, state.end, count // 10)
    activity_ingest.clean(place.store, state.end)
    with serving.running(place.store, state.token) as opened:
        singles = serving.singles(opened, state.end, 2 * seconds)
    activity_ingest.clean(place.store, state.end)
    return Result(
        date=f"{datetime.now(UTC):%Y-%m-%d}",
        machine=f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}",
        engine=place.store.engine(),
        settings=place.settings,
        rows=rows,
        size=state.size,
        fill_seconds=state.seconds,
        taken=taken,
        called=called,
        singles=singles,
        answers=answers,
    )


def _answers(store: Store, state: State, seconds: float) -> list[Answer]:
    """Run every query: in bare SQL, over HTTP alone, and over HTTP by eight concurrent clients."""
    with store.opened() as (casb, tenant_id):
        asked = queries.queries(casb, tenant_id, state.end)
        bare = []
        for query in asked:
            bare.append(queries.bare(casb, tenant_id, query, seconds))
            _say(f"bare: {query.name}: {bare[-1].page.p50:.2f} ms, with count {bare[-1].whole.p50:.2f} ms")
    answers = []
    with serving.running(store, state.token) as opened:
        for query, sql in zip(asked, bare, strict=True):
            client = opened()  # new each time: the server closes a connection that is idle while the eight clients run
            requests = serving.requests(query, client)
            alone = serving.alone(client, requests, seconds)
            client.close()
            together = serving.together(opened, requests, seconds)
            answers.append(Answer(query.name, query.is_page, sql, alone, together))
            _say(f"HTTP: {query.name}: {alone.p50:.2f} ms, of 8 clients {together.times.p50:.2f} ms")
    return answers


def _say(text: str) -> None:
    sys.stderr.write(f"{text}\n")
