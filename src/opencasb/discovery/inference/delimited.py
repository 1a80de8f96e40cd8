"""The shapes of lines of columns, with or without a header row."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any, Final

import polars as pl

from opencasb.discovery.custom.definition import Definition, Fields
from opencasb.discovery.custom.delimited import cells, shield
from opencasb.discovery.inference.columns import is_address
from opencasb.discovery.inference.field_names import LEAST_SHARE, MOST_FIELDS
from opencasb.discovery.inference.shape import Shape

_DELIMITERS: Final = ("\t", ";", "|", ",", " ")
_WORDY: Final = re.compile(r"[#\"'(]*(?:[^\W\d]|#)[\w .&/()#:\[\]-]*[\"')]*")
_BRACKETED: Final = re.compile(r"\[[^\[\] ]{1,60} [^\[\]]{1,60}\]")
_HEADER_SEARCHED: Final = 8
"""Lines from the start among which a header row is looked for."""


def delimited(rows: pl.DataFrame, texts: Sequence[str], own: dict[str, Any]) -> Iterator[Shape]:
    """Yield a shape for each delimiter that occurs in enough lines; ``own`` are options common to all shapes."""
    for delimiter in _DELIMITERS:
        if sum(delimiter in text for text in texts) < LEAST_SHARE * len(texts):
            continue
        options: dict[str, Any] = {"kind": "delimiter", "delimiter": delimiter, **own}
        if delimiter == " ":
            options["repeated"] = any("  " in text for text in texts)
            options["brackets"] = sum(1 for text in texts if _BRACKETED.search(text)) * 2 > len(texts)
        options = {name: value for name, value in options.items() if value is not False or name == "syslog"}
        yield from _with_names(rows, texts, options)


def _with_names(rows: pl.DataFrame, texts: Sequence[str], options: dict[str, Any]) -> Iterator[Shape]:
    definition = Definition(name="inferred", fields=Fields(), **options)
    widths = Counter(len(shield(text, definition).split(options["delimiter"])) for text in texts)
    least = _usual_width(widths)
    if least < 4:
        return
    for head in texts[:_HEADER_SEARCHED]:
        names = cells(head, definition)
        if _is_header(names, least) and texts.count(head) < max(len(texts) / 4, 2):
            known = _unique(names[:MOST_FIELDS])
            # also for lines that arrive without their header row, as by syslog
            yield Shape({**options, "columns": known}, rows, tuple(known), head)
            return
    names = [f"column_{number}" for number in range(1, min(least, MOST_FIELDS) + 1)]
    yield Shape({**options, "columns": names}, rows, tuple(names))


def _usual_width(widths: Counter[int]) -> int:
    """Return the number of columns that nearly all usual lines have; free text at the end may split into any number."""
    total = widths.total()
    usual, hits = widths.most_common(1)[0]
    if hits * 2 >= total:
        return usual
    seen = 0
    for width in sorted(widths):
        seen += widths[width]
        if seen * 20 > total:
            return width
    return 0


def _is_header(names: Sequence[str], least: int) -> bool:
    texts = [name for name in names if name.strip()]
    return (
        len(names) >= least - 1
        and len(set(texts)) == len(texts)
        and len(texts) * 10 >= len(names) * 9
        and all(len(name) <= 60 and _WORDY.fullmatch(name.strip()) and not is_address(name) for name in texts)
        and not any(re.fullmatch(r"\w+://.*|[\w-]+\.[\w.-]+", name) for name in texts)
    )


def _unique(names: Sequence[str]) -> list[str]:
    """Return names made unique; an empty one gets a name so that it can be referred to."""
    seen: Counter[str] = Counter()
    unique: list[str] = []
    for name in names:
        seen[name] += 1
        unique.append(name if name and seen[name] == 1 else f"{name or 'unnamed'}#{len(unique)}")
    return unique
