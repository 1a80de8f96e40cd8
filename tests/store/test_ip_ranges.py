"""The repository of IP ranges."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from opencasb.store.audit_log import AuditLog
from opencasb.store.conflict import Conflict
from opencasb.store.database import Database
from opencasb.store.ip_range_documents import RangeRule
from opencasb.store.ip_ranges import BuiltIn, IpRanges
from opencasb.store.ip_tags import BUILT_IN, IpTags

TOR = "2dfa95cd7922d979d66fcff5"


@pytest.fixture
def ranges(database: Database, clock: Callable[[], int]) -> IpRanges:
    """Return the repository under test."""
    return IpRanges(database, clock)


def rule(name: str, *subnets: str, **more: Any) -> RangeRule:
    """Return a rule."""
    return RangeRule(name=name, category=more.pop("category", 1), subnets=subnets, **more)


def test_a_range_is_kept_as_it_was_given(ranges: IpRanges) -> None:
    """Texts and their order are kept; get and list return the same."""
    made = ranges.create(1, rule("  Lisbon ", "198.51.100.7/24", "10.0.0.1", organization="Example", tags=["tor"]))
    assert made["name"] == "Lisbon"
    assert [subnet["originalString"] for subnet in made["subnets"]] == ["198.51.100.7/24", "10.0.0.1"]
    assert ranges.get(1, made["_id"]) == made
    assert ranges.all(1) == [made]


def test_a_range_inside_itself_is_allowed(ranges: IpRanges) -> None:
    """Blocks of one range may repeat and contain each other."""
    ranges.create(1, rule("Both", "192.168.1.0/24", "192.168.2.0/16", "192.168.1.0/24"))
    with pytest.raises(Conflict, match=r"subnets: '192.168.77.1' overlaps IP range 'Both'"):
        ranges.create(1, rule("Inside", "192.168.77.1"))


@pytest.mark.parametrize(
    "subnet", ["10.1.0.0/16", "10.0.0.0/8", "10.1.2.3", "0.0.0.0/0", "::/0", "::ffff:10.1.255.255", "2001:db8::/32"]
)
def test_ranges_do_not_overlap(ranges: IpRanges, subnet: str) -> None:
    """Whether larger, equal or smaller, in either spelling of IPv4; a rejected range stores nothing, not even a tag."""
    ranges.create(1, rule("First", "9.0.0.0/8", "10.1.0.0/16", "11.0.0.0/8", "2001:db8:1::/48"))
    before = ranges.revision(1)
    with pytest.raises(Conflict, match="overlaps IP range 'First'"):
        ranges.create(1, rule("Second", "172.16.0.0/12", subnet, tags=["New"]))
    assert len(ranges.all(1)) == 1
    assert len(IpTags(ranges.records.database).all(1)) == len(BUILT_IN)
    assert ranges.revision(1) == before
    ranges.create(1, rule("Beside", "10.0.0.0/16", "10.2.0.0/15", "2001:db8:2::/48", "172.16.0.0/12"))


def test_an_update_replaces_everything_and_frees_what_it_gives_up(ranges: IpRanges) -> None:
    """Omitted values become empty; the range does not conflict with itself."""
    made = ranges.create(1, rule("A", "10.0.0.0/8", organization="Example", tags=["tor"], location={"name": "Porto"}))
    changed = ranges.update(1, made["_id"], rule("a", "10.0.0.0/9", category=4))
    assert changed is not None
    assert changed | {"lastModified": 0} == {
        "_id": made["_id"],
        "name": "a",
        "subnets": [
            {"originalString": "10.0.0.0/9", "address": "0000:0000:0000:0000:0000:ffff:0a00:0000", "mask": 105}
        ],
        "location": None,
        "organization": None,
        "tags": [],
        "category": 4,
        "lastModified": 0,
        "_tid": 1,
    }
    ranges.create(1, rule("B", "10.128.0.0/9"))
    with pytest.raises(Conflict, match="name: 'B' is the name of another IP range"):
        ranges.update(1, made["_id"], rule("B", "10.0.0.0/9"))
    with pytest.raises(Conflict, match="overlaps IP range 'B'"):
        ranges.update(1, made["_id"], rule("a", "10.0.0.0/8"))
    assert ranges.get(1, made["_id"]) == changed


def test_names_are_unique_in_any_case(ranges: IpRanges) -> None:
    """A built-in range reserves no name."""
    ranges.show_built_in(1)
    ranges.create(1, rule("tor", "10.0.0.1"))
    with pytest.raises(Conflict, match="name: 'TOR' is the name of another IP range"):
        ranges.create(1, rule("TOR", "10.0.0.2"))


def test_a_deleted_range_is_gone_and_its_space_is_free(ranges: IpRanges) -> None:
    """Deleting returns whether it existed."""
    made = ranges.create(1, rule("A", "10.0.0.0/8"))
    assert ranges.delete(1, made["_id"])
    assert not ranges.delete(1, made["_id"])
    assert ranges.update(1, made["_id"], rule("A", "10.0.0.0/8")) is None
    assert ranges.all(1) == []
    ranges.create(1, rule("A", "10.0.0.0/8"))


def test_built_in_ranges_cannot_be_changed(ranges: IpRanges) -> None:
    """They can be fetched, and are not listed with the tenant's own."""
    found = ranges.get(1, TOR)
    assert found is not None
    assert (found["name"], found["category"], found["builtIn"], found["subnets"]) == ("Tor", 3, True, [])
    ranges.show_built_in(1)
    ranges.show_built_in(1)
    assert ranges.all(1) == []
    assert ranges.records.count(1) == (len(BUILT_IN), False)
    with pytest.raises(BuiltIn, match="IP range 'Tor' is built in"):
        ranges.delete(1, TOR)
    with pytest.raises(BuiltIn):
        ranges.update(1, TOR, rule("x", "10.0.0.1"))


@pytest.mark.parametrize(
    ("given", "message"),
    [
        (rule(" ", "10.0.0.1"), "name: ' ' must have 1 to 256 printable characters"),
        (rule("x" * 257, "10.0.0.1"), "name: 'x"),
        (rule("a\nb", "10.0.0.1"), "must have 1 to 256"),
        (rule("x", "10.0.0.1", category=7), r"category: 7 must be 0 \(none\) to 6"),
        (rule("x", "10.0.0.1", category=-1), "category: -1 must be"),
        (rule("x"), "subnets: 1 to 10000 addresses or blocks are needed, not 0"),
        (rule("x", *["10.0.0.1"] * 10_001), "subnets: 1 to 10000 .* not 10001"),
        (rule("x", "10.0.0.1", "nonsense"), "subnets: 'nonsense' is not an address or block"),
        (rule("x", "10.0.0.1", tags=["f" * 24]), "tags: 'ffffffffffffffffffffffff' is not the id of a tag"),
    ],
)
def test_what_is_wrong_is_named(ranges: IpRanges, given: RangeRule, message: str) -> None:
    """Field, value and what is allowed; nothing is stored."""
    with pytest.raises(ValueError, match=message):
        ranges.create(1, given)
    assert ranges.all(1) == []


def test_tenants_do_not_see_one_another(ranges: IpRanges) -> None:
    """Another tenant may use the same names and addresses; ids of other tenants are unknown."""
    made = ranges.create(1, rule("A", "10.0.0.0/8"))
    ranges.create(2, rule("A", "10.0.0.0/8"))
    assert ranges.get(2, made["_id"]) is None
    assert ranges.update(2, made["_id"], rule("B", "11.0.0.0/8")) is None
    assert not ranges.delete(2, made["_id"])
    assert ranges.all(1) == [made]
    assert ranges.revision(3) == 0


def test_changes_are_audited_and_counted(ranges: IpRanges, database: Database, clock: Callable[[], int]) -> None:
    """Each change has one entry and changes the revision."""
    seen = {ranges.revision(1)}
    made = ranges.create(1, rule("A", "10.0.0.0/8", tags=["tor"]), by="ann")
    seen.add(ranges.revision(1))
    ranges.update(1, made["_id"], rule("B", "10.0.0.0/8"), by="ben")
    seen.add(ranges.revision(1))
    ranges.delete(1, made["_id"], by="eve")
    seen.add(ranges.revision(1))
    entries = {(entry.action, entry.actor, entry.target) for entry in AuditLog(database, clock).latest(1)}
    assert entries == {
        ("ip_range.create", "ann", "A"),
        ("ip_range.update", "ben", "B"),
        ("ip_range.delete", "eve", "B"),
    }
    assert len(seen) == 4


def test_of_overlapping_ranges_made_at_once_one_wins(ranges: IpRanges) -> None:
    """Writers of one tenant are serialised; the error names the winner. The same applies to names."""

    def attempt(number: int) -> str:
        try:
            return str(ranges.create(1, rule(f"R{number // 2}", f"10.0.0.0/{8 + number}"))["name"])
        except Conflict as conflict:
            return str(conflict)

    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(attempt, range(8)))
    (winner,) = ranges.all(1)
    assert answers.count(winner["name"]) == 1
    assert sum("overlaps IP range" in answer or "is the name of another" in answer for answer in answers) == 7
