"""The services that the demo company uses."""

from __future__ import annotations

from collections import Counter

from opencasb.discovery.demo_services import ADDRESSES, DEPARTMENTS, INTERNAL, MACHINES, SERVICES
from opencasb.model.host_name import host_name


def test_every_public_host_is_a_host_name_and_belongs_to_one_service() -> None:
    """A typo would turn a service into an unlisted app."""
    public = [service for service in (*SERVICES, *MACHINES) if service not in (*ADDRESSES, *INTERNAL)]
    hosts = Counter(host for service in public for host in service.hosts)
    assert [host for host in hosts if host_name(host) != host] == []
    assert max(hosts.values()) == 1


def test_habits_are_possible() -> None:
    """Shares are between 0 and 1, sizes above 0, departments exist."""
    for service in (*SERVICES, *MACHINES):
        assert 0 <= service.denied <= 1
        assert 0 <= service.since < 1
        assert 0 < service.share <= 1
        assert min(service.down, service.up, service.sessions, service.requests, service.growth) > 0
        assert service.departments <= set(DEPARTMENTS)
