"""Readers of the share-alike sources."""

from __future__ import annotations

from pathlib import Path

from opencasb.catalog.builder.sharealike_readers import read
from tests.catalog.builder.facts.sources import document, lines, text


def test_trackers_carry_kind_vendor_and_domains(sources: Path) -> None:
    """Irrelevant ones are left out."""
    entries = {entry.name: entry for entry in read(sources) if entry.source == "adguard-companiesdb"}
    assert set(entries) == {"Admonger", "Metricly", "Tasklane", "Tasklane Pixel"}
    admonger = entries["Admonger"]
    assert admonger.more == ("admonger.com", "mngr.net", "t.boxfall.com")
    assert admonger.vendor == "Monger Media"
    assert admonger.flags == {"tracker"}
    assert [statement.category for statement in admonger.categories] == ["SAASDB_CATEGORY_ADVERTISING"]


def test_families_terms_archives_and_lists(tmp_path: Path) -> None:
    """Each source in its own format."""
    families = [
        {"service_name": "Chatty", "icon_domain": "chatty.com", "domains": ["chatty.com"], "categories": ["MESSENGERS"]}
    ]
    document(tmp_path, "adguard-companiesdb/vpn_services.json", families)
    archive = {"name": "Bazaar", "terms": {"Imprint": ["https://x"], "Terms of Service": "https://bazaar.com/terms"}}
    lines(tmp_path, "open-terms-archive/declarations-contrib.jsonl", archive)
    text(tmp_path, "ut1-categories/filehosting.txt", "dropit.net\n")
    found = {(entry.source, entry.name, entry.address): entry for entry in read(tmp_path)}
    assert set(found) == {
        ("adguard-companiesdb", "Chatty", "chatty.com"),
        ("open-terms-archive", "Bazaar", "https://bazaar.com/terms"),
        ("ut1-categories", "", "dropit.net"),
    }
    (statement,) = found["ut1-categories", "", "dropit.net"].categories
    assert statement.category == "SAASDB_CATEGORY_CLOUD_STORAGE"
