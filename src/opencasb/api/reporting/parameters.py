"""A request for report data, independent of HTTP, and our own query parameters."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Final
from urllib.parse import unquote_plus

from opencasb.api.graph.errors import BadRequest, Forbidden, quoted
from opencasb.reporting.reader import Reader, Wanted
from opencasb.reporting.schema import PERIODS, Table

if TYPE_CHECKING:
    from opencasb.reporting.tables import ReportTables

PAGE: Final = "page"
USERS: Final = "users"
EXPORT: Final = ("from", "to", "period", USERS, "raw", "bom")

_FLAGS: Final = {"1": True, "true": True, "0": False, "false": False}


@dataclass(frozen=True, slots=True)
class ReportRequest:
    """A request: ``path`` is the undecoded rest of the path, ``base`` the public URL that links start with."""

    tables: ReportTables
    reader: Reader
    base: str
    path: str
    query: str
    accept: str = ""


def name_of(part: str) -> str:
    """Return the lower-case name of an undecoded part of a query."""
    return unquote_plus(part.partition("=")[0], errors="replace").strip().lower()


def read(query: str) -> Mapping[str, str]:
    """Return the decoded parameters by name. Raises :class:`BadRequest` if one is repeated."""
    found: dict[str, str] = {}
    for part in filter(None, query.split("&")):
        name = name_of(part)
        if name in found:
            raise BadRequest(f"The parameter {quoted(name)} is given more than once.")
        found[name] = unquote_plus(part.partition("=")[2], errors="replace").strip()
    return found


def page(asked: ReportRequest) -> str:
    """Return the cursor text of a link, empty for the first page."""
    return read(asked.query).get(PAGE, "")


def users(asked: ReportRequest) -> bool:
    """Return whether users are requested. Raises :class:`Forbidden` if the reader may not see them."""
    wanted = flag(read(asked.query), USERS)
    if wanted and not asked.reader.sees_users:
        raise Forbidden("The caller has insufficient privileges: this credential does not show users and addresses.")
    return wanted


def flag(given: Mapping[str, str], name: str) -> bool:
    """Return a Boolean parameter, by default false. Raises :class:`BadRequest`."""
    text = given.get(name, "false").lower()
    if text not in _FLAGS:
        raise BadRequest(f"The parameter '{name}' must be 1, true, 0 or false; found {quoted(text)}.")
    return _FLAGS[text]


def only(given: Mapping[str, str], allowed: Collection[str]) -> None:
    """Refuse unknown parameters: a misspelt filter must not return a whole table. Raises :class:`BadRequest`."""
    for name in given:
        if name not in allowed:
            raise BadRequest(f"The parameter {quoted(name)} is unknown; allowed: {', '.join(allowed)}.")


def wanted(asked: ReportRequest, table: Table) -> Wanted:
    """Return the part of a table that ``from``, ``to``, ``period`` and ``users`` select. Raises :class:`BadRequest`."""
    given = read(asked.query)
    for name in ("from", "to") if not table.is_dated else ():
        if name in given:
            raise BadRequest(f"The parameter '{name}' cannot be applied to {table.name}, which has no days.")
    if "period" in given and not table.has_periods:
        raise BadRequest(f"The parameter 'period' cannot be applied to {table.name}, which has no periods.")
    return Wanted(first=_day(given, "from"), last=_day(given, "to"), periods=_period(given), users=users(asked))


def _day(given: Mapping[str, str], name: str) -> date | None:
    if name not in given:
        return None
    try:
        return date.fromisoformat(given[name])
    except ValueError:
        raise BadRequest(
            f"The parameter '{name}' must be a day such as 2025-11-20; found {quoted(given[name])}."
        ) from None


def _period(given: Mapping[str, str]) -> frozenset[str] | None:
    if "period" not in given:
        return None
    text = given["period"].upper()
    if text not in PERIODS:
        raise BadRequest(
            f"The parameter 'period' must be one of {', '.join(PERIODS)}; found {quoted(given['period'])}."
        )
    return frozenset({text})
