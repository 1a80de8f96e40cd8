"""IP ranges of providers."""

from __future__ import annotations

from ipaddress import ip_network
from pathlib import Path

from opencasb.catalog.builder.ip_ranges import PROVIDERS, prefixes, read_ranges
from opencasb.catalog.networks import AddressTable, disjoint


def test_files_are_read_by_provider(tmp_path: Path) -> None:
    """Both address families are read; missing files are skipped."""
    (tmp_path / "ipranges").mkdir()
    (tmp_path / "ipranges/github-ipv4.txt").write_text("8.8.8.0/24\n", "utf-8")
    (tmp_path / "ipranges/github-ipv6.txt").write_text("2001:db8::/32\n", "utf-8")
    assert read_ranges(tmp_path) == {"github": [ip_network("8.8.8.0/24"), ip_network("2001:db8::/32")]}


def test_the_regions_of_a_host_that_a_guest_publishes_stay_the_hosts() -> None:
    """Within the host's networks, only the guest's single addresses belong to the guest."""
    ranges = {
        "microsoft": [ip_network("20.7.0.0/16")],
        "github": [ip_network(text) for text in ("20.7.100.0/24", "20.7.7.7/32", "8.8.8.0/24")],
    }
    table = AddressTable(disjoint(prefixes(ranges, {PROVIDERS["microsoft"]: 1, PROVIDERS["github"]: 2})))
    assert table.match(["20.7.100.9", "20.7.7.7", "8.8.8.1", "9.9.9.9"]) == [1, 2, 2, None]


def test_reviewed_networks_are_the_apps_that_alone_uses_them() -> None:
    """The provider may publish the same network or a larger one."""
    ranges = {"microsoft": [ip_network("52.96.0.0/12"), ip_network("52.112.0.0/14")]}
    app_ids = {PROVIDERS["microsoft"]: 1, "meetings.example": 2, "mail.example": 3}
    reviewed = {ip_network("52.112.0.0/14"): "meetings.example", ip_network("52.96.0.0/14"): "mail.example"}
    table = AddressTable(disjoint(prefixes(ranges, app_ids, reviewed)))
    assert table.match(["52.112.0.9", "52.97.0.1", "52.101.0.1"]) == [2, 3, 1]


def test_a_provider_without_an_app_is_left_out() -> None:
    """Its networks are dropped."""
    assert prefixes({"vultr": [ip_network("8.8.8.0/24")]}, {}) == []


def test_reserved_networks_belong_to_nobody() -> None:
    """Published lists have contained some."""
    assert prefixes({"vultr": [ip_network("203.0.113.0/24"), ip_network("10.0.0.0/8")]}, {"vultr.com": 1}) == []
