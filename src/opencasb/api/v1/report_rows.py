"""Building blocks of the built-in reports: rows, and record conditions that several reports share (api §15)."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from opencasb.filters.field import Kind, column
from opencasb.filters.tree import AllOf, Node, Not, OneOf, Range, Within
from opencasb.model.derived_id import derived_id
from opencasb.model.durations import DAY
from opencasb.model.rights import permits

if TYPE_CHECKING:
    from opencasb.app import Casb
    from opencasb.model.principal import Principal

DAYS: Final = 30
"""How far back activity reports go, like the ordinary activity log (api §7.1)."""

MOST_ROWS: Final = 1_000

SECURITY: Final = "Security"
USER_MANAGEMENT: Final = "User Management"
DATA_MANAGEMENT: Final = "Data Management"

ACCOUNT: Final = 1
SUSPENDED_ACCOUNT: Final = 3
DELETED_ACCOUNT: Final = 4
IS_ADMIN: Final = column("is_admin", Kind.FLAG)
ENTITY_TYPE: Final = column("entity_type", Kind.INTEGER)
ENTITY_STATUS: Final = column("status", Kind.INTEGER)

_TIME: Final = column("timestamp", Kind.INTEGER)
_ACCESS: Final = column("access_level", Kind.INTEGER)
_FILE_STATUS: Final = column("file_status", Kind.INTEGER)
_IS_FOLDER: Final = column("is_folder", Kind.FLAG)
_DELETED_FILE: Final = 2
_REACHES_OUT: Final = (2, 3, 4)
"""Shared externally, with anyone who has the link, or on the internet (api §10.3)."""

Row = tuple[str, dict[str, Any]]  # row identifier, and JSON


@dataclass(frozen=True, slots=True)
class Report:
    """A report: ``operations`` are those the caller must be allowed, the counted records' own first.

    ``rows`` builds its content for a caller from the records that the caller may see.
    """

    code: str
    name: str
    category: str
    operations: tuple[str, ...]
    rows: Callable[[Casb, Principal, Node], Iterable[Row]]

    @property
    def report_id(self) -> str:
        """The id, identical in every installation."""
        return derived_id(0, "report", self.code)

    def is_for(self, principal: Principal) -> bool:
        """Return whether a caller may read the report."""
        return all(permits(principal, operation) for operation in self.operations)


def recent(casb: Casb, where: Node) -> Node:
    """Restrict activities to the last 30 days."""
    return AllOf((where, Within(_TIME, (Range(casb.clock() - DAYS * DAY, None),))))


def kept(where: Node) -> Node:
    """Restrict files to existing ones, without folders."""
    return AllOf((where, Not(OneOf(_FILE_STATUS, (_DELETED_FILE,))), OneOf(_IS_FOLDER, (False,))))


def reaching_out(where: Node) -> Node:
    """Restrict files to existing ones that are shared externally."""
    return kept(AllOf((where, OneOf(_ACCESS, _REACHES_OUT))))


def text(value: str | int | None) -> str:
    """Return a value as a row identifier."""
    return "" if value is None else str(value)
