"""What stands out in a report, in sentences a reader can act on."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from opencasb.model.app import GENERATIVE_AI
from opencasb.model.quantities import bytes_text, count_text, counted
from opencasb.model.report import AppUsage, DiscoveryReport
from opencasb.model.unlisted_profile import Profile

NAMED: Final = 5
"""Most apps named in a sentence."""

RISKY_SCORE: Final = 3
NOTABLE_SHARE: Final = 0.01
"""Share of lines that may be rejected without a finding."""

IGNORED_SHARE: Final = 0.5
"""Share of lines that may be ignored without a finding."""


@dataclass(frozen=True, slots=True)
class Finding:
    """A sentence in parts; ``apps``, whose names come from a log, go between the others.

    ``more``: the number of further apps that the sentence does not name.
    """

    before: str
    apps: tuple[str, ...] = ()
    after: str = ""
    more: int = 0


def findings(report: DiscoveryReport) -> list[Finding]:
    """Return what stands out, most urgent first."""
    return [
        *_unsanctioned(report),
        *_uploads(report.apps),
        *_unlisted(report.apps),
        *_likely(report.unlisted),
        *_risky(report),
        *_generative_ai(report.apps),
        *_unread(report),
    ]


def _unsanctioned(report: DiscoveryReport) -> Iterator[Finding]:
    """Name the apps tagged as unsanctioned of which not every transaction was blocked."""
    tagged = (app for app in report.apps if app.id in (report.unsanctioned or ()))
    if found := [app for app in tagged if app.blocked_transactions < app.transactions]:
        yield _naming(f"{counted(len(found), 'unsanctioned app')} in use:", found)


def _uploads(apps: Sequence[AppUsage]) -> Iterator[Finding]:
    total = sum(app.uploaded_bytes for app in apps)
    if total:
        most = max(apps, key=lambda app: app.uploaded_bytes)
        share = 100 * most.uploaded_bytes / total
        yield Finding(
            "Most data went up to", (most.name,), f"{bytes_text(most.uploaded_bytes)}, {share:.0f} % of all uploads"
        )


def _unlisted(apps: Sequence[AppUsage]) -> Iterator[Finding]:
    found = [app for app in apps if not app.listed]
    if found:
        uploaded = sum(app.uploaded_bytes for app in found)
        took = f" took {bytes_text(uploaded)} of uploads" if uploaded else ""
        yield _naming(f"{_apps(found)} outside the catalog{took}:", found)


def _likely(profiles: Sequence[Profile]) -> Iterator[Finding]:
    found = [each for each in profiles if each.is_likely]
    if found:
        names = tuple(each.domain for each in found[:NAMED])
        looks = "looks like a cloud app" if len(found) == 1 else "look like cloud apps"
        before = f"{counted(len(found), 'domain')} outside the catalog {looks}, by confidence:"
        yield Finding(before, names, more=_more(found))


def risky(report: DiscoveryReport) -> list[AppUsage]:
    """Return the apps with a low score that nobody sanctioned."""
    low = (app for app in report.apps if app.score is not None and app.score <= RISKY_SCORE)
    return [app for app in low if app.id not in report.sanctioned]


def _risky(report: DiscoveryReport) -> Iterator[Finding]:
    if found := risky(report):
        yield _naming(f"{_apps(found)} with a score of {RISKY_SCORE} or less:", found)


def _generative_ai(apps: Sequence[AppUsage]) -> Iterator[Finding]:
    found = [app for app in apps if app.category == GENERATIVE_AI]
    if found:
        users = max(app.users for app in found)
        crowd = f", the most used by {count_text(users)} {'person' if users == 1 else 'people'}" if users else ""
        yield _naming(f"{_apps(found)} of generative AI{crowd}:", found, lambda app: app.transactions)


def _unread(report: DiscoveryReport) -> Iterator[Finding]:
    lines = report.lines
    for number, share, what, reasons in (
        (lines.ignored, IGNORED_SHARE, "ignored", report.ignored_by_rule),
        (lines.rejected, NOTABLE_SHARE, "not understood", report.rejected_by_reason),
    ):
        if lines.read and number / lines.read > share:
            reason = f", most often: {max(reasons, key=reasons.__getitem__)}" if reasons else ""
            yield Finding(f"{100 * number / lines.read:.0f} % of the lines were {what}{reason}")


def _apps(apps: Sequence[AppUsage]) -> str:
    return counted(len(apps), "app")


def _naming(
    before: str, apps: Sequence[AppUsage], by: Callable[[AppUsage], int] = lambda app: app.uploaded_bytes
) -> Finding:
    """Return a sentence that names the first apps, those with the most of ``by`` first."""
    most = sorted(apps, key=lambda app: (-by(app), -app.transactions, app.id))
    return Finding(before, tuple(app.name for app in most[:NAMED]), more=_more(apps))


def _more(found: Sequence[object]) -> int:
    return max(len(found) - NAMED, 0)
