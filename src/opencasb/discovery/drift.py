"""Detection of changes in a data source's lines: an appliance was updated, or its settings were changed.

The baseline is learned from the source itself. Each window of lines is compared with it, and a change is reported once;
afterwards the new shape is learned. A shift in the mix of lines (nights, weekends, another site) is not a change, as
long as its parts have been seen before.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Final, Literal

import msgspec

from opencasb.discovery.line_shape import SEPARATORS, WINDOW, LineShape, added, halved

Kind = Literal["format", "rejected lines", "field count", "empty field"]

LEARNED: Final = 2 * WINDOW
"""Lines after which a source's baseline is considered known."""

MEMORY: Final = 100_000
"""Lines that make up the baseline; older ones fade."""

_CONCENTRATED: Final = 0.95
_FEW_COUNTS: Final = 4
"""A separator is significant if its few most frequent counts account for nearly all lines …"""
_LEAST_SEPARATORS: Final = 3
"""… and a line has at least this many of it."""
_RARE: Final = 0.005
"""Share of lines below which a count of separators is new."""
_NEW_SHARE: Final = 0.5
"""Share of lines with a new count of separators that is a change at once …"""
_DOUBTFUL_SHARE: Final = 0.02
_LASTING_SHARE: Final = 0.2
_LASTING_WINDOWS: Final = 3
"""… and the share that is a change once it has lasted this many windows."""
_LEAST_FILLED: Final = 0.05
"""Share of lines in every window that must have had a field before its absence means anything."""
_EMPTY: Final = 0.02
"""Fraction of the lowest share so far below which a field has become empty."""
_MORE_REJECTED: Final = 0.05


class Baseline(msgspec.Struct, kw_only=True):
    """The baseline of a data source, and the lines not yet evaluated."""

    usual: LineShape = msgspec.field(default_factory=LineShape)
    waiting: LineShape = msgspec.field(default_factory=LineShape)
    """Lines of a window that is not yet full."""
    lowest: dict[str, float] = msgspec.field(default_factory=dict)
    """Lowest share of transactions that had a field, over all windows."""
    highest_rejected: float = 0.0
    """Highest share of rejected lines, over all windows."""
    doubtful: LineShape | None = None
    """The last window, if partly new: it is learned once the next one shows that no change has begun."""
    suspects: int = 0
    """Consecutive windows with some new counts of separators."""
    format: str = ""


class Change(msgspec.Struct, frozen=True, kw_only=True):
    """A change of shape, in words, with lines from before and after."""

    kind: Kind
    text: str
    before: list[str]
    after: list[str]


Recognise = Callable[[Sequence[str]], str]
"""Returns the source type that the lines look like, or an empty string."""


def detect(baseline: Baseline, shapes: Iterable[LineShape], recognise: Recognise) -> list[Change]:
    """Take line shapes in order and return the changes found; updates ``baseline``."""
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
    """Return whether the count of a separator indicates how many fields a line has."""
    counts = sorted(usual.separators.get(name, {}).items(), key=lambda each: -each[1])
    few = sum(count for _, count in counts[:_FEW_COUNTS])
    return bool(counts) and counts[0][0] >= _LEAST_SEPARATORS and few >= _CONCENTRATED * usual.measured


def _new_share(usual: LineShape, window: LineShape, name: str) -> float:
    """Return the share of lines whose count of a separator was rare so far."""
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
    """Learn a window without a change; a doubtful one only after the next."""
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
    """Start learning afresh from the next lines: the current ones are a mixture of both shapes."""
    baseline.usual, baseline.lowest, baseline.highest_rejected = LineShape(), {}, 0.0
    baseline.suspects, baseline.doubtful, baseline.format = 0, None, ""
