"""Result tables for stored activities, compared with the goals."""

from __future__ import annotations

import statistics
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

from bench.activity_ingest import Taken
from bench.queries import Bare
from bench.samples import Samples
from bench.serving import Load

PAGE_P50, PAGE_P95 = 20, 100
"""Goals for a page over HTTP on PostgreSQL, in ms."""

SQLITE_TIMES: Final = 3
"""Allowed time on SQLite, as a multiple of the PostgreSQL goals."""

HTTP_OF_BARE: Final = 1.5
INGEST: Final = 10_000
SINGLES: Final = 1_000


@dataclass(frozen=True, slots=True)
class Answer:
    """Response times of one query: in bare SQL, over HTTP, and over HTTP with concurrent clients.

    ``is_page`` marks a page as read by clients, to which the goals apply.
    """

    name: str
    is_page: bool
    bare: Bare
    alone: Samples
    together: Load

    @property
    def overhead(self) -> float:
        """Time over HTTP relative to the bare statements."""
        return self.alone.p50 / self.bare.whole.p50

    @property
    def more(self) -> float:
        """Additional ms over HTTP compared with the bare statements."""
        return self.alone.p50 - self.bare.whole.p50


@dataclass(frozen=True, slots=True)
class Result:
    """The measurements of one engine at one size."""

    date: str
    machine: str
    engine: str
    settings: str
    rows: int
    size: int
    fill_seconds: float
    taken: list[Taken]
    called: Sequence[Load]
    singles: Sequence[Load]
    answers: list[Answer]

    @property
    def is_sqlite(self) -> bool:
        """Whether this is the embedded engine."""
        return self.engine.startswith("SQLite")


def text(results: Sequence[Result]) -> str:
    """Return the results as Markdown, largest stores first."""
    ordered = sorted(results, key=lambda result: (-result.rows, result.engine))
    return "\n\n".join(["# Stored activities", *map(_section, ordered)]) + "\n"


def _section(result: Result) -> str:
    each, minutes = result.size / result.rows, result.fill_seconds / 60
    about = [
        f"Measured {result.date} on {result.machine}. {result.settings}.",
        f"The store has {result.size / 1e9:.2f} GB, {each:,.0f} bytes an activity; filling took {minutes:.0f} minutes.",
    ]
    title = f"## {result.rows:,} activities, {result.engine}"
    return "\n\n".join([title, "\n".join(about), _answers(result), _taken(result), _goals(result)])


def _answers(result: Result) -> str:
    lines = [
        "| ms | rows | SQL p50 | p95 | with count | p95 | HTTP p50 | p95 | of SQL | 8 clients p50 | p95 | calls/s |",
        "|---|---:|---:|---:|---:|---:|---:|---:|---:|---:|---:|---:|",
    ]
    for each in result.answers:
        times = (each.bare.page, each.bare.whole, each.alone)
        cells = [f"{value:.2f}" for samples in times for value in (samples.p50, samples.p95)]
        load = each.together
        cells += [f"{each.overhead:.2f}", f"{load.times.p50:.2f}", f"{load.times.p95:.2f}", f"{load.per_second:,.0f}"]
        lines.append(f"| {each.name} | {each.bare.rows:,} | {' | '.join(cells)} |")
    return "\n".join(lines)


def _taken(result: Result) -> str:
    lines = [
        "| storing | activities | seconds | a second | a second of one core | CPU µs each, program | database server |",
        "|---|---:|---:|---:|---:|---:|---:|",
    ]
    for each in result.taken:
        rates = f"{each.seconds:.2f} | {each.per_second:,.0f} | {each.per_core_second:,.0f}"
        own, database = (f"{seconds / each.count * 1e6:.0f}" for seconds in (each.own_cpu, each.database_cpu))
        lines.append(f"| {each.who} | {each.count:,} | {rates} | {own} | {database if each.database_cpu else ''} |")
    for who, load in _singles(result):
        rates = f"{load.times.count:,} | {load.times.count / load.per_second:.2f} | {load.per_second:,.0f}"
        lines.append(f"| {who} | {rates} | | | |")
    return "\n".join(lines)


def _singles(result: Result) -> list[tuple[str, Load]]:
    """Return the loads of activities stored one by one, with what each is called."""
    called = [(f"one a call, {load.clients} threads", load) for load in result.called]
    return [*called, *((f"one a request, {load.clients} clients, HTTP", load) for load in result.singles)]


def _goals(result: Result) -> str:
    times = SQLITE_TIMES if result.is_sqlite else 1
    pages = [each for each in result.answers if each.is_page]
    lines = [
        "| goal | measured |",
        "|---|---|",
        _of_pages(
            pages, f"page p50 over HTTP under {PAGE_P50 * times} ms", PAGE_P50 * times, lambda each: each.alone.p50
        ),
        _of_pages(
            pages, f"page p95 over HTTP under {PAGE_P95 * times} ms", PAGE_P95 * times, lambda each: each.alone.p95
        ),
        _of_pages(pages, f"page over HTTP at most {HTTP_OF_BARE} of bare", HTTP_OF_BARE, lambda each: each.overhead),
    ]
    more = sorted(each.more for each in pages)
    lines.append(
        f"| (ms that HTTP takes more) | {more[0]:.2f} to {more[-1]:.2f}, median {statistics.median(more):.2f} |"
    )
    best = ", ".join(f"{each.per_core_second:,.0f} ({each.who})" for each in result.taken if not each.is_bare)
    lines.append(f"| {INGEST:,} activities a second of one core | {best} |")
    most = ", ".join(f"{each.per_second:,.0f} ({who})" for who, each in _singles(result))
    lines.append(f"| {SINGLES:,} single inserts a second | {most} |")
    return "\n".join(lines)


def _of_pages(pages: Sequence[Answer], goal: str, limit: float, value: Callable[[Answer], float]) -> str:
    worst = max(pages, key=value)
    reached = sum(value(each) <= limit for each in pages)
    return f"| {goal} | {reached} of {len(pages)}; worst {value(worst):.2f} ({worst.name}) |"
