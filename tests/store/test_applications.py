"""The repository of applications."""

from __future__ import annotations

import itertools
from collections.abc import Callable

import pytest
import sqlalchemy as sa
from alembic import command

from opencasb.model.client_secret import ClientSecret
from opencasb.model.permissions import Permission
from opencasb.model.registration import RequestedPermission
from opencasb.store.applications import Applications
from opencasb.store.audit_log import AuditLog
from opencasb.store.consents import Grants
from opencasb.store.database import Database
from opencasb.store.migrate import complete_metadata, configuration, upgrade
from opencasb.store.registrations import Registrations
from opencasb.store.revocations import Revocations, of_application
from tests.conftest import NOW

READ = Permission("mdca", "discovery.read")
GRAPH = Permission("graph", "CloudApp-Discovery.Read.All")


@pytest.fixture
def applications(database: Database, clock: Callable[[], int]) -> Applications:
    """Return the repository under test."""
    return Applications(database, clock)


def _secret(key_id: str, created: int = 0) -> ClientSecret:
    return ClientSecret(key_id=key_id, hint="abc", description="d", created=created, expires=9, digest=f"of {key_id}")


def test_an_application_belongs_to_one_tenant(applications: Applications) -> None:
    """It is found with its permissions in its own tenant only."""
    made = applications.create(1, "script", [READ, GRAPH, READ])
    assert set(made.permissions) == {READ, GRAPH}
    assert applications.get(1, made.client_id) == made
    assert applications.get(2, made.client_id) is None
    assert made.service_principal_id != made.client_id


def test_a_list_keeps_permissions_apart(applications: Applications) -> None:
    """Every application of the tenant is listed with its own permissions."""
    made = [applications.create(1, str(number), granted) for number, granted in enumerate(([READ], [], [GRAPH, READ]))]
    applications.create(2, "other", [GRAPH])
    assert sorted(applications.all(1), key=lambda each: each.name) == made


def test_when_permissions_changed_is_kept_in_each_tenant(database: Database) -> None:
    """On granting or revoking, but not on registration, repeated grants, or one user's consent."""
    ticks = itertools.count(NOW)
    applications, grants = Applications(database, lambda: next(ticks)), Grants(database, lambda: next(ticks))
    made = applications.create(1, "script", [READ], multitenant=True)

    def changed(tenant_id: int = 1) -> int | None:
        found = applications.get(tenant_id, made.client_id)
        assert found is not None
        return found.permissions_changed

    applications.grant(1, made.client_id, [READ])
    grants.grant(1, made.client_id, "ann", [READ], by="ann")
    grants.revoke(1, made.client_id, "ann", by="ann")
    assert changed() is None
    seen = []
    for change in (
        lambda: applications.grant(1, made.client_id, [GRAPH]),
        lambda: applications.revoke(1, made.client_id),
        lambda: grants.grant(1, made.client_id, None, [READ], by="ann"),
        lambda: grants.revoke(1, made.client_id, None, by="ann"),
    ):
        change()
        seen.append(changed() or 0)
    assert seen == sorted(set(seen))
    applications.enter(2, made)
    assert changed(2) is None


def test_a_disabled_application_is_known_but_may_not_sign_in(applications: Applications) -> None:
    """Only enabled applications are accepted for bearer tokens."""
    made = applications.create(1, "script", [])
    assert applications.enabled_name(1, made.client_id) == "script"
    assert applications.set_enabled(1, made.client_id, enabled=False)
    assert applications.enabled_name(1, made.client_id) is None
    assert applications.get(1, made.client_id) is not None
    assert applications.set_enabled(1, made.client_id, enabled=True)
    assert applications.enabled_name(1, made.client_id) == "script"
    assert not applications.set_enabled(2, made.client_id, enabled=False)
    assert applications.enabled_name(2, made.client_id) is None


def test_secrets_stand_side_by_side(applications: Applications) -> None:
    """An application may have several secrets; each is removed by its key id."""
    made = applications.create(1, "script", [])
    for number, key_id in enumerate(("k1", "k2")):
        applications.add_secret(1, made.client_id, _secret(key_id, number))
    assert applications.secrets(1, made.client_id) == [_secret("k1", 0), _secret("k2", 1)]
    assert applications.secrets(2, made.client_id) == []
    assert not applications.remove_secret(2, made.client_id, "k1")
    assert applications.remove_secret(1, made.client_id, "k1")
    assert not applications.remove_secret(1, made.client_id, "k1")
    assert [secret.key_id for secret in applications.secrets(1, made.client_id)] == ["k2"]


def test_deleting_leaves_nothing_behind(applications: Applications) -> None:
    """Deletion removes its secrets and permissions, once, and only in its tenant."""
    made = applications.create(1, "script", [READ])
    applications.add_secret(1, made.client_id, _secret("k"))
    assert not applications.delete(2, made.client_id)
    assert applications.delete(1, made.client_id)
    assert not applications.delete(1, made.client_id)
    assert applications.get(1, made.client_id) is None
    assert applications.secrets(1, made.client_id) == []


def test_changes_are_audited_without_secrets(
    applications: Applications, database: Database, clock: Callable[[], int]
) -> None:
    """Every change is audited with the application's name; digests do not appear."""
    made = applications.create(1, "script", [READ], by="x")
    applications.add_secret(1, made.client_id, _secret("k"), by="x")
    applications.remove_secret(1, made.client_id, "k", by="x")
    applications.set_enabled(1, made.client_id, enabled=False, by="x")
    applications.set_enabled(1, made.client_id, enabled=True, by="x")
    applications.delete(1, made.client_id, by="x")
    entries = AuditLog(database, clock).latest(1)
    verbs = ("create", "add_secret", "remove_secret", "disable", "enable", "delete")
    assert {entry.action for entry in entries} == {f"app.{verb}" for verb in verbs}
    assert {(entry.actor, entry.target) for entry in entries} == {("x", made.client_id)}
    assert "of k" not in repr(entries)


def test_applications_of_before_are_at_home_in_their_tenant(database_url: str) -> None:
    """The migration sets their own tenant as home, no flags, and requests the granted permissions."""
    database = Database(database_url)
    with database.write() as connection:
        complete_metadata().drop_all(connection)
    try:
        with database.write() as connection:
            command.upgrade(configuration(connection), "0005")
            connection.execute(
                sa.text(
                    "insert into applications (tenant_id, client_id, service_principal_id, name, created)"
                    " values (7, 'c', 's', 'script', 1)"
                )
            )
            connection.execute(sa.text("insert into application_permissions values (7, 'c', 'mdca', 'discovery.read')"))
        upgrade(database)
        [found] = Applications(database, lambda: 1).all(7)
        assert (found.at_home, found.permissions) == (True, (READ,))
        assert [found.multitenant, found.public_client, found.assignment_required] == [False, False, False]
        assert Registrations(database, lambda: 1).requested(7, "c") == [
            RequestedPermission("mdca", "application", "discovery.read")
        ]
    finally:
        with database.write() as connection:
            connection.exec_driver_sql("drop table if exists alembic_version")
        database.close()


def test_a_removed_secret_voids_tokens_wherever_the_application_is_known(
    applications: Applications, database: Database
) -> None:
    """Revoked consent affects one tenant only; later tokens stay valid."""
    made = applications.create(1, "script", [READ], multitenant=True)
    applications.enter(2, made)
    subjects, revoked = [of_application(made.client_id)], Revocations(database)

    def void(issued: int) -> list[bool]:
        return [revoked.concern(tenant_id, subjects, issued) for tenant_id in (1, 2)]

    applications.add_secret(1, made.client_id, _secret("k"))
    assert void(NOW) == [False, False]
    applications.revoke(1, made.client_id)
    assert void(NOW) == [True, False]
    applications.remove_secret(1, made.client_id, "k")
    assert void(NOW) == [True, True]
    assert void(NOW + 2000) == [False, False]
