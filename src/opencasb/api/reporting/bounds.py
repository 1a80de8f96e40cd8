"""The bounds of a ``$filter``: conditions on days, periods and streams also limit what is read from the lake.

The filter itself is then applied to every row, so bounds that are too wide do no harm.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING, Final

from odata_query import ast
from odata_query.grammar import ODataLexer, ODataParser

from opencasb.api.graph.edm import Primitive, Property
from opencasb.api.graph.literals import text_of, value_for
from opencasb.api.graph.prepass import prepare
from opencasb.model.durations import DAY
from opencasb.reporting.reader import Wanted

if TYPE_CHECKING:
    from odata_query.ast import _Node as Node

_DAYS: Final = ("asofdate", "timegenerated")
_EPOCH: Final = date(1970, 1, 1)
_MIRRORED: Final[dict[type, type]] = {ast.Lt: ast.Gt, ast.LtE: ast.GtE, ast.Gt: ast.Lt, ast.GtE: ast.LtE}


@dataclass(frozen=True, slots=True)
class Bounds:
    """Upper bounds on what a filter matches; None is unbounded. Both days are inclusive."""

    first: date | None = None
    last: date | None = None
    periods: frozenset[str] | None = None
    stream_ids: frozenset[str] | None = None

    def both(self, other: Bounds) -> Bounds:
        """Return the bounds of the conjunction of two filters."""
        return Bounds(
            max((each for each in (self.first, other.first) if each), default=None),
            min((each for each in (self.last, other.last) if each), default=None),
            _common(self.periods, other.periods),
            _common(self.stream_ids, other.stream_ids),
        )

    def either(self, other: Bounds) -> Bounds:
        """Return the bounds of the disjunction of two filters."""
        return Bounds(
            min(self.first, other.first) if self.first and other.first else None,
            max(self.last, other.last) if self.last and other.last else None,
            None if self.periods is None or other.periods is None else self.periods | other.periods,
            None if self.stream_ids is None or other.stream_ids is None else self.stream_ids | other.stream_ids,
        )


def narrowed(wanted: Wanted, text: str) -> Wanted:
    """Return ``wanted`` restricted to the bounds of a ``$filter`` that :func:`.conditions.condition` has accepted."""
    if not text:
        return wanted
    given = Bounds(wanted.first, wanted.last, wanted.periods, wanted.stream_ids)
    found = given.both(_bounds(ODataParser().parse(ODataLexer().tokenize(prepare(text)))))
    return Wanted(found.first, found.last, found.periods, found.stream_ids, wanted.newest, wanted.users)


def _bounds(node: Node) -> Bounds:
    match node:
        case ast.BoolOp(op=ast.And()):
            return _bounds(node.left).both(_bounds(node.right))
        case ast.BoolOp(op=ast.Or()):
            return _bounds(node.left).either(_bounds(node.right))
        case ast.Compare(comparator=ast.In(), right=ast.List(val=members)) if members:
            found = [_compared(ast.Eq, node.left, each) for each in members]
            return _any(found)
        case ast.Compare(left=ast.Identifier()):
            return _compared(type(node.comparator), node.left, node.right)
        case ast.Compare(left=left, right=ast.Identifier()) if not isinstance(left, ast.UnaryOp):  # `not` binds to it
            kind = type(node.comparator)
            return _compared(_MIRRORED.get(kind, kind), node.right, node.left)
    return Bounds()


def _any(bounds: Sequence[Bounds]) -> Bounds:
    found = bounds[0]
    for each in bounds[1:]:
        found = found.either(each)
    return found


def _compared(comparator: type, left: Node, right: Node) -> Bounds:
    name = left.name.lower() if isinstance(left, ast.Identifier) else ""
    if isinstance(right, ast.Null):
        return Bounds()
    if name in _DAYS:
        moment = value_for(name, Property(name, Primitive.INSTANT), right)
        return _between(comparator, int(moment or 0))
    text = text_of(right)
    if comparator is ast.Eq and text is not None and name == "period":
        return Bounds(periods=frozenset({text.upper()}))
    if comparator is ast.Eq and text is not None and name == "streamid":
        return Bounds(stream_ids=frozenset({text.lower()}))
    return Bounds()


def _between(comparator: type, moment: int) -> Bounds:
    """Return the days whose midnight satisfies the comparison with ``moment`` (ms)."""
    before, at_or_after = _day(moment // DAY), _day(-(-moment // DAY))
    if comparator is ast.Eq:
        return Bounds(at_or_after, before)
    if comparator is ast.GtE:
        return Bounds(first=at_or_after)
    if comparator is ast.Gt:
        return Bounds(first=_day(moment // DAY + 1))
    if comparator is ast.LtE:
        return Bounds(last=before)
    if comparator is ast.Lt:
        return Bounds(last=_day(-(-moment // DAY) - 1))
    return Bounds()


def _day(number: int) -> date:
    least, most = (date.min - _EPOCH).days, (date.max - _EPOCH).days
    return _EPOCH + timedelta(days=min(max(number, least), most))


def _common(one: frozenset[str] | None, other: frozenset[str] | None) -> frozenset[str] | None:
    if one is None or other is None:
        return one if other is None else other
    return one & other
