"""Built-in reports on where users connect from and how they sign in (api §15, portal §13)."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Final

from opencasb.activities.connected_apps import by_number
from opencasb.api.v1.report_rows import IS_ADMIN, SECURITY, USER_MANAGEMENT, Report, Row, recent, text
from opencasb.filters.field import column
from opencasb.filters.tree import AllOf, Node, OneOf
from opencasb.store.summaries import by_columns, by_value, with_own_values

if TYPE_CHECKING:
    from opencasb.app import Casb
    from opencasb.model.principal import Principal

_EVENT: Final = column("event_type")
_SIGNED_IN: Final = ("EVENT_CATEGORY_LOGIN", "EVENT_CATEGORY_SSO_LOGIN")
_FAILED: Final = "EVENT_CATEGORY_FAILED_LOGIN"


def _addresses(casb: Casb, principal: Principal, own: Node) -> Iterable[Row]:
    for group in by_value(casb.activities, principal.tenant_id, "ips", recent(casb, own), people="user_name"):
        address = text(group.value)
        yield address, {"ipAddress": address, "activities": group.records, "users": group.people}


def _of_administration(casb: Casb, principal: Principal, own: Node) -> Iterable[Row]:
    """Count the addresses that administrative activities came from."""
    return _addresses(casb, principal, AllOf((own, OneOf(IS_ADMIN, (True,)))))


def _remote(casb: Casb, principal: Principal, own: Node) -> Iterable[Row]:
    """Return the users who share none of their addresses with another user."""
    found = with_own_values(casb.activities, principal.tenant_id, "user_name", "ips", recent(casb, own))
    for user, activities, addresses in found:
        yield user, {"user": user, "activities": activities, "ipAddresses": addresses}


def _sign_ins(casb: Casb, principal: Principal, own: Node) -> Iterable[Row]:
    """Count each user's sign-ins per app, including failures and their percentage."""
    where = recent(casb, AllOf((own, OneOf(_EVENT, (*_SIGNED_IN, _FAILED)))))
    failed = OneOf(_EVENT, (_FAILED,))
    counted = by_columns(casb.activities, principal.tenant_id, ("user_name", "app_id"), where, failed)
    for user, app_id, attempts, failures in counted:
        app = by_number(app_id)
        data = {
            "user": text(user),
            "appId": app_id,
            "appName": app.name if app else f"App {app_id}",
            "attempts": attempts,
            "successful": attempts - failures,
            "failed": failures,
            "failedPercent": round(100 * failures / attempts, 1),
        }
        yield f"{text(user)}|{app_id}", data


REPORTS: Final = (
    Report("ip_usage", "IP Addresses", SECURITY, ("activities.view",), _addresses),
    Report("ip_admin_usage", "IP Addresses for Admins", SECURITY, ("activities.view",), _of_administration),
    Report("standalone_users", "Strictly Remote Users", SECURITY, ("activities.view",), _remote),
    Report("logins_rate", "User Logon", USER_MANAGEMENT, ("activities.view",), _sign_ins),
)
