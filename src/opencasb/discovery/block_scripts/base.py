"""What a block script is: the one interface through which our appliances and those of others are registered."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Final

PREFIX: Final = "CASB_BLOCK"
"""Begins the name of every object that a script makes on an appliance."""


@dataclass(frozen=True, slots=True)
class Appliance:
    """An appliance that can be told to block domains.

    ``format_id`` is the number in the API (api §13) and ``name`` the appliance's name there. ``lines`` takes at least
    one host name, all checked, lower case, unique and sorted, and returns the lines of the script.
    """

    format_id: int
    name: str
    lines: Callable[[Sequence[str]], Iterable[str]]
