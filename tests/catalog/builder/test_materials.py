"""The input of the build."""

from __future__ import annotations

from opencasb.catalog.builder.materials import Materials, suffix_rules


def test_entries_become_claims_or_speak_by_name(materials: Materials) -> None:
    """Addresses on shared platforms are no claims; lists give categories and trackers."""
    nodes = {claim.node for claim in materials.claims}
    assert {"tasklane.com", "paycove.com", "mail.bigcorp.com"} <= nodes
    assert "codeplace.com" not in nodes
    assert materials.evidence.trackers == {"metricly-ads.net"}
    assert materials.name_only == []


def test_suffix_rules_are_ascii_and_ordered() -> None:
    """Public and private ones are separate."""
    public, private = suffix_rules()
    assert list(public) == sorted(public)
    assert all(rule.isascii() for rule in (*public, *private))
    assert "co.uk" in public
    assert "github.io" in private
    assert not set(public) & set(private)
