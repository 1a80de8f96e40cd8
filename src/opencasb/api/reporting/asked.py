"""A request for report data as the feed and the export see it: admitted, and without HTTP around it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from opencasb.reporting.reader import Reader

if TYPE_CHECKING:
    from opencasb.reporting.tables import ReportTables


@dataclass(frozen=True, slots=True)
class Asked:
    """A request: ``path`` is the undecoded rest of the address, ``base`` the public one that links begin with."""

    tables: ReportTables
    reader: Reader
    base: str
    path: str
    query: str
    accept: str = ""
