"""The filters of apps by risk factor, built from the table of factors; columns are factor keys (api §12.4)."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Final

from opencasb.filters import field
from opencasb.filters.field import DAYS, EQUALITY, ORDER, PRESENCE, WORDING, Field
from opencasb.filters.values import Unfit
from opencasb.model.factor import Factor, Kind
from opencasb.model.factors import FACTORS

NULLS: Final = frozenset({"null", "unknown"})
"""The words for *no value*, which the upstream product calls unknown."""

_TYPES: Final = {
    Kind.YES_NO: (field.Kind.FLAG, EQUALITY | PRESENCE),
    Kind.ONE_OF: (field.Kind.TEXT, EQUALITY | PRESENCE),
    Kind.DATE: (field.Kind.TIME, ORDER | DAYS | PRESENCE),
    Kind.YEAR: (field.Kind.INTEGER, EQUALITY | ORDER | PRESENCE),
    Kind.NUMBER: (field.Kind.INTEGER, EQUALITY | ORDER | PRESENCE),
    Kind.RANK: (field.Kind.INTEGER, EQUALITY | ORDER | PRESENCE),
    Kind.TEXT: (field.Kind.TEXT, EQUALITY | WORDING | PRESENCE),
    Kind.URL: (field.Kind.TEXT, EQUALITY | WORDING | PRESENCE),
    Kind.LIST: (field.Kind.TEXT, EQUALITY | WORDING | PRESENCE),
}


def _fields() -> Iterator[Field]:
    for factor in FACTORS.values():
        kind, operators = _TYPES[factor.kind]
        for name in factor.wire_names:
            yield Field(
                name=name,
                column=factor.key,
                kind=kind,
                operators=operators,
                many=factor.kind is Kind.LIST,
                folded=kind is field.Kind.TEXT,
                nulls=NULLS,
                canonical=_word_of(factor) if factor.kind is Kind.ONE_OF else None,
                about=_about(factor),
            )


def _word_of(factor: Factor) -> Callable[[str], str]:
    """Return a function that accepts a factor's words in any spelling and rejects others."""
    words = {_plain(word): word for word in factor.allowed}

    def word(text: str) -> str:
        found = words.get(_plain(text))
        if found is None:
            raise Unfit(factor.expects)
        return found

    return word


def _plain(text: str) -> str:
    return "".join(sign for sign in text.lower() if sign.isalnum())


def _about(factor: Factor) -> str:
    words = f": {', '.join(f'`{word}`' for word in factor.allowed)}" if factor.kind is Kind.ONE_OF else ""
    about = f" ({factor.about})" if factor.about else ""
    return f"{factor.label}{about}{words}"


RISK_FACTORS: Final = tuple(_fields())
"""One filter for each name by which clients know a factor."""
