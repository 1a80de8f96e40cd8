"""Integrations in the store: names, leases and changes."""

from __future__ import annotations

from collections.abc import Callable

import msgspec
import pytest

from opencasb.model.saas import Integration
from opencasb.store.audit_log import AuditLog
from opencasb.store.conflict import Conflict
from opencasb.store.database import Database
from opencasb.store.saas_integrations import LEASE_MS, MOST, LeaseLost, SaasIntegrations
from tests.conftest import NOW

MADE = Integration(tenant_id=1, name="graph", directory_id="d", client_id="c", sealed_secret=b"\0sealed", created=NOW)
BY = "test"


class Clock:
    """A manual clock."""

    now = NOW

    def __call__(self) -> int:
        """Return the time."""
        return self.now


@pytest.fixture
def clock_() -> Clock:
    """The clock of the repository."""
    return Clock()


@pytest.fixture
def integrations(database: Database, clock_: Clock) -> SaasIntegrations:
    """The repository, with one integration."""
    made = SaasIntegrations(database, clock_)
    made.add(MADE, by=BY)
    return made


def alive(_owner: str) -> bool:
    """Report every owner as alive."""
    return False


def test_a_tenant_has_only_so_many(integrations: SaasIntegrations) -> None:
    """Each integration that is due has a thread; other tenants have their own limit."""
    for number in range(1, MOST):
        integrations.add(msgspec.structs.replace(MADE, name=f"n{number}"), by=BY)
    with pytest.raises(Conflict, match=f"{MOST} integrations already"):
        integrations.add(msgspec.structs.replace(MADE, name="more"), by=BY)
    integrations.add(msgspec.structs.replace(MADE, tenant_id=2), by=BY)


def test_what_is_added_is_found_by_its_tenant_and_name(integrations: SaasIntegrations) -> None:
    """Names are unique within a tenant; None stays None."""
    assert integrations.get(1, "graph") == MADE
    assert integrations.get(2, "graph") is None
    with pytest.raises(Conflict, match="'graph' is that of another integration"):
        integrations.add(MADE, by=BY)
    other = msgspec.structs.replace(MADE, tenant_id=2)
    integrations.add(other, by=BY)
    assert integrations.of_every_tenant() == [MADE, other]
    assert integrations.all(2) == [other]


def test_nothing_happens_to_that_of_another_tenant(integrations: SaasIntegrations) -> None:
    """Whatever is done to the one of its name."""
    other = msgspec.structs.replace(MADE, tenant_id=2)
    integrations.add(other, by=BY)
    integrations.change(MADE, msgspec.structs.replace(MADE, period_days=7), by=BY)
    integrations.set_state(MADE, "ready", roles=["a"], by=BY)
    integrations.ask(MADE, by=BY)
    leased = integrations.lease(MADE, "me", alive)
    assert leased is not None
    integrations.renew(leased)
    integrations.release(leased)
    assert integrations.get(2, "graph") == other
    assert integrations.remove(MADE, by=BY)
    assert integrations.of_every_tenant() == [other]


def test_a_change_leaves_what_a_run_does(integrations: SaasIntegrations, database: Database) -> None:
    """Only changed fields are written; they are audited without the secret."""
    leased = integrations.lease(MADE, "me", alive)
    assert leased is not None
    integrations.change(MADE, msgspec.structs.replace(MADE, period_days=7, sealed_secret=b"new"), by=BY)
    found = integrations.get(1, "graph")
    assert found == msgspec.structs.replace(leased, period_days=7, sealed_secret=b"new")
    integrations.change(MADE, MADE, by=BY)
    details = [each.details for each in AuditLog(database, lambda: NOW).latest(1) if each.action == "saas.set"]
    assert details == [{"period_days": 7, "secret": True}]


def test_a_lease_is_one_owners(integrations: SaasIntegrations, clock_: Clock) -> None:
    """Until it expires, is released, or its owner is gone."""
    first = integrations.lease(MADE, "first", alive)
    assert first is not None
    assert integrations.lease(MADE, "second", alive) is None
    clock_.now += LEASE_MS - 1
    integrations.renew(first)
    clock_.now += LEASE_MS - 1
    assert integrations.lease(MADE, "second", alive) is None
    second = integrations.lease(MADE, "second", lambda owner: owner == "first")
    assert second is not None
    with pytest.raises(LeaseLost):
        integrations.renew(first)
    integrations.release(first)
    assert integrations.lease(MADE, "third", alive) is None
    integrations.release(second)
    assert integrations.lease(MADE, "third", alive) is not None
    clock_.now += LEASE_MS
    assert integrations.lease(MADE, "fourth", alive) is not None
    assert integrations.lease(msgspec.structs.replace(MADE, name="x"), "fifth", alive) is None


def test_a_lease_of_before_the_clock_was_set_back_is_none(integrations: SaasIntegrations, clock_: Clock) -> None:
    """A server on another machine took it, and was killed."""
    assert integrations.lease(MADE, "elsewhere", alive) is not None
    clock_.now -= 3000 * 86_400_000
    assert integrations.lease(MADE, "here", alive) is not None


def test_a_verdict_is_about_the_credentials_that_were_tried(integrations: SaasIntegrations) -> None:
    """It does not apply to a secret that was changed meanwhile."""
    integrations.change(MADE, msgspec.structs.replace(MADE, sealed_secret=b"new"), by=BY)
    integrations.set_state(MADE, "refused", "wrong", by=BY)
    now = integrations.get(1, "graph")
    assert now is not None
    assert (now.state, now.state_message) == ("new", "")
    integrations.set_state(now, "ready", roles=["a"], by=BY)
    ready = integrations.get(1, "graph")
    assert ready is not None
    assert (ready.state, ready.roles, ready.authorized) == ("ready", ["a"], NOW)
    integrations.set_state(ready, "ready", roles=None, by=BY)
    assert integrations.get(1, "graph") == msgspec.structs.replace(ready, roles=None)


def test_asking_is_kept_until_somebody_takes_it(integrations: SaasIntegrations, clock_: Callable[[], int]) -> None:
    integrations.ask(MADE, by=BY)
    asked = integrations.get(1, "graph")
    assert asked is not None
    assert asked.asked == NOW
    leased = integrations.lease(MADE, "me", alive)
    assert leased is not None
    assert leased.asked is None


def test_what_is_removed_is_gone(integrations: SaasIntegrations) -> None:
    """It can be removed only once."""
    assert integrations.remove(MADE, by=BY)
    assert not integrations.remove(MADE, by=BY)
    assert integrations.all(1) == []


def test_addresses_are_kept_with_who_chose_them(integrations: SaasIntegrations) -> None:
    """Of two changes at the same time, no address of one gets the permission of the other."""
    operators = msgspec.structs.replace(MADE, graph_url="https://10.0.0.1", anywhere=True)
    integrations.change(MADE, operators, by="operator")
    integrations.change(MADE, msgspec.structs.replace(MADE, authority="https://id.example.org"), by=BY)
    kept = integrations.get(MADE.tenant_id, MADE.name)
    assert kept is not None
    assert (kept.authority, kept.graph_url, kept.anywhere) == ("https://id.example.org", MADE.graph_url, False)
