"""Errors in a filter.

::

    InvalidFilter(ValueError)       the whole filter: a list of problems
        Problem                     one of them: an unknown filter, or an invalid value

"""

from __future__ import annotations

import msgspec

_SHOWN = 100
_MOST = 20


class Problem(msgspec.Struct, frozen=True):
    """One problem: ``unknown`` is a filter (or ``filter.operator``) that does not exist, else ``value`` is invalid.

    ``text`` is human-readable and names the filter, the value and what is allowed.
    """

    text: str
    value: str = ""
    unknown: str = ""


class InvalidFilter(ValueError):
    """The filter is invalid; ``problems`` says why (at most twenty)."""

    def __init__(self, *problems: Problem) -> None:
        self.problems = problems[:_MOST]
        super().__init__("; ".join(problem.text for problem in self.problems))

    @property
    def only_unknown(self) -> bool:
        """Whether all problems are unknown filters or operators."""
        return all(problem.unknown for problem in self.problems)


def shown(value: object) -> str:
    """Return an untrusted value as short text for an error message."""
    text = value if isinstance(value, str) else _json_word(value)
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]}…"


def _json_word(value: object) -> str:
    match value:
        case None:
            return "null"
        case bool():
            return str(value).lower()
        case int() | float():
            return repr(value) if abs(value) < 1e30 else "a very large number"
        case list():
            return "a list"
        case _:
            return "an object"
