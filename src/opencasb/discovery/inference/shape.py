"""The shape of a log: its structure as a definition would state it, and the fields that result."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final

import polars as pl

from opencasb.discovery.custom import cutting
from opencasb.discovery.custom.definition import Definition, Fields
from opencasb.discovery.formats.elff import Layout
from opencasb.discovery.inference.columns import Column
from opencasb.discovery.inference.tokens import SENTENCE

FEW_WORDS: Final = 2
"""Words of :data:`SENTENCE` that make a line a sentence."""


@dataclass(frozen=True)
class Shape:
    """A structure: the definition's options that express it, and its fields over the sample."""

    options: dict[str, Any]  # of a definition
    rows: pl.DataFrame
    names: tuple[str, ...]
    header: str = ""
    unnamed: frozenset[str] = frozenset()
    """Names without meaning, besides those of columns without a header row."""

    @property
    def kind(self) -> str:
        """The kind of the definition."""
        return str(self.options["kind"])

    @cached_property
    def definition(self) -> Definition:
        """A definition that splits lines this way; its fields have no meanings yet."""
        return Definition(name="inferred", fields=Fields(), **self.options)

    @cached_property
    def columns(self) -> list[Column]:
        """The fields over the sample lines that have this shape."""
        cut = self._fitting
        named = bool(self.header) or self.kind != "delimiter"
        return [
            Column(name, cut[cutting.column(name)].to_list(), name, place, named and name not in self.unnamed)
            for place, name in enumerate(self.names)
        ]

    @cached_property
    def texts(self) -> list[str]:
        """The lines that have this shape."""
        return [text or "" for text in self._fitting["text"]]

    @cached_property
    def _fitting(self) -> pl.DataFrame:
        """The lines that have this shape, split."""
        return self._cut().filter(pl.col("rejected").is_null())

    def _cut(self) -> pl.DataFrame:
        rows = self.rows.filter(~pl.col("text").fill_null("").is_in([self.header, ""]))
        if self.kind in cutting.BY_KIND:
            return cutting.BY_KIND[self.kind](rows, self.definition, self.names)
        rows = rows.filter(~pl.col("text").str.starts_with("#"))
        if self.kind == "w3c":
            return cutting.cut_w3c(rows, Layout.of(self.header), self.names)
        places = {name: place for place, name in enumerate(self.names)}
        return cutting.cut_columns(rows, self.definition, places, self.names)


def is_of_sentences(shape: Shape) -> bool:
    """Return whether blanks separate words rather than columns."""
    if shape.options.get("delimiter") != " " or shape.header:
        return False
    texts = shape.texts
    return 2 * sum(len(SENTENCE.intersection(text.lower().split())) >= FEW_WORDS for text in texts) > len(texts)
