"""Authorization: every route with every single permission and every role, compared with the matrix of api §2.3.

The matrix is copied from the contract; nothing in it is read from the product.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Final, NamedTuple

import pytest

from opencasb.api.v1.resources import ROUTES
from opencasb.model.roles import Role
from tests.conformance.conftest import Shop

SCOPES: Final = {
    "IR": "Investigation.read",
    "IM": "Investigation.manage",
    "DR": "Discovery.read",
    "DM": "Discovery.manage",
    "SR": "Settings.read",
    "SM": "Settings.manage",
}
FULL: Final = {Role.GLOBAL_ADMINISTRATOR, Role.SECURITY_ADMINISTRATOR, Role.CLOUD_APP_SECURITY_ADMINISTRATOR}
COMPLIANCE: Final = {Role.COMPLIANCE_ADMINISTRATOR, Role.COMPLIANCE_DATA_ADMINISTRATOR}
READERS: Final = FULL | COMPLIANCE | {Role.SECURITY_OPERATOR, Role.SECURITY_READER, Role.GLOBAL_READER}
POWER_BI: Final = {Role.POWER_BI_ADMINISTRATOR}
DISCOVERERS: Final = {Role.CLOUD_DISCOVERY_GLOBAL_ADMIN, Role.CLOUD_DISCOVERY_REPORT_ADMIN}
OF_RECORDS: Final = {Role.APP_INSTANCE_ADMIN, Role.USER_GROUP_ADMIN}
"""Administrators of some records; ``test_scoped_roles`` tests which records they get."""
APP_ADMIN: Final = {Role.APP_INSTANCE_ADMIN}


class Row(NamedTuple):
    """One row of the matrix: the permissions and roles with access to some routes."""

    scopes: str
    roles: set[Role]
    routes: str
    """``METHOD,METHOD path``, one per line."""


MATRIX: Final = [
    Row(
        "IR IM",
        READERS | OF_RECORDS,
        """GET,POST activities
        GET,POST activities/<activity_id>
        GET,POST activities_kusto
        GET,POST activities_kusto/<activity_id>
        POST activities/<activity_id>/feedback
        GET,POST autocomplete/activity-types
        GET,POST activities_locations/by_user
        GET,POST entities
        GET,POST entities/<entity_pk>
        GET,POST entities/<entity_pk>/retrieve_tree
        GET,POST entities/<entity_pk>/tree
        GET,POST user_tags""",
    ),
    Row(
        "IR IM",
        READERS | POWER_BI | APP_ADMIN,
        """GET,POST files
        GET,POST files/<file_id>
        GET,POST app_permissions""",
    ),
    Row(
        "IR IM",
        READERS | POWER_BI | OF_RECORDS,
        """GET,POST policies
        GET,POST policies/<policy_id>
        GET,POST policies/<policy_type>/<policy_id>
        GET,POST reports
        GET,POST reports/<target>""",
    ),
    Row(
        "IR IM DR DM",
        READERS | POWER_BI | DISCOVERERS | OF_RECORDS,
        """GET,POST alerts
        GET,POST alerts/<alert_id>
        POST alerts/<alert_id>/read
        POST alerts/<alert_id>/unread
        GET,POST governance
        GET,POST governance/<task_id>""",
    ),
    Row(
        "IM DM",
        FULL | COMPLIANCE | POWER_BI | OF_RECORDS | {Role.SECURITY_OPERATOR, Role.CLOUD_DISCOVERY_GLOBAL_ADMIN},
        """POST alerts/close_benign
        POST alerts/close_false_positive
        POST alerts/close_true_positive
        POST alerts/dismiss_bulk
        POST alerts/resolve
        POST alerts/reopen
        POST alerts/<alert_id>/close_benign
        POST alerts/<alert_id>/close_false_positive
        POST alerts/<alert_id>/close_true_positive
        POST alerts/<alert_id>/dismiss""",
    ),
    Row(
        "IR IM SR SM",
        FULL | COMPLIANCE | {Role.GLOBAL_READER},
        """GET,POST subnet
        GET subnet/<range_id>""",
    ),
    Row(
        "IM SM",
        FULL,
        """POST subnet/create_rule
        POST subnet/<range_id>/update_rule
        POST,DELETE subnet/<range_id>""",
    ),
    Row(
        "DR DM",
        READERS | DISCOVERERS,
        """GET discovery/streams
        GET,POST discovery
        GET,POST discovery/discovered_apps
        GET,POST discovery/discovered_apps/categories
        GET,POST discovery/discovered_apps/tags
        GET,POST discovery/discovered_apps/<app_id>
        GET,POST discovery/app_catalog
        GET,POST discovery/app_tags
        GET discovery/custom_apps
        GET,POST saasdb
        GET saasdb/<app_id>
        GET discovery/data_sources
        GET discovery/data_sources/<stream_id>
        GET discovery/log_collectors
        GET discovery/snapshot_reports
        GET discovery/continuous_reports
        GET discovery/weights
        GET discovery/get_encryption_settings
        GET tenant_config/resolveDiscoveryUserWithAAD""",
    ),
    Row(
        "DM",
        FULL | {Role.CLOUD_DISCOVERY_GLOBAL_ADMIN},
        """GET discovery/upload_url
        GET,POST discovery/done_upload
        GET discovery_block_scripts
        GET discovery/discovery_block_scripts
        GET discovery/block_script
        POST discovery/discovery_app/<app_id>/add_tag
        POST discovery/discovery_app/<app_id>/remove_tag
        POST discovery/data_sources
        DELETE discovery/data_sources/<stream_id>
        DELETE discovery/snapshot_reports/<stream_id>
        POST discovery/custom_apps
        DELETE discovery/custom_apps/<app_id>""",
    ),
    Row(
        "SR SM",
        FULL | COMPLIANCE | {Role.GLOBAL_READER},
        """GET,POST tags
        GET,POST agents/siem
        GET agents/siem/<agent_id>
        GET,POST managed_devices/get_data
        GET settings
        GET mail_settings/get""",
    ),
    # Visible to all readers (identity §11), though the operator and the security reader see no other setting.
    Row("SR SM", READERS, "GET manage_admin_access"),
    Row("SM", FULL, "POST user_tags/create_tag"),
    # Our own: only callers who may change everything can deliver records to be judged.
    Row(
        "IM",
        FULL,
        """POST ingest/activities
        POST ingest/entities
        POST ingest/files""",
    ),
    # Users with full access only: the output reveals more than clients with few permissions may see.
    Row(
        "",
        FULL,
        """POST,DELETE agents/siem/<agent_id>
        POST agents/siem/<agent_id>/generate
        POST discovery/resolve_pseudonyms""",
    ),
    # Users only, from security administrators up; applications have no access.
    Row(
        "",
        FULL - {Role.CLOUD_APP_SECURITY_ADMINISTRATOR},
        """POST manage_admin_access
        DELETE manage_admin_access/<user_id>""",
    ),
    Row(
        "",
        FULL | DISCOVERERS | OF_RECORDS | {Role.SECURITY_READER},
        """GET,POST api_tokens
        DELETE api_tokens/<token_id>""",
    ),
]


def opened() -> Iterator[tuple[str, str, Row]]:
    """Yield every method and path of the matrix with its row."""
    for row in MATRIX:
        for line in row.routes.splitlines():
            methods, path = line.split()
            for method in methods.split(","):
                yield method, path, row


CASES: Final = list(opened())
NOBODY: Final = {"detail": "Authentication credentials were not provided."}
FORBIDDEN: Final = {"detail": "You do not have permission to perform this action."}


@pytest.fixture(scope="module")
def callers(show: Shop) -> Mapping[str, str]:
    """The ``Authorization`` header of every caller, by permission or role."""
    client = show.client
    scoped = {name: client.bearer(scope) for name, scope in SCOPES.items()}
    return scoped | {role.value: f"Token {token}" for role, token in client.known.tokens.items()}


def test_the_matrix_has_every_route() -> None:
    """Every route has an entry."""
    assert {(method, path) for method, path, _ in CASES} == {
        (method, route.path) for route in ROUTES for method in route.handlers
    }


@pytest.mark.parametrize(("method", "path", "row"), CASES, ids=[f"{method} {path}" for method, path, _ in CASES])
def test_a_route_opens_to_whom_the_matrix_says(
    show: Shop, callers: Mapping[str, str], method: str, path: str, row: Row
) -> None:
    """Others get 403 with the documented text, unauthenticated callers 401; unknown ids prevent changes."""
    url = f"{re.sub('<.+?>', 'f' * 24, path)}/"
    allowed = {*row.scopes.split(), *(role.value for role in row.roles)}
    for name, authorization in callers.items():
        answer = show.client.call(method, url, by=authorization)
        assert (answer.status_code not in {401, 403}) == (name in allowed), (name, answer.text)
        assert name in allowed or (answer.status_code, answer.json()) == (403, FORBIDDEN)
    answer = show.client.call(method, url, role=None)
    assert (answer.status_code, answer.json()) == (401, NOBODY)
    assert answer.headers["www-authenticate"].startswith('Token, Bearer realm="", authorization_uri="https://')


def test_a_body_that_creates_needs_the_right_to_create(show: Shop, callers: Mapping[str, str]) -> None:
    """Listing and creating share the path ``subnet/``; so do the old update and the path of a range (api §11.1)."""
    body = {"name": "x", "category": 1, "subnets": ["10.99.0.0/24"]}
    for name in ("IR", "SR", Role.COMPLIANCE_ADMINISTRATOR.value, Role.GLOBAL_READER.value):
        for path in ("subnet/", f"subnet/{show.ids['range_id']}/"):
            answer = show.client.call("POST", path, json=body, by=callers[name])
            assert (answer.status_code, answer.json()) == (403, FORBIDDEN), (name, path)


def test_permissions_add_up_and_are_read_in_any_case(show: Shop) -> None:
    """A token with two permissions can access exactly the routes of either."""
    token = show.client.bearer("discovery.READ", "SETTINGS.manage")
    seen = {
        path: show.client.call("GET", path, by=token).status_code
        for path in ("discovery/streams/", "tags/", "subnet/", "alerts/", "activities/", "files/")
    }
    assert list(seen.values()) == [200, 200, 200, 200, 403, 403]


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("DR", ["4", "5"]),
        ("DM", ["4", "5"]),
        (Role.CLOUD_DISCOVERY_GLOBAL_ADMIN.value, ["4", "5"]),
        (Role.CLOUD_DISCOVERY_REPORT_ADMIN.value, []),
        ("IR", ["1", "2", "3", "4", "5"]),
    ],
)
def test_rights_of_discovery_show_what_is_of_discovery(
    show: Shop, callers: Mapping[str, str], name: str, expected: list[str]
) -> None:
    """Of alerts and tasks, in lists and counts; a report admin is limited to their own reports (api §2.3)."""
    page = show.client.post("alerts/", by=callers[name])
    assert sorted(each["_id"][-1] for each in page["data"]) == expected
    assert page["total"] == len(expected)
    tasks = show.client.post("governance/", by=callers[name])
    kinds = {each["taskName"].startswith("Discovery") for each in tasks["data"]}
    assert kinds == ({True, False} if name == "IR" else {True} if expected else set())


ALERT_CALLS: Final = sorted((method, path) for method, path, _ in CASES if "<alert_id>" in path)


@pytest.mark.parametrize("name", ["DR", "DM", *(role.value for role in sorted(DISCOVERERS))])
def test_other_alerts_are_unknown_to_those_with_rights_of_discovery(
    show: Shop, callers: Mapping[str, str], name: str
) -> None:
    """Even if an id or filter names them; they are not changed."""
    before = show.mine.get(f"alerts/{show.ids['alert_id']}/")
    for method, path in ALERT_CALLS:
        hidden, unknown = (
            show.client.call(method, path.replace("<alert_id>", each), by=callers[name])
            for each in (show.ids["alert_id"], "f" * 24)
        )
        assert (hidden.status_code, hidden.text) == (unknown.status_code, unknown.text)
        assert hidden.status_code in {403, 404}
    for end in ("close_benign", "close_true_positive", "dismiss_bulk", "resolve", "reopen"):
        body = {"filters": {"id": {"eq": [show.ids["alert_id"]]}}}
        answer = show.client.call("POST", f"alerts/{end}/", by=callers[name], json=body)
        found = answer.json()
        assert answer.status_code == 403 or found.pop("alertsNotFound") == [show.ids["alert_id"]]
        assert answer.status_code == 403 or set(found.values()) == {0}
    assert show.mine.get(f"alerts/{show.ids['alert_id']}/") == before
