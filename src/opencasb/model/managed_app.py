"""The applications that a company manages, according to its own list."""

from __future__ import annotations

import msgspec


class ManagedApp(msgspec.Struct, frozen=True, kw_only=True):
    """One application of the list, identified by an app number, by domains, or both.

    ``yearly_cost`` is a decimal number as given (``1200.50``), empty if unknown; the currency is left to the company.
    """

    name: str
    app_id: int | None = None
    domains: tuple[str, ...] = ()
    owner: str = ""
    yearly_cost: str = ""
