"""The interface through which built-in and third-party appliances for block scripts are registered."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Final

PREFIX: Final = "CASB_BLOCK"
"""Prefix of every object name that a script creates on an appliance."""


@dataclass(frozen=True, slots=True)
class Appliance:
    """An appliance that can be told to block domains.

    ``format_id`` is the number in the API (api §13) and ``name`` the appliance's name there. ``lines`` takes one or
    more host names, validated, lower case, unique and sorted, and returns the lines of the script.
    """

    format_id: int
    name: str
    lines: Callable[[Sequence[str]], Iterable[str]]
