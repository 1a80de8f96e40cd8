"""Detect outdated versions of browsers and operating systems (connectors §6.3).

The verdict depends only on the shipped tables, not on the clock, so a client always gets the same tags.
"""

from __future__ import annotations

from datetime import date
from functools import cache
from typing import Final

from opencasb.activities.data_files import table

MOST_MAJORS: Final = 4
MOST_DAYS: Final = 365

# The last version of Internet Explorer is not current: Edge has replaced it.
_SUCCESSORS: Final = {"IE": "Edge"}


def is_outdated_browser(family: str, major: str) -> bool:
    """Return whether four newer majors are out, or the newest came out a year later; False for unknown browsers."""
    releases = _releases().get(_SUCCESSORS.get(family, family))
    if not releases or not _is_number(major):
        return False
    number = int(major)
    later = sum(1 for each in releases if each > number)
    newest = releases[max(releases)]
    known = [released for each, released in releases.items() if each <= number]
    return later >= MOST_MAJORS or not known or (newest - max(known)).days >= MOST_DAYS


def is_outdated_system(family: str, version: str) -> bool:
    """Return whether a version of an operating system, such as ``10.14.6``, no longer receives security updates.

    A version matches the table entry that is a prefix of it; one older than all entries is outdated, too. Unknown ones
    are not outdated.
    """
    ended = _ended().get(family)
    if not ended or not version:
        return False
    parts = version.split(".")
    if any(".".join(parts[:length]) in ended for length in range(1, len(parts) + 1)):
        return True
    oldest = min((tuple(map(int, each.split("."))) for each in ended if _is_number(each.replace(".", ""))), default=())
    return all(map(_is_number, parts)) and tuple(map(int, parts)) < oldest


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdecimal() and len(text) < 10


@cache
def _releases() -> dict[str, dict[int, date]]:
    found: dict[str, dict[int, date]] = {}
    for row in table("browser_releases.csv"):
        found.setdefault(row["browser"], {})[int(row["major"])] = date.fromisoformat(row["released"])
    return found


@cache
def _ended() -> dict[str, frozenset[str]]:
    found: dict[str, set[str]] = {}
    for row in table("ended_operating_systems.csv"):
        found.setdefault(row["family"], set()).add(row["version"])
    return {family: frozenset(versions) for family, versions in found.items()}
