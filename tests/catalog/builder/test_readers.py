"""Readers of the sources."""

from __future__ import annotations

from pathlib import Path

from opencasb.catalog.builder.entry import Level, Role, Statement
from opencasb.catalog.builder.readers import read
from tests.catalog.builder.facts.sources import lines


def test_two_factor_records_give_name_domains_category_and_institutions(tmp_path: Path) -> None:
    """The first meaningful word decides; universities are flagged."""
    root = lines(
        tmp_path,
        "twofactorauth/entries.jsonl",
        {"name": "A", "domain": "a.com", "categories": ["other", "backup"], "additional-domains": ["a.net"]},
        {"name": "B", "domain": "b.edu", "categories": ["universities"]},
    )
    first, second = read(root)
    assert (first.name, first.address, first.more, first.role) == ("A", "a.com", ("a.net",), Role.SERVICE)
    assert first.categories == (Statement(Level.APP, "SAASDB_CATEGORY_CLOUD_STORAGE"),)
    assert second.flags == {"institution"}


def test_a_shortcut_through_another_search_engine_names_nobody(tmp_path: Path) -> None:
    """It searches the named site with the engine, so the name is not the engine's."""
    sites = [{"s": "A", "d": "a.com"}, {"s": "B", "d": "kagi.com"}]
    assert [each.name for each in read(lines(tmp_path, "kagi-bangs/sites.jsonl", *sites))] == ["A"]


def test_vague_words_of_connectors_speak_softly(tmp_path: Path) -> None:
    """The word "data" describes what is transferred, not the app; a clear word next to it decides."""
    path = "powerplatform-connectors/connectors.jsonl"
    record = {"title": "News (Independent Publisher)", "website": "https://news.com", "stack_owner": "News Corp."}
    root = lines(tmp_path, path, {**record, "categories": "Data"}, {**record, "categories": "Data;Security"})
    vague, clear = read(root)
    assert vague.categories == (Statement(Level.WHOLE_LIST, "SAASDB_CATEGORY_DATA_ANALYTICS"),)
    assert clear.categories == (Statement(Level.APP, "SAASDB_CATEGORY_SECURITY"),)
    assert (clear.name, clear.vendor) == ("News", "News")


def test_government_editions_do_not_name_the_service(tmp_path: Path) -> None:
    """A community cloud is named after its provider; a public offering keeps its name without the edition."""
    path = "fedramp-marketplace/products.jsonl"
    record = {"csp": "Acme, Inc.", "website": "https://acme.com", "business_function": ["Storage"]}
    root = lines(
        tmp_path,
        path,
        {**record, "cso": "Acme Vault for Government", "deployment_model": "Government Community Cloud"},
        {**record, "cso": "Acme Vault - FedRAMP Moderate", "deployment_model": "Public Cloud"},
    )
    assert [entry.name for entry in read(root)] == ["Acme", "Acme Vault"]


def test_the_subject_of_an_ai_list_yields_to_its_section(tmp_path: Path) -> None:
    """Generative AI is only the subject of the whole list."""
    path = "awesome-lists/entries.jsonl"
    record = {"list": "mahseema/awesome-ai-tools", "name": "A", "url": "https://a.com"}
    root = lines(tmp_path, path, {**record, "section": "Text > Customer Support"}, {**record, "section": "Image > X"})
    support, image = read(root)
    assert support.categories[0] == Statement(Level.SECTION, "SAASDB_CATEGORY_CUSTOMER_SUPPORT")
    assert image.categories == (Statement(Level.WHOLE_LIST, "SAASDB_CATEGORY_GENERATIVE_AI"),)


def test_built_in_steps_and_member_companies_are_no_apps(tmp_path: Path) -> None:
    """They are dropped when read."""
    root = lines(tmp_path, "activepieces/pieces.jsonl", {"name": "Delay", "categories": ["CORE"]})
    member = {"name": "M", "homepage_url": "https://m.com", "category": "CNCF Members", "subcategory": "Gold"}
    assert read(lines(root, "cncf-landscape/items.jsonl", member)) == []


def test_a_connector_is_called_by_what_agrees_with_its_site(tmp_path: Path) -> None:
    """Its title, else its owner, else nothing is its name: many connectors cover only part of a site."""
    path = "powerplatform-connectors/connectors.jsonl"
    record = {"website": "https://www.acme.com", "categories": "Security"}
    root = lines(
        tmp_path,
        path,
        {**record, "title": "Acme", "stack_owner": "Rivet"},
        {**record, "title": "Product Reference", "stack_owner": "Acme LLC"},
        {**record, "title": "Product Reference", "stack_owner": "Rivet"},
    )
    assert [entry.name for entry in read(root)] == ["Acme", "Acme", ""]
