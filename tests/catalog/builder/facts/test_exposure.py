"""Facts about risks."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from opencasb.catalog.builder.facts import exposure
from tests.catalog.builder.facts.sources import document, lines, text, values

BREACH: dict[str, Any] = {
    "Name": "Acme",
    "Title": "Acme",
    "Domain": "acme.com",
    "BreachDate": "2020-02-03",
    "PwnCount": 7,
    "DataClasses": ["Passwords"],
    "IsVerified": True,
    "IsFabricated": False,
    "IsSpamList": False,
    "IsMalware": False,
    "IsStealerLog": False,
    "IsRetired": False,
}


def test_the_newest_breach_is_told(tmp_path: Path) -> None:
    """It has its number of accounts and the source's page."""
    older = {**BREACH, "Name": "Acme1", "BreachDate": "2012-01-01", "PwnCount": 900}
    lines(tmp_path, "hibp-breaches/breaches.jsonl", older, BREACH)
    found = list(exposure.breaches(tmp_path))
    assert values(found) == [("latest_breach_date_time", "2020-02-03"), ("breached_accounts", 7)]
    assert found[0].evidence == "https://haveibeenpwned.com/Breach/Acme"
    assert found[0].confidence == "medium"


@pytest.mark.parametrize(
    "change",
    [
        {"IsVerified": False},
        {"IsFabricated": True},
        {"IsSpamList": True},
        {"IsMalware": True},
        {"IsStealerLog": True},
        {"IsRetired": True},
        {"Title": "Acme Scraped Data (2021)"},
        {"Domain": ""},
    ],
)
def test_what_is_no_breach_of_a_service_is_left_out(tmp_path: Path, change: dict[str, Any]) -> None:
    """No facts are derived from it."""
    lines(tmp_path, "hibp-breaches/breaches.jsonl", {**BREACH, **change})
    assert list(exposure.breaches(tmp_path)) == []


def test_data_without_passwords_may_have_been_public(tmp_path: Path) -> None:
    """The confidence is low, and the method says why."""
    lines(tmp_path, "hibp-breaches/breaches.jsonl", {**BREACH, "DataClasses": ["Names"]})
    found = next(exposure.breaches(tmp_path))
    assert found.confidence == "low"
    assert found.method


def test_the_preload_list_counts_hosts_what_is_below_and_whole_top_level_domains(tmp_path: Path) -> None:
    """A domain missing from it is unknown, not without the header."""
    text(tmp_path, "hsts-preload/hosts.txt", "# whole-TLD entries: app dev\nsolo.com\nwhole.com,s\n")
    domains = ["solo.com", "below.solo.com", "whole.com", "a.below.whole.com", "some.app", "other.com"]
    found = exposure.strict_transport(tmp_path, domains)
    assert [finding.address for finding in found] == ["solo.com", "whole.com", "a.below.whole.com", "some.app"]


def test_programmes_have_their_policy_and_maybe_a_reward(tmp_path: Path) -> None:
    """Dead policies are left out; every domain of a programme is included."""
    policy = {"policy_url": "https://a.com/policy", "policy_url_status": "alive"}
    lines(
        tmp_path,
        "diodb/program-list.jsonl",
        {"program_name": "A", **policy, "offers_bounty": "yes", "securitytxt_url": "https://a.com/security.txt"},
        {"program_name": "B", "policy_url": "https://b.com", "policy_url_status": "dead"},
    )
    programme = {"name": "C", "url": "https://c.com/bounty", "bounty": False, "domains": ["c.com", "c.net"]}
    lines(tmp_path, "public-bugbounty-programs/programs.jsonl", programme)
    scope = {"name": "D ", "url": "https://platform/d", "hosts": ["d.com"], "max_payout": 100}
    lines(tmp_path, "bounty-targets/programs.jsonl", scope)
    found = list(exposure.programmes(tmp_path))
    assert [(finding.name, finding.factor) for finding in found] == [
        ("A", "vulnerability_disclosure"),
        ("A", "bug_bounty"),
        ("A", "security_txt"),
        ("C", "vulnerability_disclosure"),
        ("C", "vulnerability_disclosure"),
        ("D", "vulnerability_disclosure"),
        ("D", "bug_bounty"),
    ]


def test_a_policy_on_a_platform_is_told_by_name(tmp_path: Path) -> None:
    """It is not attributed to the platform."""
    policies = ["https://hackerone.com/a", "https://www.a.com/security"]
    records = [{"program_name": "A", "policy_url": url, "policy_url_status": "alive"} for url in policies]
    lines(tmp_path, "diodb/program-list.jsonl", *records)
    found = [(each.name, each.address, each.value) for each in exposure.programmes(tmp_path)]
    assert found == [("A", "", policies[0]), ("A", policies[1], policies[1])]


def test_a_programme_is_not_that_of_the_store_with_its_app(tmp_path: Path) -> None:
    """A page in an app store is in the scope of many programmes; the store's owner is matched by name."""
    hosts = ["d.com", "play.google.com", "github.com", "notgoogle.com"]
    records = [{"name": name, "url": "https://platform", "hosts": hosts} for name in ("D", "Google VRP")]
    lines(tmp_path, "bounty-targets/programs.jsonl", *records)
    found = [(each.name, each.address) for each in exposure.programmes(tmp_path)]
    assert found == [
        *(("D", "d.com"), ("D", "notgoogle.com")),
        *(("Google VRP", "d.com"), ("Google VRP", "play.google.com"), ("Google VRP", "notgoogle.com")),
    ]


def test_tools_abuse_agents_and_file_hosts(tmp_path: Path) -> None:
    """Each from its own list; other tools than those for remote access are left out."""
    lines(
        tmp_path,
        "lolrmm/tools.jsonl",
        {"name": "A", "category": "RMM", "website": "https://a.com", "capabilities": ["File Transfer"]},
        {"name": "B", "category": "Other", "website": "https://b.com"},
    )
    document(tmp_path, "misp-warninglists/lots-project.json", {"list": [".pages.dev"]})
    entry = {
        "list": "jaw9c/awesome-remote-mcp-servers",
        "name": "C",
        "url": "https://c.com",
        "mcp_endpoint": "https://m",
    }
    lines(tmp_path, "awesome-lists/entries.jsonl", entry, {"list": "x", "name": "D", "url": "https://d.com"})
    text(tmp_path, "ut1-categories/filehosting.txt", "dropit.net\n")
    assert values(exposure.remote_access(tmp_path)) == [("remote_access_tool", True), ("is_file_sharing", True)]
    assert [finding.address for finding in exposure.abuse(tmp_path)] == ["pages.dev"]
    assert values(exposure.agents(tmp_path)) == [("mcp_endpoint", "https://m")]
    assert values(exposure.file_hosts(tmp_path)) == [("is_file_sharing", True), ("is_user_can_upload_data", True)]
