"""Proposes regular expressions for lines of free text, which neither separators nor names split.

They are built from half of the lines, and accepted only if they match the other half. Common words become literal text,
varying ones a named group. Rust's expressions take linear time whatever they contain.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Sequence
from random import Random
from typing import Any, Final

import polars as pl

from opencasb.discovery.custom.checks import check_pattern
from opencasb.discovery.custom.definition import LONGEST_PATTERN, MOST_PATTERNS, InvalidDefinition
from opencasb.discovery.inference.columns import is_address
from opencasb.discovery.inference.group_names import group_names
from opencasb.discovery.inference.sentences import Sentence, sentences
from opencasb.discovery.inference.shape import Shape
from opencasb.discovery.inference.tokens import Token

LEAST_COVERED: Final = 0.5
"""Share of the held-out lines that must match; the same share must have the usual columns in a delimited log."""

LEAST_LINES: Final = 8
_CLASSES: Final = ((str.isdecimal, r"\d+"), (str.isalpha, r"\w+"), (is_address, "[0-9A-Fa-f.:]+"))
"""Classes that all values at a position may have, and their expressions."""

_MOST_FORMS: Final = 4
"""Most distinct ways to write a time at one position."""


def free_text(rows: pl.DataFrame, *, syslog: bool) -> list[Shape]:
    """Return the shapes of free text, those with fewer patterns first; none if lines are too few or too different.

    ``rows`` has line, header and text, without wrappers if ``syslog``.
    """
    texts = [text.rstrip() for text in rows["text"] if text]
    if len(texts) < LEAST_LINES:
        return []
    mixed = Random(0).sample(texts, len(texts))  # noqa: S311 -- the order of lines may have a rhythm
    built, others = mixed[::2], mixed[1::2]
    found = []
    for runs in (False, True):
        patterns = dict(list(_patterns(sentences(built, runs=runs)))[:MOST_PATTERNS])
        if _covered(patterns, others) >= LEAST_COVERED:
            found.append(_shape(rows, patterns, {} if syslog else {"syslog": False}))
    return sorted(found, key=lambda shape: len(shape.options["patterns"]))


def _shape(rows: pl.DataFrame, patterns: dict[str, dict[str, bool]], own: dict[str, Any]) -> Shape:
    said: dict[str, bool] = {}
    for groups in patterns.values():
        for name, by_words in groups.items():
            said.setdefault(name, by_words)
    unnamed = frozenset(name for name, by_words in said.items() if not by_words)
    return Shape({"kind": "regex", "patterns": [*patterns], **own}, rows, tuple(said), unnamed=unnamed)


def _covered(patterns: Collection[str], texts: Sequence[str]) -> float:
    """Return the share of texts that match one of the patterns."""
    if not patterns:
        return 0.0
    series = pl.Series(texts, dtype=pl.String).to_frame("text")
    hits = series.select(pl.any_horizontal(pl.col("text").str.contains(pattern) for pattern in patterns))
    return int(hits.to_series().sum()) / max(len(texts), 1)


def _patterns(found: Sequence[Sentence]) -> Iterator[tuple[str, dict[str, bool]]]:
    """Yield expressions with their group names, and whether surrounding words determine each name."""
    for sentence in found:
        names = group_names(sentence)
        pattern = _pattern(sentence, {place: name for place, (name, _) in names.items()})
        if _tells_a_client(sentence) and _is_usable(pattern):
            yield pattern, dict(names.values())


def _tells_a_client(sentence: Sentence) -> bool:
    """Return whether a sentence may describe traffic: it contains an address."""
    first = next(iter(sentence.lines))
    return any(token.kind == "address" or is_address(token.text.strip("\"'")) for token in first)


def _is_usable(pattern: str) -> bool:
    try:
        check_pattern("patterns", pattern)
    except InvalidDefinition:  # it would grow too large
        return False
    return len(pattern) <= LONGEST_PATTERN and pattern.isprintable()


def _pattern(sentence: Sentence, names: dict[int, str]) -> str:
    first = sentence.lines[0]
    pieces = []
    for place, token in enumerate(first):
        if place in names:
            behind = first[place + 1] if place + 1 < len(first) else None
            pieces.append(_group(names[place], sentence.at(place), behind))
        else:
            pieces.append(r"\s+" if token.kind == "blank" else escaped(token.text))
    return rf"^{''.join(pieces)}\s*$"


def _group(name: str, found: Sequence[Token], behind: Token | None) -> str:
    """Return the group for values like those found, given the token that follows them."""
    kinds, values = {token.kind for token in found}, {token.text for token in found}
    if kinds == {"quoted"}:
        (mark,) = {value[0] for value in values} if len({value[0] for value in values}) == 1 else {""}
        return f"{mark}(?P<{name}>[^{mark}]*){mark}" if mark else rf"(?P<{name}>\S+|\"[^\"]*\"|'[^']*')"
    return f"(?P<{name}>{_values(kinds, values, behind)})"


def _values(kinds: set[str], values: set[str], behind: Token | None) -> str:
    if kinds == {"time"}:
        forms = dict.fromkeys(map(_form, sorted(values)))
        return "|".join(forms) if len(forms) <= _MOST_FORMS else ".+?"
    if any(re.search(r"\s", value) for value in values):
        return ".+?"
    known = next((pattern for test, pattern in _CLASSES if all(map(test, values))), None)
    if known is not None:
        return known
    mark = behind.text if behind is not None and behind.kind == "mark" else ""
    if mark and not any(mark in value for value in values):
        return rf"[^\s{_in_class(mark)}]+"
    return r"\S+"


def _form(value: str) -> str:
    """Return an expression for times written like this one."""
    pieces = re.findall(r"\d+|[A-Za-z]+|\s+|.", value, re.ASCII)
    kinds = {True: r"\d+", False: "[A-Za-z]+"}
    return "".join(
        kinds[piece.isdecimal()] if piece.isalnum() else r"\s+" if piece.isspace() else escaped(piece)
        for piece in pieces
    )


def _in_class(mark: str) -> str:
    return f"\\{mark}" if mark in "[]^-\\&~" else mark


def escaped(text: str) -> str:
    """Return an expression that matches a text literally, in the syntax of both Rust and Python."""
    return re.sub(r"([][\\.^$*+?{}()|])", r"\\\1", text)
