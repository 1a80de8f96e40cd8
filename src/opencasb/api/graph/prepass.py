"""Preprocess the text of a ``$filter`` for the parser (graph §5.2, §5.3).

Clients paste filters with stray blanks, camel-case function names and enum literals, and compare dates with 0001-01-01,
which the parser only accepts quoted. Each repair works on tokens, so quoted text is never touched.
"""

from __future__ import annotations

import re
from typing import Final

from opencasb.api.graph.errors import BadRequest

LONGEST: Final = 8000
"""Maximum length of a filter, in characters."""

DEEPEST: Final = 50
"""Maximum nesting depth of a filter."""

FUNCTIONS: Final = frozenset({"contains", "startswith", "endswith", "tolower", "toupper"})
"""The functions that a filter may call."""

_DATE = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}(?:T[0-9]{2}:[0-9]{2}(?::[0-9]{2}(?:\.[0-9]+)?)?(?:Z|[+-][0-9]{2}:[0-9]{2})?)?"
)
_TOKEN = re.compile(rf"'(?:[^']|'')*'|\s+|{_DATE.pattern}(?![\w.$])|[\w.$]+|.", re.DOTALL)
_LAMBDAS = frozenset({"any", "all"})
_OPERATORS = frozenset({"and", "or", "not", "in", "eq", "ne", "lt", "le", "gt", "ge"})


def prepare(text: str) -> str:
    """Return the filter with blanks, function names, enum literals, dates and lists of one in the parser's form.

    Raises :class:`BadRequest` if the text is too long or too deeply nested.
    """
    if len(text) > LONGEST:
        raise BadRequest(f"The $filter has {len(text)} characters; at most {LONGEST} are allowed.")
    found = _without_enum_types(_TOKEN.findall(text))
    tokens = [f"'{token}'" if _DATE.fullmatch(token) else token for token in found if not token.isspace()]
    _check_depth(tokens)
    return _spaced(_with_list_commas([_in_lower_case(tokens, at) for at in range(len(tokens))]))


def _without_enum_types(tokens: list[str]) -> list[str]:
    """Drop a type name directly before quoted text: ``appCategory'marketing'`` becomes ``'marketing'``."""
    kept: list[str] = []
    for part in tokens:
        if part.startswith("'") and kept and _is_word(kept[-1]) and kept[-1].lower() not in _OPERATORS:
            kept.pop()
        kept.append(part)
    return kept


def _check_depth(tokens: list[str]) -> None:
    depth = 0
    for part in tokens:
        depth += (part == "(") - (part == ")")
        if depth > DEEPEST:
            raise BadRequest(f"The $filter has parentheses more than {DEEPEST} levels deep.")


def _in_lower_case(tokens: list[str], at: int) -> str:
    lower = tokens[at].lower()
    called = at + 1 < len(tokens) and tokens[at + 1] == "("
    return lower if lower in _OPERATORS or (called and lower in FUNCTIONS | _LAMBDAS) else tokens[at]


def _with_list_commas(tokens: list[str]) -> list[str]:
    """Turn ``in ('a')`` into ``in ('a',)``, by which the parser tells a one-element list from parentheses."""
    made: list[str] = []
    lone: list[bool] = []  # per open parenthesis: a list without a comma so far?
    for previous, part in zip(["", *tokens], tokens, strict=False):
        if part == "(":
            lone.append(previous == "in")
        elif part == "," and lone:
            lone[-1] = False
        elif part == ")" and lone and lone.pop():
            made.append(",")
        made.append(part)
    return made


def _spaced(tokens: list[str]) -> str:
    """Join tokens with blanks around operators and between words, but not around slashes, colons and parentheses."""
    made: list[str] = []
    for previous, part in zip(["", *tokens], tokens, strict=False):
        words = (_is_word(previous) or previous.startswith("'")) and (_is_word(part) or part.startswith("'"))
        if made and (words or previous in _OPERATORS or part in _OPERATORS):
            made.append(" ")
        made.append(part)
    return "".join(made)


def _is_word(part: str) -> bool:
    return re.fullmatch(r"[\w.$]+", part) is not None
