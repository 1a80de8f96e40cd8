"""The repository of IP tags."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from opencasb.store.database import Database
from opencasb.store.ip_tags import BUILT_IN, IpTag, IpTags, category_of, resolve

AWS, TOR = "000000290000000000000000", "2dfa95cd7922d979d66fcff5"


def given(database: Database, tenant_id: int, *tags: str) -> list[IpTag]:
    """Resolve tags in their own transaction."""
    with database.write() as connection:
        return resolve(connection, tenant_id, tags)


def test_the_built_in_tags_are_the_known_ones(shared: Path) -> None:
    """Ids and names are those in the reference."""
    known = json.loads((shared / "reference/enums.json").read_text("utf-8"))["builtInIpTags"]
    assert {name: tag_id for tag_id, name in BUILT_IN.items()} == known


def test_tags_are_found_by_name_in_any_case_and_by_id(database: Database) -> None:
    """Each once, in the given order; an unknown name creates one of the tenant's own tags."""
    made = given(database, 1, "tor", " Office ", AWS.upper(), "OFFICE", "Amazon Web Services")
    assert [tag.name for tag in made] == ["Tor", "Office", "Amazon Web Services"]
    assert [tag.built_in for tag in made] == [True, False, True]
    office = made[1]
    assert given(database, 1, office.tag_id, "oFFice") == [office]
    assert IpTags(database).all(1)[-1] == office
    assert len(IpTags(database).all(1)) == len(BUILT_IN) + 1


def test_tenants_do_not_see_one_another(database: Database) -> None:
    """Another tenant has neither the tag nor its id."""
    (office,) = given(database, 1, "Office")
    assert len(IpTags(database).all(2)) == len(BUILT_IN)
    with pytest.raises(ValueError, match=f"tags: '{office.tag_id}' is not the id of a tag"):
        given(database, 2, office.tag_id)
    assert given(database, 2, "Office") != [office]


@pytest.mark.parametrize(
    ("tags", "message"),
    [
        ([""], "tags: '' must have 1 to 64 printable characters"),
        (["a\0b"], "must have 1 to 64"),
        (["x" * 65], "must have 1 to 64"),
        (["\ud800"], "must have 1 to 64"),
        (["0" * 24], "tags: '000000000000000000000000' is not the id of a tag"),
        ([f"tag {number}" for number in range(101)], "tags: at most 100 are allowed"),
    ],
)
def test_what_is_no_tag(database: Database, tags: list[str], message: str) -> None:
    """The error names it, and no tag is created."""
    with pytest.raises(ValueError, match=message):
        given(database, 1, "Office", *tags)
    assert len(IpTags(database).all(1)) == len(BUILT_IN)


def test_the_category_of_tags() -> None:
    """Risky takes precedence over provider, and a custom tag has none."""
    assert category_of([AWS]) == 5
    assert category_of([AWS, TOR]) == 3
    assert (
        category_of(["0000000d0000000000000000"]) == category_of(["66ad00000000000000000001"]) == category_of([]) == 0
    )
