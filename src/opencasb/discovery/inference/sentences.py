"""Finds the sentences that make up free-text lines: what is the same in each, and where they differ.

Lines with the same arrangement of words and marks are aligned; where they differ there is a value.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from opencasb.discovery.inference.tokens import Token, tokens

VALUE: Final = "\0"
"""Placeholder for a value in the outline of a line."""

USUAL: Final = 0.3
"""Share of lines from which on a word belongs to the sentences."""

MOST_SENTENCES: Final = 64
MOST_DIFFERENCES: Final = 3
"""Most words in which two outlines may differ and still be merged."""

_FIXED: Final = frozenset({"blank", "mark"})


@dataclass(frozen=True)
class Sentence:
    """Lines that are alike; all have the same number of tokens."""

    lines: list[list[Token]]

    def at(self, place: int) -> list[Token]:
        """Return the tokens at one position."""
        return [line[place] for line in self.lines]

    def is_value(self, place: int) -> bool:
        """Return whether a position holds a value: a token that is not a word, or a word that varies between lines."""
        found = self.at(place)
        kind = found[0].kind
        if kind in _FIXED:
            return False
        return kind != "word" or len(set(found)) > 1


def sentences(texts: Sequence[str], *, runs: bool) -> list[Sentence]:
    """Return the sentences of some lines, commonest first; with ``runs``, several unusual words make one value."""
    cut = [found for text in texts if (found := tokens(text))]
    seen = Counter(word for line in cut for word in {token.text for token in line if token.kind == "word"})
    usual = {word for word, count in seen.items() if count >= USUAL * len(cut)}
    lines = [_with_runs(line, usual) if runs else line for line in cut]
    alike: dict[tuple[str, ...], list[list[Token]]] = defaultdict(list)
    for line in lines:
        alike[tuple(_outline(line, usual))].append(line)
    least = 2 if len(cut) < 200 else 3
    commonest = sorted(alike.items(), key=lambda found: -len(found[1]))[:MOST_SENTENCES]
    return [Sentence(found) for found in _merged(commonest) if len(found) >= least]


def _outline(line: Sequence[Token], usual: set[str]) -> Iterator[str]:
    for token in line:
        if token.kind == "blank":
            yield " "
        elif token.kind == "mark" or token.text in usual:
            yield token.text
        else:
            yield VALUE


def _with_runs(line: Sequence[Token], usual: set[str]) -> list[Token]:
    """Return the tokens of a line with each run of unusual words merged into one."""
    found: list[Token] = []
    for token in line:
        loose = token.kind == "word" and token.text not in usual
        if loose and len(found) > 1 and found[-1].kind == "blank" and found[-2].kind in {"word", "text"}:
            before = found[-2]
            if before.kind == "text" or before.text not in usual:
                found[-2:] = [Token("text", f"{before.text}{found[-1].text}{token.text}")]
                continue
        found.append(token)
    return found


def _merged(alike: Sequence[tuple[tuple[str, ...], list[list[Token]]]]) -> list[list[list[Token]]]:
    """Merge outlines into commoner ones with the same marks that differ in a few words."""
    kept: dict[tuple[str, ...], list[tuple[tuple[str, ...], list[list[Token]]]]] = defaultdict(list)
    for outline, lines in alike:
        marks = tuple(piece if _is_mark(piece) else VALUE for piece in outline)
        for other, others in kept[marks]:
            if _is_near(outline, other):
                others.extend(lines)
                break
        else:
            kept[marks].append((outline, list(lines)))
    return sorted((lines for found in kept.values() for _, lines in found), key=len, reverse=True)


def _is_mark(piece: str) -> bool:
    return len(piece) == 1 and not re.match(r"\w|\0", piece)


def _is_near(one: Sequence[str], other: Sequence[str]) -> bool:
    differences = sum(a != b for a, b in zip(one, other, strict=True))
    same = sum(a == b and a != VALUE and not _is_mark(a) for a, b in zip(one, other, strict=True))
    return differences <= min(MOST_DIFFERENCES, max(same, 1))
