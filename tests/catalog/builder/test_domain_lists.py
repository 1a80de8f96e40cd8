"""Domain lists."""

from __future__ import annotations

from pathlib import Path

import pytest

from opencasb.catalog.builder import domain_lists
from opencasb.catalog.builder.domain_lists import DomainList, Rule
from tests.catalog.builder.facts.sources import lines

RECORDS = [
    {
        "list": "vendor",
        "rules": [
            "vendor.com",
            "domain:vendor.net",
            "full:cdn.vendor.org @cn",
            "ads.vendor.com @ads",
            "regexp:^v[0-9]+\\.com$",
            "keyword:vend",
            "shared.vendor.com &partner",
        ],
    },
    {"list": "vendor-cn", "rules": ["vendor.cn"]},
    {"list": "partner", "rules": ["partner.com"]},
    {"list": "category-ads-all", "rules": ["include:vendor @ads", "tracker.com"]},
    {"list": "category-netdisk-!cn", "rules": ["include:vendor @-cn", "diskly.com"]},
    {"list": "category-porn", "rules": ["include:blue"]},
    {"list": "blue", "rules": ["blue.com"]},
    {"list": "loop-a", "rules": ["include:loop-b", "a.com"]},
    {"list": "loop-b", "rules": ["include:loop-a", "include:absent", "b.com"]},
]


@pytest.fixture
def lists(tmp_path: Path) -> dict[str, DomainList]:
    """The lists above, read from a file."""
    return domain_lists.read_lists(lines(tmp_path, f"{domain_lists.SOURCE}/lists.jsonl", *RECORDS))


def hosts(rules: set[Rule] | tuple[Rule, ...]) -> set[str]:
    """Return the hosts of rules."""
    return {rule.host for rule in rules}


def test_patterns_are_left_out_and_affiliation_adds_to_the_other_list(lists: dict[str, DomainList]) -> None:
    """Domains and full hosts are kept; regular expressions and keywords are not."""
    assert hosts(lists["vendor"].rules) == {
        "vendor.com",
        "vendor.net",
        "cdn.vendor.org",
        "ads.vendor.com",
        "shared.vendor.com",
    }
    assert hosts(lists["partner"].rules) == {"partner.com", "shared.vendor.com"}


def test_includes_are_filtered_by_their_attributes(lists: dict[str, DomainList]) -> None:
    """An include with an attribute takes only rules with it; one with a minus only rules without it."""
    assert hosts(domain_lists.resolved(lists, "category-ads-all")) == {"ads.vendor.com", "tracker.com"}
    netdisk = hosts(domain_lists.resolved(lists, "category-netdisk-!cn"))
    assert "cdn.vendor.org" not in netdisk
    assert {"vendor.com", "diskly.com"} <= netdisk


def test_includes_in_a_circle_end(lists: dict[str, DomainList]) -> None:
    """Each list is included once; a missing one is empty."""
    assert hosts(domain_lists.resolved(lists, "loop-a")) == {"a.com", "b.com"}


def test_services_are_lists_that_are_neither_categories_nor_adult(lists: dict[str, DomainList]) -> None:
    """The rules of a regional list belong to its parent."""
    services = domain_lists.service_lists(lists)
    assert set(services) == {"vendor", "partner", "loop-a", "loop-b"}
    assert "vendor.cn" in hosts(services["vendor"])


def test_categories_and_trackers_follow_the_filtered_includes(lists: dict[str, DomainList]) -> None:
    """Including a vendor's advertising hosts does not make it an advertising network."""
    found = domain_lists.categories(lists)
    assert found["vendor.com"] == {"SAASDB_CATEGORY_CLOUD_STORAGE"}
    # It has the attribute of an advertising host, yet passes "all but China".
    assert found["ads.vendor.com"] == {"SAASDB_CATEGORY_ADVERTISING", "SAASDB_CATEGORY_CLOUD_STORAGE"}
    assert domain_lists.trackers(lists) == {"ads.vendor.com", "tracker.com"}


def test_domains_held_by_lists_of_apps_are_apps(lists: dict[str, DomainList]) -> None:
    """Only domains in the list itself count."""
    assert domain_lists.apps_of_lists(lists) == {"diskly.com"}
