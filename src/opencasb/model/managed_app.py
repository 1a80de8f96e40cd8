"""The applications that a company says it manages, as its own list has them."""

from __future__ import annotations

import msgspec


class ManagedApp(msgspec.Struct, frozen=True, kw_only=True):
    """One application of the list: known by an app number, by domains, or both.

    ``yearly_cost`` is a decimal number as it was given (``1200.50``), empty when it is not known: its currency is the
    company's own affair.
    """

    name: str
    app_id: int | None = None
    domains: tuple[str, ...] = ()
    owner: str = ""
    yearly_cost: str = ""
