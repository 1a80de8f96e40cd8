"""The shapes of lines of keys with values."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import Any, Final

import polars as pl

from opencasb.discovery.inference.field_names import LEAST_SHARE, frequent
from opencasb.discovery.inference.shape import Shape

KEY: Final = re.compile(r"(?:^|(?<=[\s,;|\[({>]))([A-Za-z_][\w.-]{0,60})=", re.ASCII)
_COLON_KEY: Final = re.compile(r"(?:^|[,;|\[{]\s*)([A-Za-z_][\w .-]{0,40}?): ?(?=\S)", re.ASCII)


def pairs(rows: pl.DataFrame, texts: Sequence[str], own: dict[str, Any]) -> Iterator[Shape]:
    """Yield the shapes of lines with enough pairs; ``own`` are options common to all shapes."""
    for assign, pattern in (("=", KEY), (": ", _COLON_KEY)):
        found = [list(pattern.finditer(text)) for text in texts]
        if sum(len(keys) >= 3 for keys in found) < LEAST_SHARE * len(texts):
            continue
        names = frequent([key[1].strip() for key in keys] for keys in found)
        delimiter = _delimiter(texts, found) if assign == "=" else _colon_delimiter(texts)
        if delimiter is None or not names:
            continue
        options: dict[str, Any] = {"kind": "pairs", **own}
        if delimiter != " ":
            options["delimiter"] = delimiter
        if assign != "=":
            options["assign"] = assign.strip()
        if _has_single_quotes(texts, assign.strip()):
            options["quote"] = "'"
        if delimiter == " " and assign == "=" and _has_blanks_in_values(texts, found):
            options["open_values"] = True
        yield Shape(options, rows, tuple(names))


def _delimiter(texts: Sequence[str], found: Sequence[list[re.Match[str]]]) -> str | None:
    """Return what precedes keys most often."""
    before: Counter[str] = Counter()
    for text, keys in zip(texts, found, strict=True):
        for key in keys[1:]:
            mark = text[key.start() - 1]
            if mark == " " and key.start() > 1 and text[key.start() - 2] in ",;|":
                mark = text[key.start() - 2] + " "
            before[mark] += 1
    best = next(iter(before.most_common(1)), ("", 0))[0]
    return best if best in {"\t", "|", ",", ";", " ", ", ", "; ", "| "} else " "


def _colon_delimiter(texts: Sequence[str]) -> str | None:
    counts = {
        mark: sum(len(re.findall(rf"{re.escape(mark)} ?[A-Za-z_][\w .-]*?:", text)) for text in texts) for mark in ",;|"
    }
    best = max(counts, key=lambda mark: counts[mark])
    if counts[best] < 2 * len(texts) * LEAST_SHARE:
        return None
    return best if best == "|" else f"{best} "


def _has_single_quotes(texts: Sequence[str], assign: str) -> bool:
    joined = "\n".join(texts[:400])
    double, single = (len(re.findall(rf"{assign} ?{mark}", joined)) for mark in ('"', "'"))
    return single > double


def _has_blanks_in_values(texts: Sequence[str], found: Sequence[list[re.Match[str]]]) -> bool:
    """Return whether unquoted values contain blanks, so that only the next key ends them."""
    open_, quoted = 0, 0
    for text, keys in zip(texts, found, strict=True):
        for key, after in pairwise(keys):
            value = text[key.end() : after.start()].strip()
            quoted += value[:1] in {'"', "'"}
            open_ += " " in value and value[:1] not in {'"', "'"}
    return open_ > quoted and open_ * 10 >= len(texts)
