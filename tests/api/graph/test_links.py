"""Links."""

from __future__ import annotations

from opencasb.api.graph.links import Links
from opencasb.api.graph.options import parse

PATH = "/beta/dataDiscovery/cloudAppDiscovery/uploadedStreams/1/aggregatedAppsDetails%20(period=duration%27P30D%27)"
LINKS = Links("https://proxy.example/graph", PATH)


def test_a_page_link_repeats_path_and_options_as_they_were_sent() -> None:
    """Only the position changes."""
    options = parse("$filter=displayName%20eq+'a%26b'&%24top=5&$skip=5")
    link = LINKS.page(options, 10, "2025-11-19", "10017")
    query = "$filter=displayName%20eq+'a%26b'&%24top=5&$skip=10&$skiptoken=2025-11-19.10.MTAwMTc"
    assert link == f"https://proxy.example/graph{PATH}?{query}"
    assert LINKS.page(parse(""), 100, None, "10017") == f"https://proxy.example/graph{PATH}?$skip=100"


def test_a_link_is_a_valid_url_whatever_bytes_were_sent() -> None:
    """Blanks, quotes and non-ASCII bytes are encoded."""
    link = Links("https://x.example", '/beta/a b/\xe9"').page(parse("$filter=<ö>"), 1, None, "1")
    assert link == "https://x.example/beta/a%20b/%E9%22?$filter=%3C%F6%3E&$skip=1"


def test_links_lead_below_a_resource() -> None:
    """A related collection is appended to the path, with or without its trailing slash, and keeps its selection."""
    assert Links("https://x.example", "/beta/1/").related("users") == "https://x.example/beta/1/users?$skip=100"
    assert LINKS.related("users", selection=["id", "name"]).endswith("/users?$select=id,name&$skip=100")
    assert LINKS.related("users", "2025-11-19", "ann").endswith("/users?$skip=100&$skiptoken=2025-11-19.100.YW5u")


def test_the_context_names_the_selection() -> None:
    """The selected properties are in parentheses, directly behind the set that the entity is from."""
    assert LINKS.context("Collection(x)", ["id", "displayName"]) == (
        "https://proxy.example/graph/beta/$metadata#Collection(x)(id,displayName)"
    )
    assert LINKS.context("security").endswith("#security")
    assert LINKS.context("set/$entity", ["id"]).endswith("#set(id)/$entity")
