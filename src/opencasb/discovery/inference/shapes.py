"""The shapes a log may have: what a definition would say of its structure, and the fields cut by that definition."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import pairwise
from typing import TYPE_CHECKING, Any, Final, Literal

from opencasb.discovery.custom import cutting
from opencasb.discovery.custom.definition import Definition, Fields
from opencasb.discovery.custom.parser import fields_line
from opencasb.discovery.formats.cef import LOST_PREFIX as CEF_LOST_PREFIX
from opencasb.discovery.formats.cef import START as CEF_START
from opencasb.discovery.formats.elff import Layout
from opencasb.discovery.formats.leef_fields import LOST_PREFIX as LEEF_LOST_PREFIX
from opencasb.discovery.formats.leef_fields import START as LEEF_START
from opencasb.discovery.inference.columns import Column, is_address
from opencasb.discovery.inference.tokens import SENTENCE

if TYPE_CHECKING:
    import polars as pl

Quote = Literal['"', "'", ""]
MOST_FIELDS: Final = 256
FEW_LINES: Final = 20
"""Lines of a sample in which whatever occurs counts."""

FEW_WORDS: Final = 2
"""Words of :data:`SENTENCE` that make a sentence of a line."""

LEAST_SHARE: Final = 0.3
"""Share of lines that must have a shape for it to be tried."""

_KEY: Final = re.compile(r"(?:^|(?<=[\s,;|\[({>]))([A-Za-z_][\w.-]{0,60})=", re.ASCII)
_COLON_KEY: Final = re.compile(r"(?:^|[,;|\[{]\s*)([A-Za-z_][\w .-]{0,40}?): ?(?=\S)", re.ASCII)
_DELIMITERS: Final = ("\t", ";", "|", ",", " ")
_WORDY: Final = re.compile(r"[#\"'(]*[A-Za-z_#][\w .&/()#:-]*[\"')]*", re.ASCII)
_BRACKETED: Final = re.compile(r"\[[^\[\] ]{1,60} [^\[\]]{1,60}\]")
_HEADER_SEARCHED: Final = 8


@dataclass(frozen=True)
class Shape:
    """A structure: the options of a definition that say it, and its fields over the sample."""

    options: dict[str, Any]  # of a definition
    rows: pl.DataFrame
    names: tuple[str, ...]
    header: str = ""
    has_header: bool = False
    unnamed: frozenset[str] = frozenset()
    """Names that mean nothing, besides those of columns without a header row."""

    @property
    def kind(self) -> str:
        """The kind of the definition."""
        return str(self.options["kind"])

    @cached_property
    def definition(self) -> Definition:
        """A definition that cuts like this; what its fields mean is not said yet."""
        return Definition(name="inferred", fields=Fields(), **self.options)

    @cached_property
    def columns(self) -> list[Column]:
        """The fields over the lines of the sample that have this shape."""
        cut = self._cut()
        cut = cut.filter(cut["rejected"].is_null())
        named = bool(self.header) or self.kind != "delimiter"
        return [
            Column(name, cut[cutting.column(name)].to_list(), name, place, named and name not in self.unnamed)
            for place, name in enumerate(self.names)
        ]

    @cached_property
    def texts(self) -> list[str]:
        """The lines that have this shape."""
        cut = self._cut()
        return [text or "" for text in cut.filter(cut["rejected"].is_null())["text"]]

    def _cut(self) -> pl.DataFrame:
        import polars as pl

        rows = self.rows.filter(~pl.col("text").fill_null("").is_in([self.header, ""]))
        if self.kind in cutting.BY_KIND:
            return cutting.BY_KIND[self.kind](rows, self.definition, self.names)
        if self.kind == "w3c":
            layout = Layout.of(self.header)
            return cutting.cut_w3c(
                rows.filter(~pl.col("text").str.starts_with("#")), Layout(layout.names, layout.separator), self.names
            )
        places = {name: place for place, name in enumerate(self.names)}
        comments = pl.col("text").str.starts_with("#")
        return cutting.cut_columns(rows.filter(~comments), self.definition, places, self.names)


def shapes(rows: pl.DataFrame, *, syslog: bool) -> Iterator[Shape]:
    """Yield the shapes that the lines may have; ``rows`` has line, header and text, without wrappers if ``syslog``."""
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
    """Yield the shapes that say themselves what they are."""
    head = next((text for text in texts if fields_line(text) is not None), None)
    if head is not None:
        yield Shape({"kind": "w3c", **own}, rows, Layout.of(head).names[:MOST_FIELDS], head)
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


def _hits(texts: Sequence[str], pattern: str) -> bool:
    compiled = re.compile(pattern)
    return sum(1 for text in texts if compiled.search(text)) >= LEAST_SHARE * len(texts)


def _frequent(found: Iterator[Sequence[str]]) -> list[str]:
    """Return the names in the order of their first coming, without those that are too rare to be fields."""
    counts: Counter[str] = Counter()
    lines = 0
    for names in found:
        counts.update(list(dict.fromkeys(names)))
        lines += 1
    least = 1 if lines < FEW_LINES else max(2, lines // 200)
    return [name for name, count in counts.items() if count >= least][:MOST_FIELDS]


def _paths(record: dict[str, Any], before: str = "", depth: int = 0) -> list[str]:  # JSON
    """Return the members of an object, those of its objects with dots."""
    found: list[str] = []
    for key, value in list(record.items())[:MOST_FIELDS]:
        if isinstance(value, dict) and depth < 4:
            found.extend(_paths(value, f"{before}{key}.", depth + 1))
        elif not isinstance(value, list):
            found.append(f"{before}{key}")
    return [name for name in found if name.isprintable() and 0 < len(name) <= 128]


def _pairs(rows: pl.DataFrame, texts: Sequence[str], own: dict[str, Any]) -> Iterator[Shape]:
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
        quote = _quote(texts, assign.strip())
        if quote == "'":
            options["quote"] = quote
        if delimiter == " " and assign == "=" and _has_blanks_in_values(texts, found):
            options["open_values"] = True
        yield Shape(options, rows, tuple(names))


def _delimiter(texts: Sequence[str], found: Sequence[list[re.Match[str]]]) -> str | None:
    """Return what stands before keys most often."""
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


def _quote(texts: Sequence[str], assign: str) -> Quote:
    joined = "\n".join(texts[:400])
    double, single = (len(re.findall(rf"{assign} ?{mark}", joined)) for mark in ('"', "'"))
    return "'" if single > double else '"'


def _has_blanks_in_values(texts: Sequence[str], found: Sequence[list[re.Match[str]]]) -> bool:
    """Tell whether unquoted values hold blanks, so that only the next key ends them."""
    open_, quoted = 0, 0
    for text, keys in zip(texts, found, strict=True):
        for key, after in pairwise(keys):
            value = text[key.end() : after.start()].strip()
            quoted += value[:1] in {'"', "'"}
            open_ += " " in value and value[:1] not in {'"', "'"}
    return open_ > quoted and open_ * 10 >= len(texts)


def _delimited(rows: pl.DataFrame, texts: Sequence[str], own: dict[str, Any]) -> Iterator[Shape]:
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
    widths = Counter(len(cutting.shield(text, definition).split(options["delimiter"])) for text in texts)
    least = _usual_width(widths)
    if least < 4:
        return
    for head in texts[:_HEADER_SEARCHED]:
        names = cutting.cells(head, definition)
        if _is_header(names, least) and texts.count(head) < max(len(texts) / 4, 2):
            yield Shape(options, rows, tuple(_unique(names[:MOST_FIELDS])), head)
            return
    names = [f"column_{number}" for number in range(1, min(least, MOST_FIELDS) + 1)]
    yield Shape({**options, "columns": names}, rows, tuple(names))


def _usual_width(widths: Counter[int]) -> int:
    """Return the number of columns that nearly all usual lines have: free text at the end may be cut anyhow."""
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
        and all(_WORDY.fullmatch(name.strip()) and len(name) <= 60 and not is_address(name) for name in texts)
        and not any(re.fullmatch(r"\w+://.*|[\w-]+\.[\w.-]+", name) for name in texts)
    )


def _unique(names: Sequence[str]) -> list[str]:
    """Return names of which none comes twice; an empty one cannot be asked for."""
    seen: Counter[str] = Counter()
    unique: list[str] = []
    for name in names:
        seen[name] += 1
        unique.append(name if name and seen[name] == 1 else f"{name or 'unnamed'}#{len(unique)}")
    return unique


def is_of_sentences(shape: Shape) -> bool:
    """Tell whether blanks part words rather than columns."""
    if shape.options.get("delimiter") != " " or shape.header:
        return False
    texts = shape.texts
    return 2 * sum(len(SENTENCE.intersection(text.lower().split())) >= FEW_WORDS for text in texts) > len(texts)


def with_columns(shape: Shape, names: Sequence[str]) -> Shape:
    """Return the shape of a log without header row with other names of its columns."""
    return replace(shape, options={**shape.options, "columns": list(names)}, names=tuple(names))
