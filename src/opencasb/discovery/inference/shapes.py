"""The shapes that a log may have: self-describing formats, key-value pairs, and columns."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import Any, Final

import polars as pl

from opencasb.discovery.custom import cutting
from opencasb.discovery.custom.definition import Definition, Fields
from opencasb.discovery.custom.delimited import cells, shield
from opencasb.discovery.custom.parser import fields_line
from opencasb.discovery.formats.cef import LOST_PREFIX as CEF_LOST_PREFIX
from opencasb.discovery.formats.cef import START as CEF_START
from opencasb.discovery.formats.elff import Layout
from opencasb.discovery.formats.leef_fields import LOST_PREFIX as LEEF_LOST_PREFIX
from opencasb.discovery.formats.leef_fields import START as LEEF_START
from opencasb.discovery.inference.columns import is_address
from opencasb.discovery.inference.shape import Shape

MOST_FIELDS: Final = 256
FEW_LINES: Final = 20
"""Sample size up to which every name counts, however rare."""

LEAST_SHARE: Final = 0.3
"""Share of lines that must have a shape for it to be tried."""

_KEY: Final = re.compile(r"(?:^|(?<=[\s,;|\[({>]))([A-Za-z_][\w.-]{0,60})=", re.ASCII)
_COLON_KEY: Final = re.compile(r"(?:^|[,;|\[{]\s*)([A-Za-z_][\w .-]{0,40}?): ?(?=\S)", re.ASCII)

_DELIMITERS: Final = ("\t", ";", "|", ",", " ")
_WORDY: Final = re.compile(r"[#\"'(]*(?:[^\W\d]|#)[\w .&/()#:\[\]-]*[\"')]*")
_BRACKETED: Final = re.compile(r"\[[^\[\] ]{1,60} [^\[\]]{1,60}\]")
_HEADER_SEARCHED: Final = 8


def shapes(rows: pl.DataFrame, *, syslog: bool) -> Iterator[Shape]:
    """Yield the possible shapes of the lines; ``rows`` has line, header and text, without wrappers if ``syslog``."""
    texts = [text for text in rows["text"] if text]
    if not texts:
        return
    own = {} if syslog else {"syslog": False}
    named = next(_signed(rows, texts, own), None)
    if named is not None:
        yield named
        return
    yield from _pairs(rows, texts, own)
    yield from _delimited(rows, texts, own)


def _signed(rows: pl.DataFrame, texts: Sequence[str], own: dict[str, Any]) -> Iterator[Shape]:
    """Yield the shapes of self-describing formats."""
    head = next((text for text in texts if fields_line(text) is not None), None)
    if head is not None:
        yield Shape({"kind": "w3c", **own}, rows, tuple(dict.fromkeys(Layout.of(head).names))[:MOST_FIELDS], head)
    if _hits(texts, rf"{CEF_START}|{CEF_LOST_PREFIX}") and "=" in "".join(texts[:50]):
        keys = _frequent(_KEY.findall(text.rpartition("|")[2] or text) for text in texts)
        more = [key for key in _frequent(_KEY.findall(text) for text in texts) if key not in keys]
        yield Shape({"kind": "cef", **own}, rows, (*keys, *more, "signature", "name"))
    if _hits(texts, rf"{LEEF_START}|{LEEF_LOST_PREFIX}"):
        keys = _frequent(re.findall(r"(?:^|[\t|^ ])([A-Za-z][\w.-]*)=", text) for text in texts)
        yield Shape({"kind": "leef", **own}, rows, (*keys, "event"))
    if _hits(texts, r'^[^{="]{0,200}\{\s*"'):
        records = [record for text in texts if (record := cutting.object_of(text)) is not None]
        if len(records) >= LEAST_SHARE * len(texts):
            yield Shape({"kind": "json", **own}, rows, tuple(_frequent(_paths(record) for record in records)))


def _paths(record: dict[str, Any], before: str = "", depth: int = 0) -> list[str]:  # JSON
    """Return the members of an object, with nested ones dotted."""
    found: list[str] = []
    for key, value in list(record.items())[:MOST_FIELDS]:
        if isinstance(value, dict) and depth < 4:
            found.extend(_paths(value, f"{before}{key}.", depth + 1))
        elif not isinstance(value, list):
            found.append(f"{before}{key}")
    return [name for name in found if name.isprintable() and 0 < len(name) <= 128]


def _hits(texts: Sequence[str], pattern: str) -> bool:
    """Tell whether enough lines contain a pattern."""
    compiled = re.compile(pattern)
    return sum(1 for text in texts if compiled.search(text)) >= LEAST_SHARE * len(texts)


def _frequent(found: Iterator[Sequence[str]]) -> list[str]:
    """Return the names in order of first appearance, without those too rare to be fields."""
    counts: Counter[str] = Counter()
    lines = 0
    for names in found:
        counts.update(list(dict.fromkeys(names)))
        lines += 1
    least = 1 if lines < FEW_LINES else max(2, lines // 200)
    return [name for name, count in counts.items() if count >= least][:MOST_FIELDS]


def _pairs(rows: pl.DataFrame, texts: Sequence[str], own: dict[str, Any]) -> Iterator[Shape]:
    """Yield the shapes of lines with enough pairs; ``own`` are options common to all shapes."""
    for assign, pattern in (("=", _KEY), (": ", _COLON_KEY)):
        found = [list(pattern.finditer(text)) for text in texts]
        if sum(len(keys) >= 3 for keys in found) < LEAST_SHARE * len(texts):
            continue
        names = _frequent([key[1].strip() for key in keys] for keys in found)
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
    """Tell whether unquoted values contain blanks, so that only the next key ends them."""
    open_, quoted = 0, 0
    for text, keys in zip(texts, found, strict=True):
        for key, after in pairwise(keys):
            value = text[key.end() : after.start()].strip()
            quoted += value[:1] in {'"', "'"}
            open_ += " " in value and value[:1] not in {'"', "'"}
    return open_ > quoted and open_ * 10 >= len(texts)


def _delimited(rows: pl.DataFrame, texts: Sequence[str], own: dict[str, Any]) -> Iterator[Shape]:
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
