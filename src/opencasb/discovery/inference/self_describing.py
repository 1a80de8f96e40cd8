"""The shapes of self-describing formats: W3C with its fields line, CEF, LEEF, JSON."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Any, Final

import polars as pl

from opencasb.discovery.custom import cutting
from opencasb.discovery.custom.parser import fields_line
from opencasb.discovery.formats.cef import LOST_PREFIX as CEF_LOST_PREFIX
from opencasb.discovery.formats.cef import START as CEF_START
from opencasb.discovery.formats.elff import Layout
from opencasb.discovery.formats.leef_fields import LOST_PREFIX as LEEF_LOST_PREFIX
from opencasb.discovery.formats.leef_fields import START as LEEF_START
from opencasb.discovery.inference.field_names import LEAST_SHARE, MOST_FIELDS, frequent
from opencasb.discovery.inference.pairs import KEY
from opencasb.discovery.inference.shape import Shape

_LEEF_KEY: Final = re.compile(r"(?:^|[\t|^ ])([A-Za-z][\w.-]*)=")


def self_describing(rows: pl.DataFrame, texts: Sequence[str], own: dict[str, Any]) -> Iterator[Shape]:
    """Yield the shapes of self-describing formats; ``own`` are options common to all shapes."""
    head = next((text for text in texts if fields_line(text) is not None), None)
    if head is not None:
        yield Shape({"kind": "w3c", **own}, rows, tuple(dict.fromkeys(Layout.of(head).names))[:MOST_FIELDS], head)
    if _hits(texts, rf"{CEF_START}|{CEF_LOST_PREFIX}") and "=" in "".join(texts[:50]):
        keys = frequent(KEY.findall(text.rpartition("|")[2] or text) for text in texts)
        more = [key for key in frequent(KEY.findall(text) for text in texts) if key not in keys]
        yield Shape({"kind": "cef", **own}, rows, (*keys, *more, "signature", "name"))
    if _hits(texts, rf"{LEEF_START}|{LEEF_LOST_PREFIX}"):
        keys = frequent(_LEEF_KEY.findall(text) for text in texts)
        yield Shape({"kind": "leef", **own}, rows, (*keys, "event"))
    if _hits(texts, r'^[^{="]{0,200}\{\s*"'):
        records = [record for text in texts if (record := cutting.object_of(text)) is not None]
        if len(records) >= LEAST_SHARE * len(texts):
            yield Shape({"kind": "json", **own}, rows, tuple(frequent(_paths(record) for record in records)))


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
    """Return whether enough lines contain a pattern."""
    compiled = re.compile(pattern)
    return sum(1 for text in texts if compiled.search(text)) >= LEAST_SHARE * len(texts)
