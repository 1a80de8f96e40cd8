"""The query options."""

from __future__ import annotations

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from opencasb.api.graph.errors import BadRequest
from opencasb.api.graph.options import LARGEST_PAGE, PAGE_SIZE, Options, parse, skip_token


@pytest.mark.parametrize("name", ["$top", "%24top", "top", "$TOP", "Top", "%24Top", " $top"])
def test_an_option_may_be_spelled_with_or_without_the_dollar_in_any_case(name: str) -> None:
    """Literal, encoded and bare names are the same option."""
    assert parse(f"{name}=5").top == 5


@pytest.mark.parametrize("blank", ["%20", "+", " "])
def test_blanks_may_be_encoded_in_any_way(blank: str) -> None:
    """Plus, percent-20 and literal blanks are blanks, and those around a value are dropped."""
    assert parse(f"$filter=riskScore{blank}le{blank}4{blank}&$top=1").filter == "riskScore le 4"


def test_absent_options_have_their_defaults() -> None:
    """The default is the first page with 100 rows."""
    none = parse("")
    assert (none, none.page_size) == (Options(), PAGE_SIZE)


def test_the_page_size_is_capped() -> None:
    """Larger sizes are clamped; 0 is 0."""
    assert parse("$top=999999").page_size == LARGEST_PAGE
    assert parse("$top=0").page_size == 0


def test_a_skip_token_has_the_last_row_of_its_own_page_only() -> None:
    """With a different $skip the token does not apply; without one it includes it."""
    token = skip_token("2024-05-01", 100, "a/ü'b")
    queries = (f"$skiptoken={token}", f"$skip=5&$skiptoken={token}")
    found = [(each.day, each.skip, each.after) for each in map(parse, queries)]
    assert found == [("2024-05-01", 100, "a/ü'b"), ("2024-05-01", 5, None)]


@pytest.mark.parametrize(
    "query",
    [
        *("$search=x", "search=x", "$apply=x", "$compute=x", "$foo=1", "$deltatoken=x"),
        *(
            "$top=-1",
            "$top=ten",
            "$top=",
            "$top=1.5",
            "$top=%D9%A1",
            "$skip=x",
            "$skip=1e3",
            "$top=9999999999999999999",
        ),
        *("$count=yes", "$count=", "$skiptoken=yesterday", "$skiptoken=2024-13-01", "$skiptoken=0001-01-01"),
        *("$skiptoken=2024-05-01.5", "$skiptoken=2024-05-01.5.a%20b", "$skiptoken=2024-05-01.5.ww", "$skiptoken=.5.YQ"),
        *("$top=1&$top=2", "$top=1&top=2", "$filter=a&%24FILTER=b", "$search=a&$search=b"),
    ],
)
def test_what_cannot_be_followed_is_refused_by_name(query: str) -> None:
    """Unknown OData options, duplicates and invalid values are rejected with the option's name."""
    with pytest.raises(BadRequest, match=r"\$|search"):
        parse(query)


def test_options_that_are_not_odata_are_ignored_and_kept_in_links() -> None:
    """A custom option is ignored; a link repeats everything but the position."""
    found = parse("api-version=1&$top=5&%24skip=10&$skiptoken=2024-05-01&$filter=displayName%20eq+'x'&")
    assert found.raw == ("api-version=1", "$top=5", "$filter=displayName%20eq+'x'")
    assert (found.skip, found.day) == (10, "2024-05-01")


def test_a_resource_says_which_options_it_follows() -> None:
    """Unsupported options are rejected rather than ignored; $format is always accepted."""
    found = parse("$select=id&$top=5&$format=json")
    found.allow(frozenset({"select", "top"}), "a collection")
    with pytest.raises(BadRequest, match=r"'\$top' cannot be applied to a single resource"):
        found.allow(frozenset({"select"}), "a single resource")


@given(st.text(st.sampled_from("$%24&=+ topskiselectfilter0123'ä\x00"), max_size=60))
def test_any_query_is_read_or_refused(query: str) -> None:
    """Only the rejection is raised."""
    with suppress(BadRequest):
        assert parse(query).page_size <= LARGEST_PAGE
