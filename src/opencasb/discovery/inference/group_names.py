"""Names the values of a sentence by the words around them: ``12 bytes in`` is ``bytes_in``, ``by=anna`` is ``by``."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

from opencasb.discovery.inference import words
from opencasb.discovery.inference.sentences import Sentence
from opencasb.discovery.inference.tokens import Token

_UNITS: Final = frozenset(
    {"byte", "bytes", "octets", "b", "kb", "mb", "kib", "packets", "pkts", "ms", "seconds", "secs", "s"}
)
_KNOWN: Final = (
    words.SOURCE, words.TARGET, words.OTHER_ADDRESS, words.HOST, words.URL, words.OTHER_URL, words.USER, words.DEVICE,
    words.TIME, words.OTHER_TIME, words.SIZE, words.OTHER_SIZE,
)  # fmt: skip
_DIRECTIONS: Final = (words.SENT, words.RECEIVED, words.TOTAL)
_BREAKS: Final = frozenset(",;|()[]{}")
_BEFORE, _AFTER = 2, 2
"""Words before and after a value that name it."""


@dataclass
class _Around:
    """The words before and after a value."""

    before: list[str]
    after: list[str]


def group_names(sentence: Sentence) -> dict[int, tuple[str, bool]]:
    """Return each value's name by position, and whether words determine it; otherwise it is named by its kind."""
    first = sentence.lines[0]
    places = [place for place in range(len(first)) if sentence.is_value(place)]
    around = _around(first, places)
    used: Counter[str] = Counter()
    names: dict[int, tuple[str, bool]] = {}
    for place, near in zip(places, around, strict=True):
        spoken = "_".join([*near.before[-_BEFORE:], *near.after[:_AFTER]])[:40]
        said = bool(spoken) and any(known.search(f"_{spoken}_") for known in _KNOWN)
        name = spoken if said else _of_kind(sentence.at(place))
        used[name] += 1
        names[place] = (name if used[name] == 1 else f"{name}_{used[name]}", said)
    return names


def _around(line: Sequence[Token], places: Sequence[int]) -> list[_Around]:
    """Return the words around each value: between two values, units belong to the first and other words to the second.

    If no direction precedes the first size, the words after the sizes give it.
    """
    found = [_Around([], []) for _ in places]
    gaps = [_Gap.of(line[start + 1 : end]) for start, end in zip([-1, *places], [*places, len(line)], strict=True)]
    prefixed = next((_is_direction(before.right) for before, gap in pairwise(gaps) if gap.unit), False)
    for number, gap in enumerate(gaps):
        left, right = gap.split(prefixed=prefixed)
        if number:
            found[number - 1].after = left
        if number < len(found):
            found[number].before = right
    return found


@dataclass(frozen=True)
class _Gap:
    """The words between two values, before and after the first break; without a break, all are after it."""

    left: list[str]
    right: list[str]

    @classmethod
    def of(cls, between: Sequence[Token]) -> _Gap:
        breaks = [at for at, token in enumerate(between) if token.text in _BREAKS]
        cut = breaks[0] if breaks else 0
        return cls(_words(between[:cut]), _words(between[cut:]))

    @property
    def unit(self) -> bool:
        return (self.left or self.right or [""])[0] in _UNITS

    def split(self, *, prefixed: bool) -> tuple[list[str], list[str]]:
        """Return the words that belong to the preceding value, and those of the following one."""
        if not self.unit:
            return [], self.right
        if self.left:
            return self.left[:1] if prefixed else self.left, self.right
        return (self.right[:1], self.right[1:]) if prefixed else (self.right, [])


def _words(between: Sequence[Token]) -> list[str]:
    return [
        part for token in between if token.kind == "word" for part in re.findall(r"[a-z]+", token.text.lower()) if part
    ]


def _is_direction(before: Sequence[str]) -> bool:
    hint = f"_{'_'.join(before[-_BEFORE:])}_"
    return any(known.search(hint) for known in _DIRECTIONS)


def _of_kind(found: Sequence[Token]) -> str:
    kind = Counter(token.kind for token in found).most_common(1)[0][0]
    return {"quoted": "text", "none": "value"}.get(kind, kind)
