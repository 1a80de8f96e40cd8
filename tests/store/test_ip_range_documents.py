"""The wire record of an IP range."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from opencasb.store.ip_range_documents import RangeRule, built_in_range, checked, document, record_of
from opencasb.store.ip_tags import BUILT_IN, IpTag

TAGS = [IpTag(tag_id="2dfa95cd7922d979d66fcff5", name="Tor"), IpTag(tag_id="66ad00000000000000000001", name="Berlin")]


def made(**changes: Any) -> dict[str, Any]:
    """Return the record of a rule."""
    given: dict[str, Any] = {"name": "A", "category": 1, "subnets": ["198.51.100.7/24"], **changes}
    rule, blocks = checked(RangeRule(**given))
    return document(7, "66ad0000000000000000000f", rule, blocks, TAGS, 1_718_000_000_000)


def test_the_record_has_exactly_the_documented_keys() -> None:
    """Missing values are null, and the time is a number with a fraction."""
    record = made(organization="", location={})
    tags = record.pop("tags")
    assert record == {
        "_id": "66ad0000000000000000000f",
        "name": "A",
        "subnets": [
            {
                "originalString": "198.51.100.7/24",
                "address": "0000:0000:0000:0000:0000:ffff:c633:6400",
                "mask": 120,
            }
        ],
        "location": None,
        "organization": None,
        "category": 1,
        "lastModified": 1_718_000_000_000.0,
        "_tid": 7,
    }
    assert isinstance(record["lastModified"], float)
    assert [tag["_tid"] for tag in tags] == [0, 7]


def test_an_override_is_told_only_where_it_is_off_and_means_something() -> None:
    """Without a value there is nothing to override."""
    off = {"override_organization": False, "override_location": False}
    assert made(**off).keys() == made().keys()
    assert made(**off, organization="X")["overrideOrganization"] is False
    assert made(**off, location={"name": "Porto"})["overrideLocation"] is False
    assert made(organization="X", location={"name": "Porto"}).keys() == made().keys()


def test_what_lists_filter_and_sort_by() -> None:
    """Names in lower case, tags by id and, for sorting, by name."""
    record = record_of(made(name="Lisbon HQ"))
    assert record.columns == {
        "modified": 1_718_000_000_000,
        "name": "lisbon hq",
        "category": 1,
        "tag_names": "berlin, tor",
        "is_built_in": False,
    }
    assert set(record.values["tags"]) == {tag.tag_id for tag in TAGS}


@pytest.mark.parametrize("tag_id", BUILT_IN)
def test_a_built_in_range_shows_its_tag_and_no_blocks(tag_id: str) -> None:
    """It belongs to no tenant."""
    found = built_in_range(tag_id)
    assert (found["_id"], found["id"], found["name"], found["_tid"]) == (tag_id, tag_id, BUILT_IN[tag_id], 0)
    assert (found["subnets"], found["tags"][0]["id"]) == ([], tag_id)
    assert record_of(found).columns["is_built_in"]


@given(st.text(max_size=300), st.integers(), st.lists(st.text(max_size=20), max_size=3))
def test_any_rule_is_checked_or_refused(name: str, category: int, subnets: list[str]) -> None:
    """Only ``ValueError`` is raised."""
    try:
        rule, blocks = checked(RangeRule(name=name, category=category, subnets=subnets))
    except ValueError:
        return
    assert rule.name == name.strip()
    assert len(blocks) == len(subnets)
