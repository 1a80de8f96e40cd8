"""Alerts: list, single alert, and read status (api §8.2, §8.5, §8.6)."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Any, Final

import msgspec

from opencasb.api.v1 import record_list
from opencasb.api.v1.call import Call, Reply
from opencasb.api.v1.errors import NotFound, or_not_found
from opencasb.api.v1.lists import Sorting
from opencasb.api.v1.routes import Route
from opencasb.filters.field import RECORD_ID
from opencasb.filters.fields import ALERTS
from opencasb.filters.tree import AllOf, Node, OneOf
from opencasb.governance.alert_handling import AlertHandling, Chosen
from opencasb.governance.visibility import OF_DISCOVERY, visible
from opencasb.store.alerts import Alerts

if TYPE_CHECKING:
    from opencasb.app import Casb
    from opencasb.model.principal import Principal
    from opencasb.store.records import Row

SORTING: Final = Sorting(
    {"date": "timestamp", "severity": "severity_rank", "status": "resolution_status"}, default="date", small_scans=True
)

CHOICES: Final = frozenset({"severity", "resolutionStatus"})
"""Filters for which a list call may choose no value."""


class LinkedAlerts(Alerts):
    """Alerts whose documents include ``URL``, the address of their page on this server (api §1.1, §8.3)."""

    def __init__(self, alerts: Alerts, base_url: str) -> None:
        super().__init__(alerts.database)
        self._base_url = base_url

    def page(self, *given: Any, **named: Any) -> list[Row]:  # as of Records.page
        """Return a page as :meth:`Records.page` does."""
        rows = super().page(*given, **named)
        return [dataclasses.replace(row, document=self._linked(row)) for row in rows]

    def _linked(self, row: Row) -> bytes:
        """Append the key to a stored document without parsing it; the document is non-empty and never has this key."""
        link = msgspec.json.encode(f"{self._base_url}/#/alerts/{row.record_id}")
        return row.document[:-1] + b',"URL":' + link + b"}"


def list_alerts(casb: Casb, call: Call) -> Reply:
    """Return a page of alerts, by default the newest first; a filter for a user also matches the user's accounts."""
    linked, own = LinkedAlerts(casb.alerts, call.base_url), scope(casb, call.principal)
    widen = with_accounts(casb, call)
    return record_list.answer(casb, call, linked, ALERTS, SORTING, own, lambda given: widen(_without_no_choice(given)))


def one_alert(casb: Casb, call: Call) -> Reply:
    """Return one alert without marking it as read."""
    where = AllOf((scope(casb, call.principal), OneOf(RECORD_ID, (asked_alert(call),))))
    linked = LinkedAlerts(casb.alerts, call.base_url)
    rows = linked.page(call.tenant_id, where, order="timestamp", ascending=True, limit=1)
    return Reply(or_not_found(rows)[0].document, "application/json")


def mark(casb: Casb, call: Call, *, read: bool) -> dict[str, Any]:  # JSON
    """Mark an alert as read or unread."""
    chosen = Chosen.one(asked_alert(call), scope(casb, call.principal))
    if handling(casb).mark(call.tenant_id, chosen, read=read).missing:
        raise NotFound
    return {}


def scope(casb: Casb, principal: Principal, *permissions: str) -> Node:
    """Return the condition for the alerts a caller may access: with discovery rights only, discovery alerts (api §2.3).

    ``permissions``: any of these opens every alert; by default those for viewing. A scoped role sees only its own
    alerts.
    """
    own = visible(principal, "alerts", casb.database)
    if principal.may(*(permissions or ("investigation.read", "investigation.manage"))):
        return own
    return AllOf((OF_DISCOVERY, own))


def with_accounts(casb: Casb, call: Call) -> Callable[[Node], Node]:
    """Return the rewrite that makes a filter for a user also match the user's accounts (api §6.6)."""
    within = record_list.own(casb, call, casb.entities)
    return casb.entities.with_accounts(call.tenant_id, "entities", within=within)


def _without_no_choice(given: Node) -> Node:
    """Return the filters of a list without ``eq []`` on :data:`CHOICES`.

    A connector sends that if its user, who may choose severities, chose none, and expects alerts of any severity.
    Nothing but lists is read so: an empty choice closes nothing.
    """
    if not isinstance(given, AllOf):
        return given
    chosen = [each for each in given.nodes if not _is_no_choice(each)]
    return AllOf(tuple(chosen))


def _is_no_choice(node: Node) -> bool:
    return isinstance(node, OneOf) and node.field.name in CHOICES and not node.values and not node.or_empty


def asked_alert(call: Call) -> str:
    """Return the id of the alert in the path."""
    return call.segment("alert_id").lower()


def handling(casb: Casb) -> AlertHandling:
    """Return the service that changes alerts."""
    return AlertHandling(casb.alerts, casb.activities, casb.clock, casb.tenants.guid)


ROUTES: Final = (
    Route("alerts", "alerts.view", {"GET": list_alerts, "POST": list_alerts}),
    Route("alerts/<alert_id>", "alerts.view", {"GET": one_alert, "POST": one_alert}),
    Route("alerts/<alert_id>/read", "alerts.mark", {"POST": partial(mark, read=True)}),
    Route("alerts/<alert_id>/unread", "alerts.mark", {"POST": partial(mark, read=False)}),
)
