"""The discovery report as a single HTML file that opens offline.

No scripts, no requests: the style sheet and the charts are part of the page, and its Content-Security-Policy forbids
everything else. Text from a log is untrusted: it is escaped, and invisible characters are made visible.
"""

from __future__ import annotations

import base64
import hashlib
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any, Final

from opencasb.discovery.charts import Bar, ColumnChart, bars, calendar, column_chart
from opencasb.discovery.findings import findings, risky
from opencasb.model.app import GENERATIVE_AI
from opencasb.model.categories import category_name
from opencasb.model.quantities import bytes_text, count_text, counted
from opencasb.model.report import AppUsage, DailyUsage, DiscoveryReport
from opencasb.model.visible_text import visible

if TYPE_CHECKING:
    import jinja2

TOP: Final = 12
"""Rows of the lists in the upper part; the table below them lists every app."""

BANDS: Final = (
    ("Risky, score 0 to 3", 0, 3),
    ("Medium, 4 to 7", 4, 7),
    ("Safe, 8 to 10", 8, 10),
    ("Unscored", None, None),
)


@dataclass(frozen=True, slots=True)
class Panel:
    """One of the charts over time; ``kind`` is its class in the style sheet."""

    name: str
    kind: str
    chart: ColumnChart


@dataclass(frozen=True, slots=True)
class Band:
    """Apps in one range of scores, by status; widths in percent of the largest band."""

    label: str
    total: int
    sanctioned: int
    listed: int
    unlisted: int
    sanctioned_width: float
    listed_width: float
    unlisted_width: float


@dataclass(frozen=True, slots=True)
class Link:
    """A link above the report when a server shows it; ``address`` is None for the current page."""

    text: str
    address: str | None


def policy() -> str:
    """Return the page's Content-Security-Policy: its own style sheet and nothing else."""
    digest = base64.b64encode(hashlib.sha256(_resource("report.css").encode()).digest()).decode()
    return f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'"


def render(report: DiscoveryReport, made: int, links: Sequence[Link] = ()) -> str:
    """Render the page for ``report``; ``made`` is its creation time (ms since the epoch UTC)."""
    has_bytes = any(app.total_bytes for app in report.apps)
    likely = [each for each in report.unlisted if each.is_likely]
    page = (
        _environment()
        .get_template("report.html.j2")
        .render(
            report=report,
            made=made,
            links=links,
            style=_resource("report.css"),
            policy=policy(),
            totals=_totals(report.apps),
            traffic=_traffic(report.daily),
            uploads=_uploads(report.apps),
            categories=_categories(report.apps, in_bytes=has_bytes),
            has_bytes=has_bytes,
            has_directions=_has_directions(report.apps) or not has_bytes,
            bands=_bands(report),
            findings=findings(report),
            likely=likely[:TOP],
            likely_total=len(likely),
            watched=_watched(report),
            generative=_generative(report),
            has_users=any(app.users for app in report.apps),
            has_devices=any(app.devices for app in report.apps),
            has_daily_sums=_has_sums(report.daily),
            has_daily_apps=any(day.apps for day in report.daily),
            flags={flag for app in report.apps for flag in app.flags},
            category_name=category_name,
        )
    )
    return page.encode("utf-8", "replace").decode()


def _totals(apps: Sequence[AppUsage]) -> dict[str, int]:
    fields = ("transactions", "blocked_transactions", "uploaded_bytes", "downloaded_bytes", "total_bytes")
    sums = {name: sum(getattr(app, name) for app in apps) for name in fields}
    return {**sums, "apps": len(apps), "unlisted": sum(not app.listed for app in apps)}


def _has_directions(apps: Sequence[AppUsage]) -> bool:
    """Return whether the log distinguishes uploaded from downloaded bytes; some firewalls count only the sum."""
    return any(app.uploaded_bytes or app.downloaded_bytes for app in apps)


def _has_sums(daily: Sequence[DailyUsage]) -> bool:
    """Return whether some bytes have no known direction."""
    return any(day.total_bytes > day.uploaded_bytes + day.downloaded_bytes for day in daily)


def _traffic(daily: Sequence[DailyUsage]) -> list[Panel]:
    by_day = {each.day: each for each in daily}
    days = calendar(sorted(by_day))
    nothing = DailyUsage(day="", transactions=0, uploaded_bytes=0, downloaded_bytes=0)
    rows = [by_day.get(day, nothing) for day in days]
    sums = [row.total_bytes for row in rows] if _has_sums(daily) else [0] * len(rows)
    panels = [
        Panel("Traffic", "count", column_chart(days, sums, bytes_text)),
        Panel("Uploaded", "up", column_chart(days, [row.uploaded_bytes for row in rows], bytes_text)),
        Panel("Downloaded", "down", column_chart(days, [row.downloaded_bytes for row in rows], bytes_text)),
        Panel("Transactions", "count", column_chart(days, [row.transactions for row in rows], count_text)),
        Panel("Apps", "count", column_chart(days, [row.apps for row in rows], count_text)),
    ]
    return [panel for panel in panels if any(column.height for column in panel.chart.columns)]


def _uploads(apps: Sequence[AppUsage]) -> tuple[Bar, ...]:
    most = sorted((app for app in apps if app.uploaded_bytes), key=lambda app: (-app.uploaded_bytes, app.id))
    return _longest([(app.name, app.uploaded_bytes) for app in most], bytes_text)


def _categories(apps: Sequence[AppUsage], *, in_bytes: bool) -> tuple[Bar, ...]:
    """Return the categories by bytes, or by transactions if the log has no bytes."""
    sums: Counter[str] = Counter()
    for app in apps:
        sums[category_name(app.category)] += app.total_bytes if in_bytes else app.transactions
    return _longest(sorted(sums.items(), key=lambda item: (-item[1], item[0])), bytes_text if in_bytes else count_text)


def _longest(rows: Sequence[tuple[str, int]], text: Callable[[int], str]) -> tuple[Bar, ...]:
    """Return bars for the first rows, which are sorted, and one for the sum of the rest."""
    shown, rest = (rows, []) if len(rows) <= TOP + 1 else (rows[:TOP], rows[TOP:])
    if rest:
        shown = [*shown, (f"{len(rest):,} others", sum(size for _, size in rest))]
    return bars([name for name, _ in shown], [size for _, size in shown], text)


def _watched(report: DiscoveryReport) -> tuple[Bar, ...]:
    """Return a tenant's unsanctioned and risky apps by transactions."""
    if report.unsanctioned is None:
        return ()
    found = {app.id: app for app in report.apps if app.id in report.unsanctioned}
    found |= {app.id: app for app in risky(report)}
    return _by_transactions(list(found.values()))


def _generative(report: DiscoveryReport) -> tuple[Bar, ...]:
    """Return a tenant's generative AI apps by transactions."""
    if report.unsanctioned is None:
        return ()
    return _by_transactions([app for app in report.apps if app.category == GENERATIVE_AI])


def _by_transactions(apps: Sequence[AppUsage]) -> tuple[Bar, ...]:
    most = sorted(apps, key=lambda app: (-app.transactions, app.id))
    return _longest([(app.name, app.transactions) for app in most], count_text)


def _bands(report: DiscoveryReport) -> list[Band]:
    groups = [[app for app in report.apps if _in_band(app.score, low, high)] for _, low, high in BANDS]
    largest = max(map(len, groups)) or 1
    return [_band(label, group, report.sanctioned, largest) for (label, _, _), group in zip(BANDS, groups, strict=True)]


def _in_band(score: int | None, low: int | None, high: int | None) -> bool:
    return low is None if score is None else low is not None and high is not None and low <= score <= high


def _band(label: str, apps: Sequence[AppUsage], sanctioned: frozenset[int], largest: int) -> Band:
    approved = sum(app.id in sanctioned for app in apps)
    unlisted = sum(not app.listed and app.id not in sanctioned for app in apps)
    counts = (approved, len(apps) - approved - unlisted, unlisted)
    return Band(label, len(apps), *counts, *(round(100 * count / largest, 3) for count in counts))


def _moment(time: int | None) -> str:
    return "-" if time is None else f"{datetime.fromtimestamp(time / 1000, UTC):%Y-%m-%d %H:%M}"


@cache
def _resource(name: str) -> str:
    return files("opencasb.discovery").joinpath("templates", name).read_text("utf-8")


@cache
def _environment() -> jinja2.Environment:
    import jinja2

    # Every value of every expression passes through `finalize`, so no template can forget to reveal hidden characters.
    environment = jinja2.Environment(
        loader=jinja2.FunctionLoader(_resource),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=_finalized,
    )
    environment.filters |= {"bytes": bytes_text, "count": count_text, "counted": counted, "moment": _moment}
    return environment


def _finalized(value: Any) -> Any:  # whatever an expression of the template gives
    return visible(value) if type(value) is str else value
