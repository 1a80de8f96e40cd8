"""Facts from terms and policies."""

from __future__ import annotations

from pathlib import Path

from opencasb.catalog.builder.facts import terms
from tests.catalog.builder.facts.sources import document, lines, values


def test_deleting_an_account_speaks_for_erasure(tmp_path: Path) -> None:
    """If deletion is possible only in some places, nothing is derived."""
    sites = [
        {"name": word, "url": f"https://{word}.com/bye", "difficulty": word, "domains": [f"{word}.com"]}
        for word in ("easy", "hard", "limited", "impossible")
    ]
    lines(tmp_path, "justdeleteme/sites.jsonl", *sites, {"name": "X", "url": "", "difficulty": "easy", "domains": []})
    found = [(finding.name, finding.factor, finding.value) for finding in terms.deletion(tmp_path)]
    assert found == [
        ("easy", "account_deletion_effort", "easy"),
        ("easy", terms.ERASURE, True),
        ("hard", "account_deletion_effort", "hard"),
        ("hard", terms.ERASURE, True),
        ("limited", "account_deletion_effort", "limited"),
        ("impossible", "account_deletion_effort", "impossible"),
        ("impossible", terms.ERASURE, False),
    ]


def test_connectors_of_third_parties_give_policies_only_of_the_vendors_own_site(tmp_path: Path) -> None:
    """Certified connectors come from the vendor."""
    record = {"title": "A", "website": "https://a.com", "privacy_policy": "https://a.com/privacy"}
    lines(
        tmp_path,
        "powerplatform-connectors/connectors.jsonl",
        {**record, "kind": "certified", "privacy_policy": "https://papers.com/a"},
        {**record, "kind": "independent"},
        {**record, "kind": "independent", "privacy_policy": "https://papers.com/a"},
        {"title": "B", "kind": "certified"},
    )
    assert values(terms.privacy(tmp_path)) == [
        ("privacy_policy", "https://papers.com/a"),
        ("privacy_policy", "https://a.com/privacy"),
    ]


def test_archived_documents_of_known_kinds_are_facts(tmp_path: Path) -> None:
    """The first of several pages is used."""
    pages = {
        "Terms of Service": ["https://a.com/t1", "https://a.com/t2"],
        "Copyright Claims Policy": "https://a.com/dmca",
        "Imprint": "https://a.com/imprint",
    }
    lines(tmp_path, "open-terms-archive/declarations-contrib.jsonl", {"name": "A", "terms": pages})
    found = list(terms.archived(tmp_path))
    assert values(found) == [("terms_of_service", "https://a.com/t1"), ("is_dmca", True)]


def test_only_findings_with_one_meaning_count(tmp_path: Path) -> None:
    """Matched by text, not by position in the list; unrated services have no grade."""
    document(
        tmp_path,
        "tosdr/cases.json",
        [
            ["Anything else", "bad"],
            ["You can request access and deletion of personal data", "good"],
            ["This service holds onto content that you've deleted", "blocker"],
        ],
    )
    service = {
        "slug": "a",
        "name": "A",
        "urls": ["a.com"],
        "rated": "C",
        "cases": [0, 1, 2],
        "docs": {"terms": "https://t"},
    }
    other = {"slug": "b", "name": "B", "urls": ["b.com"], "rated": "N/A", "cases": [0]}
    lines(tmp_path, "tosdr/services.jsonl", service, other)
    found = list(terms.read_terms(tmp_path))
    assert values(found) == [
        (terms.ACCESS, True),
        (terms.ERASURE, True),
        ("data_retention_policy", "dataRetained"),
        ("terms_grade", "C"),
        ("terms_of_service", "https://t"),
    ]
    assert found[0].confidence == "medium"
