"""The repository of users."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from opencasb.model.role_scope import AppInstance, RoleScope
from opencasb.model.roles import Role
from opencasb.store.audit_log import AuditLog
from opencasb.store.conflict import Conflict
from opencasb.store.database import Database
from opencasb.store.users import Users


@pytest.fixture
def users(database: Database, clock: Callable[[], int]) -> Users:
    """Return the repository under test."""
    return Users(database, clock)


def test_a_user_belongs_to_one_tenant(users: Users) -> None:
    """A user is found by id, and by name in any case, in the user's own tenant only."""
    made = users.create(1, "Ann@Contoso.example", Role.SECURITY_READER)
    assert users.get(1, made.user_id) == users.by_upn(1, "ANN@contoso.EXAMPLE") == made
    assert users.get(2, made.user_id) is None
    assert users.by_upn(2, made.upn) is None
    assert users.all(2) == []
    assert users.create(2, made.upn, Role.GLOBAL_READER).user_id != made.user_id


def test_a_role_and_its_reports_change_together(users: Users) -> None:
    """A report admin is limited to reports; another role removes the limit."""
    made = users.create(1, "bob", Role.CLOUD_DISCOVERY_REPORT_ADMIN, stream_ids=["a", "b"])
    assert users.get(1, made.user_id) == made
    assert made.stream_ids == frozenset({"a", "b"})
    assert users.set_role(1, made.user_id, Role.GLOBAL_ADMINISTRATOR)
    changed = users.get(1, made.user_id)
    assert changed is not None
    assert (changed.role, changed.stream_ids) == (Role.GLOBAL_ADMINISTRATOR, None)


def test_a_report_admin_without_reports_sees_none(users: Users) -> None:
    """An empty set of reports is a limit, however the user got the role."""
    made = users.create(1, "bob", Role.CLOUD_DISCOVERY_REPORT_ADMIN)
    other = users.create(1, "ann", Role.GLOBAL_ADMINISTRATOR)
    users.set_role(1, other.user_id, Role.CLOUD_DISCOVERY_REPORT_ADMIN)
    assert [user.stream_ids for user in users.all(1)] == [frozenset(), frozenset()]
    assert users.get(1, made.user_id) == made


def test_a_deprovisioned_user_stays_on_record(users: Users, clock: Callable[[], int]) -> None:
    """The time is recorded and everything else is kept."""
    made = users.create(1, "ann", Role.GLOBAL_READER)
    assert made.active
    assert users.deprovision(1, made.user_id, keep_one=False)
    gone = users.get(1, made.user_id)
    assert gone is not None
    assert (gone.active, gone.deprovisioned) == (False, clock())


def test_a_deprovisioned_user_can_be_reinstated(users: Users) -> None:
    """With another role, without the former limits and password."""
    made = users.create(1, "ann", Role.CLOUD_DISCOVERY_REPORT_ADMIN, stream_ids=["s"], password_hash="$secret")
    users.deprovision(1, made.user_id, keep_one=False)
    assert users.reinstate(1, made.user_id, Role.GLOBAL_READER)
    again = users.get(1, made.user_id)
    assert again is not None
    assert (again.active, again.role, again.stream_ids) == (True, Role.GLOBAL_READER, None)
    assert users.password_hash(1, made.user_id) is None
    assert not users.reinstate(1, "nobody", Role.GLOBAL_READER)


def test_a_taken_name_is_refused_within_the_tenant(users: Users) -> None:
    """User names are unique in any case."""
    users.create(1, "ann", Role.GLOBAL_READER)
    with pytest.raises(Conflict, match="'ann'"):
        users.create(1, "ANN", Role.GLOBAL_READER)


@pytest.mark.parametrize("name", ["", "an n", "a\0", "a" * 257])
def test_malformed_names_are_refused(users: Users, name: str) -> None:
    """A user name has only printable characters and no white space."""
    with pytest.raises(ValueError, match="user name"):
        users.create(1, name, Role.GLOBAL_READER)


@pytest.mark.parametrize("shown", ["a\0", "a\nb", "a" * 257])
def test_malformed_display_names_are_refused(users: Users, shown: str) -> None:
    """They are printable and limited in length; the error shows a shortened value."""
    with pytest.raises(ValueError, match=r"display name 'a.{0,110}' must have at most 256 printable characters"):
        users.create(1, "ann", Role.GLOBAL_READER, display_name=shown)
    assert users.create(1, "ann", Role.GLOBAL_READER, display_name="A" * 256).display_name == "A" * 256


def test_password_hashes_are_kept_apart(users: Users) -> None:
    """The hash has its own method and is not part of any record."""
    made = users.create(1, "ann", Role.GLOBAL_READER, password_hash="$one")
    assert users.password_hash(1, made.user_id) == "$one"
    assert users.set_password(1, made.user_id, "$two")
    assert users.password_hash(1, made.user_id) == "$two"
    assert users.password_hash(2, made.user_id) is None
    assert "$two" not in repr(users.get(1, made.user_id))


def test_changes_of_another_tenants_user_do_nothing(users: Users) -> None:
    """Every change takes the tenant; in another tenant the user is unknown."""
    made = users.create(1, "ann", Role.GLOBAL_READER)
    assert not users.set_role(2, made.user_id, Role.GLOBAL_ADMINISTRATOR)
    assert not users.deprovision(2, made.user_id, keep_one=False)
    assert not users.set_password(2, made.user_id, "x")
    assert users.get(1, made.user_id) == made


def test_changes_are_audited_without_secrets(users: Users, database: Database, clock: Callable[[], int]) -> None:
    """Each change is audited with its author; password hashes do not appear."""
    made = users.create(1, "ann", Role.GLOBAL_READER, password_hash="$secret", by="x")
    users.set_role(1, made.user_id, Role.SECURITY_READER, by="x")
    users.set_password(1, made.user_id, "$secret", by="x")
    users.deprovision(1, made.user_id, keep_one=False, by="x")
    entries = AuditLog(database, clock).latest(1)
    assert {entry.action for entry in entries} == {
        "user.create",
        "user.set_role",
        "user.set_password",
        "user.deprovision",
    }
    assert {(entry.actor, entry.target) for entry in entries} == {("x", "ann")}
    assert "$secret" not in repr(entries)


def test_a_scope_is_kept_until_the_next_role(users: Users) -> None:
    """It is stored unchanged, is part of the role, and is audited with it."""
    scope = RoleScope(apps=(AppInstance(11161), AppInstance(11770, 7)), groups=("g",), read_only=True)
    made = users.create(1, "ann", Role.APP_INSTANCE_ADMIN, scope=scope)
    assert (made.scope, users.get(1, made.user_id)) == (scope, made)
    users.set_role(1, made.user_id, Role.USER_GROUP_ADMIN, scope=RoleScope(groups=("h",)))
    assert [each.scope for each in users.all(1)] == [RoleScope(groups=("h",))]
    users.set_role(1, made.user_id, Role.SECURITY_READER)
    assert [each.scope for each in users.all(1)] == [None]
    users.deprovision(1, made.user_id, keep_one=False)
    users.reinstate(1, made.user_id, Role.APP_INSTANCE_ADMIN, scope=scope)
    assert [each.scope for each in users.all(1)] == [scope]


def test_somebody_keeps_full_access(users: Users) -> None:
    """Neither another role nor the end of access leaves a tenant without; guests do not count."""
    chief = users.create(1, "chief", Role.GLOBAL_ADMINISTRATOR)
    reader = users.create(1, "reader", Role.SECURITY_READER)
    users.invite(1, users.create(2, "guest", Role.SECURITY_READER), Role.GLOBAL_ADMINISTRATOR)
    with pytest.raises(ValueError, match="'chief' is the last one with full access"):
        users.set_role(1, chief.user_id, Role.GLOBAL_READER, keep_one=True)
    with pytest.raises(ValueError, match="'chief' is the last one with full access"):
        users.deprovision(1, chief.user_id, keep_one=True)
    assert users.get(1, chief.user_id) == chief
    assert users.set_role(1, chief.user_id, Role.SECURITY_ADMINISTRATOR, keep_one=True)
    assert users.deprovision(1, reader.user_id, keep_one=True)
