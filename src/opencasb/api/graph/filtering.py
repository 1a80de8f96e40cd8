"""``$filter``: compile the client's text to a condition on rows (graph §5.2).

Parsing is odata-query's; the semantics are defined here. A filter can only name the properties of the resource, and its
condition applies to rows that are already restricted to tenant, stream and caller: it can only narrow.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Final, cast

import polars as pl
from odata_query import ast
from odata_query.ast import _BoolOpToken as BoolOpToken
from odata_query.ast import _Comparator as ComparatorNode
from odata_query.ast import _Node as Node
from odata_query.exceptions import ODataException
from odata_query.grammar import ODataLexer, ODataParser

from opencasb.api.graph import comparisons
from opencasb.api.graph.comparisons import Comparator, Operand, TextFunction
from opencasb.api.graph.errors import BadRequest, quoted
from opencasb.api.graph.literals import text_of, value_for, word
from opencasb.api.graph.prepass import DEEPEST, FUNCTIONS, prepare

MOST_TERMS: Final = 200
"""Maximum number of comparisons, function calls and list members in one filter."""

Resolve = Callable[[str], Operand | None]
"""Finds the property that a path such as ``appInfo/vendor`` denotes; None if there is none."""

_COMPARATORS: Final[dict[type[ComparatorNode], Comparator]] = {
    ast.Eq: "eq",
    ast.NotEq: "ne",
    ast.Lt: "lt",
    ast.LtE: "le",
    ast.Gt: "gt",
    ast.GtE: "ge",
}


def condition(text: str, resolve: Resolve) -> pl.Expr:
    """Return the condition of a filter. Raises :class:`BadRequest` naming what cannot be parsed or compared."""
    return _Reader(resolve, [0]).truth(_parsed(prepare(text)), depth=0)


def _parsed(text: str) -> Node:
    try:
        tree = ODataParser().parse(ODataLexer().tokenize(text))
    except ODataException as error:
        raise BadRequest(f"The $filter cannot be read: {_problem(error, text)}.") from error
    except Exception as error:  # whatever trips the parser comes from the client's text
        raise BadRequest(f"The $filter cannot be read: {quoted(text)}.") from error
    if tree is None:
        raise BadRequest("The $filter is empty.")
    return cast("Node", tree)


def _problem(error: ODataException, text: str) -> str:
    token = getattr(error, "token", None)
    if token is not None:
        return f"unexpected {quoted(text[token.index :].strip())}"
    if hasattr(error, "function_name"):
        return f"{str(error).rstrip('.')}; allowed functions are {', '.join(sorted(FUNCTIONS))}"
    return "it ends too early"


@dataclass(frozen=True, slots=True)
class _Reader:
    """Turns nodes into conditions; ``terms`` holds the number of terms so far, shared with nested readers."""

    resolve: Resolve
    terms: list[int]

    def truth(self, node: Node, depth: int) -> pl.Expr:
        """Return the condition of a Boolean node."""
        if depth > DEEPEST:
            raise BadRequest(f"The $filter is nested more than {DEEPEST} levels deep.")
        match node:
            case ast.BoolOp() | ast.UnaryOp(op=ast.Not()):
                return self._joined(node, depth + 1)
            case ast.Compare():
                return self._comparison(node, depth + 1)
            case ast.Call():
                return self._call(node)
            case ast.CollectionLambda():
                return self._lambda(node, depth + 1)
        return self._plain(node)

    def _joined(self, node: ast.BoolOp | ast.UnaryOp, depth: int) -> pl.Expr:
        if isinstance(node, ast.UnaryOp):
            return ~self.truth(node.operand, depth)
        parts = [self.truth(part, depth) for part in _chain(node, type(node.op))]
        return pl.all_horizontal(parts) if isinstance(node.op, ast.And) else pl.any_horizontal(parts)

    def _comparison(self, node: ast.Compare, depth: int) -> pl.Expr:
        match node:
            case ast.Compare(left=ast.UnaryOp(op=ast.Not()) as negated):  # the parser binds `not` to the left side
                return ~self.truth(ast.Compare(node.comparator, negated.operand, node.right), depth)
            case ast.Compare(comparator=ast.Eq() | ast.NotEq(), right=ast.Boolean(val=val)) if _is_test(node.left):
                found = self.truth(node.left, depth)
                return found if (val.lower() == "true") == isinstance(node.comparator, ast.Eq) else ~found
            case ast.Compare(comparator=ast.In(), right=ast.List(val=members)):
                return pl.any_horizontal([self._term(self._operand(node.left), "eq", each) for each in members])
        comparator = _COMPARATORS[type(node.comparator)]
        if _path(node.left) is None and self._found(node.right) is not None:
            return self._term(self._operand(node.right), comparisons.MIRRORED[comparator], node.left)
        return self._term(self._operand(node.left), comparator, node.right)

    def _term(self, left: Operand, comparator: Comparator, node: Node) -> pl.Expr:
        self._count()
        value = value_for(left.name, left.declared, _without_case(node))
        return comparisons.compare(left, comparator, value)

    def _call(self, node: ast.Call) -> pl.Expr:
        name = word(node.func)
        if name not in {"contains", "startswith", "endswith"}:
            raise _unusable(name)
        self._count()
        text = text_of(_without_case(node.args[1]))
        if text is None:
            raise BadRequest(f"The second argument of '{name}' must be text.")
        return comparisons.text_function(cast("TextFunction", name), self._operand(node.args[0], by_text=True), text)

    def _lambda(self, node: ast.CollectionLambda, depth: int) -> pl.Expr:
        owner = self._operand(node.owner)
        if not owner.declared.collection:
            raise BadRequest(f"The property '{owner.name}' is not a collection, so any and all cannot be used on it.")
        self._count()
        if node.lambda_ is None:
            return owner.values.list.len().fill_null(0) > 0
        variable = word(node.lambda_.identifier).lower()
        inner = _Reader(lambda path: owner.element() if path.lower() == variable else None, self.terms)
        held = inner.truth(node.lambda_.expression, depth)
        if isinstance(node.operator, ast.Any):
            return comparisons.any_element(owner, held)
        return comparisons.every_element(owner, held)

    def _plain(self, node: Node) -> pl.Expr:
        """Return the condition of a node that is Boolean by itself: a literal or a Boolean property."""
        if isinstance(node, ast.Boolean):
            return pl.lit(node.py_val)
        if _path(node) is None:
            raise BadRequest("The $filter must be a condition such as displayName eq 'Dropbox'.")
        found = self._operand(node)
        if found.is_text:
            raise BadRequest(f"The property '{found.name}' in the $filter is compared with nothing.")
        return self._term(found, "eq", ast.Boolean("true"))

    def _operand(self, node: Node, *, by_text: bool = False) -> Operand:
        node = _without_case(node)
        # Public examples quote the property: contains('tags', 'monitor').
        path = node.val if by_text and isinstance(node, ast.String) else _path(node)
        if isinstance(node, ast.Call):
            raise _unusable(word(node.func))
        if path is None:
            raise BadRequest("Each term of a $filter must begin with the name of a property.")
        found = self.resolve(path)
        if found is None:
            raise BadRequest(f"The property {quoted(path)} in the $filter does not exist on this resource.")
        return found

    def _found(self, node: Node) -> Operand | None:
        path = _path(_without_case(node))
        return None if path is None else self.resolve(path)

    def _count(self) -> None:
        self.terms[0] += 1
        if self.terms[0] > MOST_TERMS:
            raise BadRequest(f"The $filter has more than {MOST_TERMS} terms.")


def _unusable(function: str) -> BadRequest:
    allowed = ", ".join(sorted(FUNCTIONS))
    return BadRequest(f"The function {quoted(function)} cannot be used here; allowed functions are {allowed}.")


def _chain(node: ast.BoolOp, op: type[BoolOpToken]) -> Iterator[Node]:
    """Yield the members of ``a and b and c`` in any order; the parser nests them one level each."""
    waiting: list[Node] = [node]
    while waiting:
        match waiting.pop():
            case ast.BoolOp(op=found, left=left, right=right) if isinstance(found, op):
                waiting += [left, right]
            case other:
                yield other


def _path(node: Node) -> str | None:
    names: list[str] = []
    while isinstance(node, ast.Attribute):
        names.append(node.attr)
        node = node.owner
    return "/".join([word(node), *reversed(names)]) if isinstance(node, ast.Identifier) else None


def _without_case(node: Node) -> Node:
    """Return the argument of ``tolower(x)``: text comparison ignores case anyway."""
    while isinstance(node, ast.Call) and word(node.func) in {"tolower", "toupper"}:
        node = node.args[0]
    return node


def _is_test(node: Node) -> bool:
    if isinstance(node, ast.Call):
        return word(node.func) not in {"tolower", "toupper"}
    return isinstance(node, ast.BoolOp | ast.Compare | ast.CollectionLambda)
