"""Risk factors: typed fields of an app, and how to parse their values."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from opencasb.model.factor_points import Scoring

Value = bool | int | float | str | tuple[str, ...]
"""A typed value as in JSON: yes/no, number, text (dates in ISO form), or a list of texts."""

NOT_APPLICABLE: Final = "notApplicable"
"""The value of a factor that does not apply to an app, allowed with ``may_not_apply``."""

_WORDS: Final = {"true": True, "yes": True, "false": False, "no": False}
_MAX_TEXT: Final = 2000
_MAX_ITEMS: Final = 100
_MAX_NUMBER: Final = 10**15


class Group(StrEnum):
    """The topic of a factor; every group except extra contributes to the score."""

    GENERAL = "general"
    SECURITY = "security"
    COMPLIANCE = "compliance"
    LEGAL = "legal"
    EXTRA = "extra"


class Kind(StrEnum):
    """The type of a factor's values."""

    YES_NO = "yes/no"
    ONE_OF = "one of"
    DATE = "date"
    YEAR = "year"
    NUMBER = "number"
    RANK = "rank"
    TEXT = "text"
    URL = "url"
    LIST = "list"


class Importance(StrEnum):
    """How much a factor or a group counts; see :attr:`weight`."""

    IGNORED = "ignored"
    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"
    VERY_HIGH = "very high"

    @property
    def weight(self) -> int:
        """The weight in a mean: low is half of medium, and each step above doubles."""
        return _WEIGHTS[self]


_WEIGHTS: Final = {
    Importance.IGNORED: 0,
    Importance.LOW: 1,
    Importance.MEDIUM: 2,
    Importance.HIGH: 4,
    Importance.VERY_HIGH: 8,
}


@dataclass(frozen=True, slots=True)
class Factor:
    """A field of an app.

    ``about`` explains what the label does not. ``graph`` lists the Graph properties that expose the field. ``values``
    are the allowed values of one-of factors and closed lists, and the words allowed besides dates. ``scoring`` is None
    if no value is better than another.
    """

    key: str
    group: Group
    kind: Kind
    label: str
    about: str = ""
    graph: tuple[str, ...] = ()
    values: tuple[str, ...] = ()
    scoring: Scoring | None = None
    may_not_apply: bool = False
    importance: Importance = Importance.MEDIUM

    @property
    def allowed(self) -> tuple[str, ...]:
        """The allowed words; empty if any value of the kind is allowed."""
        words = self.values or (self.scoring.words if self.scoring and self.kind is Kind.ONE_OF else ())
        return (*words, NOT_APPLICABLE) if self.may_not_apply else words

    @property
    def wire_names(self) -> tuple[str, ...]:
        """The names in the REST API: the Graph's if there are any, otherwise the key in camel case."""
        return _WIRE_NAMES.get(self.key) or self.graph or (_camel(self.key),)

    @property
    def expects(self) -> str:
        """The expected form of a value, for messages."""
        words = ", ".join(self.allowed)
        form = _FORMS[self.kind]
        if self.kind is Kind.ONE_OF:
            return f"one of {words}"
        if self.kind is Kind.LIST:
            return f"a list of {words}" if words else form
        return f"{form} or {words}" if words else form


_FORMS: Final = {
    Kind.YES_NO: "yes or no",
    Kind.ONE_OF: "",
    Kind.DATE: "a date such as 2024-01-31",
    Kind.YEAR: "a year such as 2011",
    Kind.NUMBER: "a number of 0 or more",
    Kind.RANK: "a whole number of 1 or more",
    Kind.TEXT: f"1 to {_MAX_TEXT} printable characters",
    Kind.URL: "an address that begins with https:// or http://",
    Kind.LIST: f"1 to {_MAX_ITEMS} texts, with commas between them",
}


_WIRE_NAMES: Final = {"encryption_protocol": ("tlsEncryptionProtocol", "encryptionProtocol")}
"""Names that differ between the REST API and the Graph (api §12.6, graph §8)."""


def _camel(key: str) -> str:
    first, *rest = key.split("_")
    return first + "".join(word.capitalize() for word in rest)


class BadValue(ValueError):
    """A text that is not a value of its factor; the message names the factor, the text and what is allowed."""


def parse_value(factor: Factor, text: str) -> Value:
    """Parse a text into a typed value. Raises BadValue.

    Words match in any case: ``Yes``, ``TLS1_2``. A list is split at commas. The time of a date is dropped.
    """
    value = _parse(factor, text.strip())
    if value is None:
        raise BadValue(f"{factor.key} {text[:100]!r} must be {factor.expects}")
    return value


def checked_value(factor: Factor, value: object) -> Value:
    """Convert a JSON value to the factor's type. Raises BadValue."""
    match value:
        case bool():
            return parse_value(factor, str(value))
        case str() | int() | float() if factor.kind is not Kind.YES_NO or isinstance(value, str):
            return parse_value(factor, str(value))
        case list() | tuple() if factor.kind is Kind.LIST and all(isinstance(item, str) for item in value):
            return _checked_list(factor, [str(item) for item in value])
    raise BadValue(f"{factor.key} {str(value)[:100]!r} must be {factor.expects}")


def _parse(factor: Factor, text: str) -> Value | None:
    if factor.kind is Kind.LIST:
        return _list(factor, text.split(","))
    word = _word(factor, text)
    return word if word is not None else _READERS[factor.kind](text)


def _word(factor: Factor, text: str) -> str | None:
    return {word.lower(): word for word in factor.allowed}.get(text.lower())


def _date(text: str) -> str | None:
    try:
        return date.fromisoformat(text[:10]).isoformat()
    except ValueError:
        return None


def _number(text: str) -> int | float | None:
    try:
        number = float(text)
    except ValueError:
        return None
    if not math.isfinite(number) or not 0 <= number <= _MAX_NUMBER:
        return None
    return int(number) if number.is_integer() else number


def _whole(pattern: str) -> Callable[[str], int | None]:
    return lambda text: int(text) if re.fullmatch(pattern, text) else None


def _is_text(text: str) -> bool:
    return 1 <= len(text) <= _MAX_TEXT and text.isprintable()


def _is_url(text: str) -> bool:
    return _is_text(text) and re.fullmatch(r"https?://[^\s/\"<>]+\S*", text) is not None


def _list(factor: Factor, items: list[str]) -> tuple[str, ...] | None:
    found = [_word(factor, item.strip()) if factor.allowed else item.strip() for item in items]
    kept = tuple(dict.fromkeys(item for item in found if item is not None and _is_text(item)))
    return kept if len(kept) == len(set(found)) and 1 <= len(kept) <= _MAX_ITEMS else None


def _checked_list(factor: Factor, items: list[str]) -> Value:
    value = _list(factor, items)
    if value is None:
        raise BadValue(f"{factor.key} {', '.join(items)[:100]!r} must be {factor.expects}")
    return value


_READERS: Final[Mapping[Kind, Callable[[str], Value | None]]] = {
    Kind.YES_NO: lambda text: _WORDS.get(text.lower()),
    Kind.ONE_OF: lambda _text: None,
    Kind.DATE: _date,
    Kind.YEAR: _whole("(1[6-9]|20)[0-9]{2}"),
    Kind.RANK: _whole("[1-9][0-9]{0,14}"),
    Kind.NUMBER: _number,
    Kind.TEXT: lambda text: text if _is_text(text) else None,
    Kind.URL: lambda text: text if _is_url(text) else None,
}
