"""Block scripts: the domains of the unsanctioned apps in an appliance's own language (api §13).

Each appliance has its own file, with an :class:`~opencasb.discovery.block_scripts.base.Appliance` registered under the
entry point group ``opencasb.block_scripts``. Scripts are pasted into firewalls, so only strict host names get into one,
whatever their source; :func:`refused` lists what was left out.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from functools import cache
from importlib.metadata import entry_points
from typing import TYPE_CHECKING, Final

from opencasb.model.host_name import host_name

if TYPE_CHECKING:
    from opencasb.discovery.block_scripts.base import Appliance

GROUP: Final = "opencasb.block_scripts"


class UnknownFormat(ValueError):
    """No block script has that format id; the message names the allowed ones."""


def formats() -> dict[int, str]:
    """Return format id → name of the appliance."""
    return {number: each.name for number, each in _appliances().items()}


def render(format_id: int, domains: Iterable[str]) -> str:
    """Return the script that blocks ``domains``: LF line ends, one at the end; empty if there are none to block.

    Raises :class:`UnknownFormat`.
    """
    appliance = _appliance(format_id)
    names = sorted({name for domain in domains if (name := host_name(domain)) is not None})
    # No script around nothing: an ASA refuses an empty group, and a rule on an empty category baffles its reader.
    return "".join(f"{line}\n" for line in appliance.lines(names)) if names else ""


def refused(domains: Iterable[str]) -> list[str]:
    """Return those of ``domains`` that :func:`render` leaves out, unchanged, unique and sorted."""
    return sorted({domain for domain in domains if host_name(domain) is None})


def filename(format_id: int, day: date) -> str:
    """Return the file name of the download: ``2025-11-20_CAS_Cisco_ASA_block_script.txt``.

    Raises :class:`UnknownFormat`.
    """
    return f"{day.isoformat()}_CAS_{_appliance(format_id).name.replace(' ', '_')}_block_script.txt"


def _appliance(format_id: int) -> Appliance:
    found = _appliances().get(format_id)
    if found is None:
        allowed = ", ".join(f"{number} ({each.name})" for number, each in _appliances().items())
        raise UnknownFormat(f"block script format {format_id!r} is unknown; allowed: {allowed}")
    return found


@cache
def _appliances() -> dict[int, Appliance]:
    loaded: list[Appliance] = [entry.load() for entry in entry_points(group=GROUP)]
    return {each.format_id: each for each in sorted(loaded, key=lambda each: each.format_id)}
