"""What is wrong with a filter.

::

    InvalidFilter(ValueError)       the whole filter: a list of problems
        Problem                     one of them: an unknown filter, or a value that does not fit

"""

from __future__ import annotations

from dataclasses import dataclass

_SHOWN = 100
_MOST = 20


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing wrong. ``unknown`` is the filter (or ``filter.operator``) that does not exist, else ``value`` is bad.

    ``text`` is a sentence for people that names filter, value and what is allowed.
    """

    text: str
    value: str = ""
    unknown: str = ""


class InvalidFilter(ValueError):
    """The filter cannot be used; ``problems`` says why (the first twenty)."""

    def __init__(self, *problems: Problem) -> None:
        self.problems = problems[:_MOST]
        super().__init__("; ".join(problem.text for problem in self.problems))

    @property
    def only_unknown(self) -> bool:
        """Whether nothing but unknown filters and operators is wrong."""
        return all(problem.unknown for problem in self.problems)


def shown(value: object) -> str:
    """Return a hostile value as short text for an error."""
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
