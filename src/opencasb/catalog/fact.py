"""A fact: the value of one risk factor of an app, with its source."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

import msgspec

from opencasb.model.factor import Value
from opencasb.model.factor_value import BadValue, checked_value
from opencasb.model.factors import FACTORS

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import polars as pl


class Fact(msgspec.Struct, frozen=True):
    """The value of ``factor`` (a key) according to ``source``, whose data is from ``date`` (ISO).

    ``method`` says how the value was derived if the source does not state it outright; ``evidence`` is a page.
    """

    factor: str
    value: Value
    source: str = ""
    date: str = ""
    confidence: str = "high"
    method: str | None = None
    evidence: str | None = None

    @property
    def points(self) -> int | None:
        """The value's points, in hundredths; None if it has none."""
        scoring = FACTORS[self.factor].scoring
        return None if scoring is None else scoring.points(self.value, _day(self.date))


def facts_of(facts: pl.DataFrame, app_id: int) -> list[Fact]:
    """Return one app's facts from ``Catalog.facts``, in order."""
    return facts_by_app(facts, [app_id]).get(app_id, [])


def facts_by_app(facts: pl.DataFrame, app_ids: Sequence[int]) -> dict[int, list[Fact]]:
    """Return some apps' facts from ``Catalog.facts``, by app and in order."""
    import polars as pl

    some = facts.filter(pl.col("app_id").cast(pl.Int64).is_in(pl.Series(app_ids, dtype=pl.Int64).implode()))
    found: dict[int, list[Fact]] = {}
    for row in some.iter_rows(named=True):
        fact = _fact(row)
        if fact is not None:
            found.setdefault(row["app_id"], []).append(fact)
    return found


def _fact(row: Mapping[str, Any]) -> Fact | None:  # values of any column
    value = value_of(row["factor"], row["value"])
    if value is None:
        return None
    said = {name: row[name] for name in ("factor", "source", "date", "confidence", "method", "evidence")}
    return Fact(value=value, **{**said, "date": said["date"] or ""})


def value_of(key: str, text: str) -> Value | None:
    """Return the typed value of a fact's JSON text; None for an unknown factor or an invalid value.

    Another release of the program may have written it.
    """
    try:
        return checked_value(FACTORS[key], msgspec.json.decode(text))
    except (KeyError, msgspec.DecodeError, BadValue):
        return None


def points_of(key: str, text: str, on: str) -> int | None:
    """Return the points of a fact's JSON text, as :attr:`Fact.points`; None if it has none or is invalid."""
    value = value_of(key, text)
    return None if value is None else Fact(key, value, date=on).points


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text[:10])
    except ValueError:
        return None
