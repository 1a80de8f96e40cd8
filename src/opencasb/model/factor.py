"""Risk factors: typed fields of an app, and what each allows."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, Final

import msgspec

if TYPE_CHECKING:
    from opencasb.model.factor_points import Scoring

Value = bool | int | float | str | tuple[str, ...]
"""A typed value as in JSON: yes/no, number, text (dates in ISO form), or a list of texts."""

NOT_APPLICABLE: Final = "notApplicable"
"""The value of a factor that does not apply to an app, allowed with ``may_not_apply``."""

LONGEST_TEXT: Final = 2000
MOST_ITEMS: Final = 100


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


class Factor(msgspec.Struct, frozen=True):
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
    Kind.TEXT: f"1 to {LONGEST_TEXT} printable characters",
    Kind.URL: "an address that begins with https:// or http://",
    Kind.LIST: f"1 to {MOST_ITEMS} texts, with commas between them",
}


_WIRE_NAMES: Final = {"encryption_protocol": ("tlsEncryptionProtocol", "encryptionProtocol")}
"""Names that differ between the REST API and the Graph (api §12.6, graph §8)."""


def _camel(key: str) -> str:
    first, *rest = key.split("_")
    return first + "".join(word.capitalize() for word in rest)
