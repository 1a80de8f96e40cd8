"""Notices that the lines of a data source have changed: an appliance was updated, or somebody changed its settings.

What is normal is learned from the source itself. Each window of lines is held against it, and a change is told once:
afterwards the new shape is learned. A mixture of lines that shifts (nights, weekends, another site) is no change, as
long as its parts were seen before.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Final, Literal

import msgspec

from opencasb.discovery.line_shape import SEPARATORS, WINDOW, LineShape, added, halved

Kind = Literal["format", "rejected lines", "field count", "empty field"]

LEARNED: Final = 2 * WINDOW
"""Lines after which the baseline of a source is known."""

MEMORY: Final = 100_000
"""Lines of which what is normal consists; older ones fade."""

_CONCENTRATED: Final = 0.95
_FEW_COUNTS: Final = 4
"""A separator counts if the few most frequent numbers of it make up nearly all lines …"""
_LEAST_SEPARATORS: Final = 3
"""… and there are some in a line."""
_RARE: Final = 0.005
"""Share of lines below which a number of separators is new."""
_NEW_SHARE: Final = 0.5
"""Share of lines with a new number of separators that is a change at once …"""
_DOUBTFUL_SHARE: Final = 0.02
_LASTING_SHARE: Final = 0.2
_LASTING_WINDOWS: Final = 3
"""… and that is one after so many windows."""
_LEAST_FILLED: Final = 0.05
"""Share of lines that must have had a field, in every window, before its absence says anything."""
_EMPTY: Final = 0.02
"""Part of the smallest share so far below which a field has become empty."""
_MORE_REJECTED: Final = 0.05


class Baseline(msgspec.Struct, kw_only=True):
    """What is normal for a data source, and what of it is still to be looked at."""

    usual: LineShape = msgspec.field(default_factory=LineShape)
    waiting: LineShape = msgspec.field(default_factory=LineShape)
    """Lines of a window that is not full."""
    lowest: dict[str, float] = msgspec.field(default_factory=dict)
    """Smallest share of transactions that had a field, of all windows."""
    highest_rejected: float = 0.0
    """Largest share of rejected lines, of all windows."""
    doubtful: LineShape | None = None
    """The last window, if some of it is new: it is learned when the next one shows that it was no beginning."""
    suspects: int = 0
    """Windows in a row that have some new numbers of separators."""
    format: str = ""


class Change(msgspec.Struct, frozen=True, kw_only=True):
    """A change of shape, in words, with lines from before and after it."""

    kind: Kind
    text: str
    before: list[str]
    after: list[str]


Recognise = Callable[[Sequence[str]], str]
"""Returns the source type that lines look like, empty if none."""


def detect(baseline: Baseline, shapes: Iterable[LineShape], recognise: Recognise) -> list[Change]:
    """Take shapes of lines in their order, and return the changes; ``baseline`` is brought up to date."""
    changes: list[Change] = []
    for shape in shapes:
        baseline.waiting = added(baseline.waiting, shape)
        if baseline.waiting.lines < WINDOW:
            continue
        window, baseline.waiting = baseline.waiting, LineShape()
        change = _changed(baseline, window, recognise)
        if change is None:
            _take(baseline, window, recognise)
        else:
            changes.append(change)
            _forget(baseline)
    return changes


def _changed(baseline: Baseline, window: LineShape, recognise: Recognise) -> Change | None:
    if baseline.usual.lines < LEARNED:
        return None
    found = [*_rejected(baseline, window), *_counts(baseline, window), *_emptied(baseline, window)]
    if not found:
        return None
    kind, text = found[0]
    after = window.rejected_samples if kind == "rejected lines" else window.samples or window.rejected_samples
    now = recognise(after)
    if now and baseline.format and now != baseline.format:
        kind, text = "format", f"lines look like {now}, no longer like {baseline.format}; {text}"
    more = "".join(f"; {each}" for _, each in found[1:])
    return Change(kind=kind, text=text + more, before=baseline.usual.samples, after=after)


def _rejected(baseline: Baseline, window: LineShape) -> list[tuple[Kind, str]]:
    allowed = max(_MORE_REJECTED, 2 * baseline.highest_rejected + _MORE_REJECTED / 2)
    if window.rejected_share <= allowed:
        return []
    before, now = baseline.usual.rejected_share, window.rejected_share
    return [("rejected lines", f"{now:.0%} of lines cannot be read, before it were {before:.1%}")]


def _counts(baseline: Baseline, window: LineShape) -> list[tuple[Kind, str]]:
    shares = {name: _new_share(baseline.usual, window, name) for name in SEPARATORS if _tells(baseline.usual, name)}
    name, share = max(shares.items(), key=lambda each: each[1], default=("", 0.0))
    baseline.suspects = baseline.suspects + 1 if share >= _LASTING_SHARE else 0
    if share < _NEW_SHARE and baseline.suspects < _LASTING_WINDOWS:
        return []
    before, now = _usual_count(baseline.usual, name), _new_count(baseline.usual, window, name)
    return [("field count", f"{share:.0%} of lines have another number of fields: {now} by {name}, before {before}")]


def _emptied(baseline: Baseline, window: LineShape) -> list[tuple[Kind, str]]:
    if window.used < WINDOW // 2:
        return []
    gone = [
        name
        for name, lowest in baseline.lowest.items()
        if lowest >= _LEAST_FILLED and window.filled_share(name) < _EMPTY * lowest
    ]
    return [
        ("empty field", f"{name} is empty, before {baseline.usual.filled_share(name):.0%} of lines had it")
        for name in gone
    ]


def _tells(usual: LineShape, name: str) -> bool:
    """Tell whether the number of a separator says how many fields a line has."""
    counts = sorted(usual.separators.get(name, {}).items(), key=lambda each: -each[1])
    few = sum(count for _, count in counts[:_FEW_COUNTS])
    return bool(counts) and counts[0][0] >= _LEAST_SEPARATORS and few >= _CONCENTRATED * usual.measured


def _new_share(usual: LineShape, window: LineShape, name: str) -> float:
    """Return the share of lines whose number of a separator was rare so far."""
    new = sum(count for number, count in window.separators.get(name, {}).items() if _is_new(usual, name, number))
    return new / window.measured if window.measured else 0.0


def _is_new(usual: LineShape, name: str, number: int) -> bool:
    return usual.separators[name].get(number, 0) < _RARE * usual.measured


def _usual_count(usual: LineShape, name: str) -> int:
    return 1 + max(usual.separators[name].items(), key=lambda each: each[1])[0]


def _new_count(usual: LineShape, window: LineShape, name: str) -> int:
    counts = {number: count for number, count in window.separators[name].items() if _is_new(usual, name, number)}
    return 1 + max(counts.items(), key=lambda each: each[1])[0]


def _take(baseline: Baseline, window: LineShape, recognise: Recognise) -> None:
    """Learn a window that is no change, a doubtful one after the next."""
    if baseline.doubtful is not None:
        _learn(baseline, baseline.doubtful, recognise)
        baseline.doubtful = None
    names = [name for name in SEPARATORS if _tells(baseline.usual, name)]
    if max((_new_share(baseline.usual, window, name) for name in names), default=0.0) < _DOUBTFUL_SHARE:
        _learn(baseline, window, recognise)
    elif not baseline.suspects:
        baseline.doubtful = window


def _learn(baseline: Baseline, window: LineShape, recognise: Recognise) -> None:
    if not baseline.usual.lines and not baseline.format:
        baseline.format = recognise(window.samples or window.rejected_samples)
    baseline.usual = added(baseline.usual, window)
    if baseline.usual.lines > MEMORY:
        baseline.usual = halved(baseline.usual)
    baseline.highest_rejected = max(baseline.highest_rejected, window.rejected_share)
    if window.used < WINDOW // 2:
        return
    shares = {name: window.filled_share(name) for name in window.filled.keys() | baseline.lowest.keys()}
    first = not baseline.lowest
    baseline.lowest = {
        name: min(baseline.lowest.get(name, share if first else 0.0), share) for name, share in shares.items()
    }


def _forget(baseline: Baseline) -> None:
    """Learn the new shape from the next lines on: these are of both."""
    baseline.usual, baseline.lowest, baseline.highest_rejected = LineShape(), {}, 0.0
    baseline.suspects, baseline.doubtful, baseline.format = 0, None, ""
