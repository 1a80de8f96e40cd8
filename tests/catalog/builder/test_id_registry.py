"""Stable ids."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from opencasb.catalog.builder.id_registry import IdRegistry

KEYS = st.sets(st.sampled_from([f"{letter}.com" for letter in "abcdefghij"]))


def test_new_ids_follow_the_order_of_keys_from_34000() -> None:
    """The input order of the apps has no effect."""
    assert IdRegistry({}).assign([("b.com", ["b.com"]), ("a.com", ["a.com"])]) == {"a.com": 34000, "b.com": 34001}


def test_an_app_keeps_its_id_when_its_main_domain_changes() -> None:
    """The id follows a domain the app still has, unless that domain is now another app."""
    registry = IdRegistry({"old.com": 34007})
    assert registry.assign([("new.com", ["new.com", "old.com"])]) == {"new.com": 34007}
    split = IdRegistry({"old.com": 34007}).assign([("new.com", ["new.com", "old.com"]), ("old.com", ["old.com"])])
    assert split == {"new.com": 34008, "old.com": 34007}


def test_the_id_of_an_app_that_went_is_never_given_again() -> None:
    """The highest id is not reused either."""
    registry = IdRegistry({"gone.com": 34000})
    assert registry.assign([("new.com", ["new.com"])]) == {"new.com": 34001}
    assert "34000,gone.com" in registry.text()


def test_well_known_ids_are_claimed_once() -> None:
    """Two apps cannot share one."""
    registry = IdRegistry({})
    registry.claim("box.com", 10489)
    registry.claim("box.com", 10489)
    with pytest.raises(ValueError, match=r"10489.*'other.com'.*'box.com'"):
        registry.claim("other.com", 10489)


def test_reserved_ids_are_left_out() -> None:
    """They belong to apps whose names we do not know."""
    assert IdRegistry({}, reserved=[34000]).assign([("a.com", [])]) == {"a.com": 34001}


def test_a_register_reads_what_it_wrote(tmp_path: Path) -> None:
    """Apps and ids survive writing and reading."""
    path = tmp_path / "ids.csv"
    first = IdRegistry.read(path)
    first.assign([("a.com", ["a.com"]), ('name:odd, "name"', [])])
    path.write_text(first.text(), "utf-8")
    assert IdRegistry.read(path).text() == first.text()


@given(st.lists(KEYS, min_size=1, max_size=5))
def test_no_id_changes_and_none_is_shared_through_any_history(history: list[set[str]]) -> None:
    """Any apps may be added and removed."""
    registry, known = IdRegistry({}), dict[str, int]()
    for keys in history:
        given_ids = registry.assign([(key, [key]) for key in keys])
        assert len(set(given_ids.values())) == len(keys)
        assert all(known.get(key, number) == number for key, number in given_ids.items())
        known |= given_ids
    assert len(set(known.values())) == len(known)
