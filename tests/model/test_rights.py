"""Rights: the documented matrices, cell by cell."""

from __future__ import annotations

import msgspec
import pytest

from opencasb.model.principal import Principal
from opencasb.model.rights import OPERATIONS, ROLES, permissions_of, permits
from opencasb.model.role_scope import RoleScope
from opencasb.model.roles import FULL_ACCESS, Role
from opencasb.model.user import User

_SEE_ALERTS = "alerts.view alerts.mark"
_SEE_ACTIVITIES = "activities.view activities.feedback"
_READ_INVESTIGATION = f"{_SEE_ACTIVITIES} entities.view files.view policies.view oauth_apps.view"
BY_PERMISSION = {
    "investigation.read": f"{_READ_INVESTIGATION} {_SEE_ALERTS} governance.view subnet.list",
    "investigation.manage": f"{_READ_INVESTIGATION} {_SEE_ALERTS} alerts.close governance.view subnet.list"
    " subnet.change ingest.write",
    "discovery.read": f"{_SEE_ALERTS} governance.view discovery.view reports.view reports.view_users",
    "discovery.manage": f"{_SEE_ALERTS} alerts.close governance.view discovery.view discovery.change"
    " discovery.upload discovery.block_script reports.view reports.view_users",
    "settings.read": "subnet.list settings.view admin_access.view",
    "settings.manage": "subnet.list subnet.change settings.view settings.change admin_access.view admin_access.change",
    "cloudapp-discovery.read.all": "graph.discovery.view reports.view reports.view_users",
    "reports.read": "reports.view",
    "reports.users": "reports.view_users",
}
READ = f"{_SEE_ALERTS} {_READ_INVESTIGATION} governance.view"
SOME = f"{_SEE_ALERTS} alerts.close {_SEE_ACTIVITIES} entities.view policies.view governance.view"
DISCOVERY = "discovery.view graph.discovery.view reports.view reports.view_users"
CHANGE_DISCOVERY = "discovery.change discovery.upload discovery.block_script"
BY_ROLE = {
    **dict.fromkeys(FULL_ACCESS, " ".join(OPERATIONS)),
    **dict.fromkeys(
        (Role.COMPLIANCE_ADMINISTRATOR, Role.COMPLIANCE_DATA_ADMINISTRATOR),
        f"{READ} {DISCOVERY} alerts.close subnet.list settings.view admin_access.view",
    ),
    Role.SECURITY_OPERATOR: f"{READ} {DISCOVERY} alerts.close admin_access.view",
    Role.SECURITY_READER: f"{READ} {DISCOVERY} admin_access.view",
    Role.GLOBAL_READER: f"{READ} {DISCOVERY} subnet.list settings.view admin_access.view",
    Role.POWER_BI_ADMINISTRATOR: f"{_SEE_ALERTS} alerts.close files.view policies.view oauth_apps.view governance.view",
    Role.APP_INSTANCE_ADMIN: f"{SOME} files.view oauth_apps.view",
    Role.USER_GROUP_ADMIN: SOME,
    Role.CLOUD_DISCOVERY_GLOBAL_ADMIN: f"{DISCOVERY} {CHANGE_DISCOVERY} {_SEE_ALERTS} alerts.close governance.view",
    Role.CLOUD_DISCOVERY_REPORT_ADMIN: f"{DISCOVERY} {_SEE_ALERTS} governance.view",
}


def _allowed(permissions: frozenset[str], role: Role | None = None) -> set[str]:
    principal = Principal(1, "x", permissions, role=role)
    return {operation for operation in OPERATIONS if permits(principal, operation)}


@pytest.mark.parametrize("permission", BY_PERMISSION)
def test_a_permission_allows_its_operations_and_no_other(permission: str) -> None:
    """An application with one permission may do what its column of the matrix says."""
    assert _allowed(frozenset({permission})) == set(BY_PERMISSION[permission].split())


@pytest.mark.parametrize("role", list(Role))
def test_a_role_allows_its_operations_and_no_other(role: Role) -> None:
    """A user may do what the row of the user's role says."""
    assert _allowed(ROLES[role].permissions, role) == set(BY_ROLE[role].split())


def test_a_read_only_scope_allows_to_see() -> None:
    """A deprovisioned user may do nothing."""
    scope = RoleScope(read_only=True)
    user = User(tenant_id=1, user_id="u", upn="u", display_name="", role=Role.USER_GROUP_ADMIN, created=0, scope=scope)
    assert permissions_of(user) == {"investigation.read"}
    assert permissions_of(msgspec.structs.replace(user, scope=None)) == ROLES[user.role].permissions
    assert permissions_of(msgspec.structs.replace(user, deprovisioned=1)) == frozenset()


def test_nobody_may_do_anything_without_permissions() -> None:
    """Without a permission every operation is denied, whatever the role."""
    assert not any(_allowed(frozenset(), role) for role in (None, *Role))


def test_an_operation_outside_the_table_is_a_mistake_of_ours() -> None:
    """An unknown operation raises instead of being denied."""
    with pytest.raises(KeyError):
        permits(Principal(1, "x", frozenset()), "discovery.vieww")


def test_own_api_tokens_are_for_the_documented_roles() -> None:
    """Full access, security readers and the scoped roles may create API tokens for themselves."""
    scoped = {
        Role.APP_INSTANCE_ADMIN,
        Role.USER_GROUP_ADMIN,
        Role.CLOUD_DISCOVERY_GLOBAL_ADMIN,
        Role.CLOUD_DISCOVERY_REPORT_ADMIN,
    }
    assert {role for role in Role if ROLES[role].own_api_tokens} == FULL_ACCESS | {Role.SECURITY_READER} | scoped


def test_a_token_made_for_a_purpose_does_nothing_else() -> None:
    """Its operations restrict its permissions and role, and never extend them."""
    purpose = frozenset({"alerts.view", "settings.change"})
    principal = Principal(1, "x", frozenset({"investigation.read"}), operations=purpose)
    assert {operation for operation in OPERATIONS if permits(principal, operation)} == {"alerts.view"}
