"""The repository of app tags."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest

from opencasb.store.audit_log import AuditLog
from opencasb.store.custom_apps import CustomApps
from opencasb.store.database import Database
from opencasb.store.tags import TagError, Tags

DROPBOX = 11627
BOX = 10489


@pytest.fixture
def tags(database: Database, clock: Callable[[], int]) -> Tags:
    """Return the repository under test."""
    return Tags(database, clock)


def test_the_built_in_tags_are_always_there(tags: Tags) -> None:
    """A tenant without tagged apps has the three verdicts and the automatic tag, with ids that never change."""
    assert [(tag.tag_id[-2:], tag.name, tag.built_in, tag.app_ids) for tag in tags.all(1)] == [
        ("01", "Sanctioned", True, ()),
        ("02", "Unsanctioned", True, ()),
        ("03", "Monitored", True, ()),
        ("04", "Custom app", True, ()),
    ]
    assert {len(tag.tag_id) for tag in tags.all(1)} == {24}
    assert tags.by_app(1) == {}


def test_verdicts_exclude_one_another(tags: Tags) -> None:
    """The last verdict wins, custom tags stay, and tagging an app again has no effect."""
    assert tags.add(1, DROPBOX, "Sanctioned")
    assert tags.add(1, DROPBOX, "Finance")
    assert tags.add(1, DROPBOX, "unsanctioned ")
    assert not tags.add(1, DROPBOX, "Unsanctioned")
    assert tags.by_app(1) == {DROPBOX: ("Unsanctioned", "Finance")}
    assert tags.add(1, DROPBOX, "MONITORED")
    assert tags.by_app(1) == {DROPBOX: ("Monitored", "Finance")}


def test_own_names_are_found_in_any_case(tags: Tags) -> None:
    """One tag, in the case of its first use, sorted after the built-in ones."""
    tags.add(1, DROPBOX, "Under review")
    tags.add(1, BOX, "UNDER REVIEW")
    tags.add(1, BOX, "abroad")
    own = [tag for tag in tags.all(1) if not tag.built_in]
    assert [(tag.name, tag.app_ids) for tag in own] == [("abroad", (BOX,)), ("Under review", (BOX, DROPBOX))]
    assert tags.by_app(1) == {BOX: ("abroad", "Under review"), DROPBOX: ("Under review",)}


def test_a_tag_can_be_taken(tags: Tags) -> None:
    """Removing returns whether the app had it; other apps keep it, and the tag itself stays."""
    tags.add(1, DROPBOX, "Finance")
    tags.add(1, BOX, "Finance")
    assert tags.remove(1, DROPBOX, "finance")
    assert not tags.remove(1, DROPBOX, "finance")
    assert not tags.remove(1, DROPBOX, "never heard of")
    assert tags.by_app(1) == {BOX: ("Finance",)}
    assert tags.remove(1, BOX, "Finance")
    assert [tag.name for tag in tags.all(1) if not tag.built_in] == ["Finance"]


def test_an_unused_own_tag_can_be_deleted(tags: Tags) -> None:
    """Not if it is in use or built in; an unknown one did not exist."""
    tags.add(1, DROPBOX, "Finance")
    with pytest.raises(TagError, match=r"tag 'finance' is in use by 1 app$"):
        tags.delete(1, "finance")
    with pytest.raises(TagError, match="tag 'Monitored' is built in"):
        tags.delete(1, "monitored")
    tags.remove(1, DROPBOX, "Finance")
    assert tags.delete(1, "finance")
    assert not tags.delete(1, "finance")
    assert all(tag.built_in for tag in tags.all(1))


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("", "tag name '' must have 1 to 64 printable characters"),
        ("  ", "tag name '  ' must have"),
        ("a" * 65, "must have 1 to 64"),
        ("a\nb", "must have 1 to 64"),
        ("a\x00", "must have 1 to 64"),
        ("\ud800", "must have 1 to 64"),
        ("custom APP", "tag 'Custom app' belongs to custom apps by itself"),
        ("None", "tag name 'None' is reserved"),
    ],
)
def test_names_that_no_one_can_give_or_take(tags: Tags, name: str, message: str) -> None:
    """Malformed, automatic and reserved names are rejected by every change, with the reason."""
    for change in (tags.add, tags.remove):
        with pytest.raises(TagError, match=message):
            change(1, DROPBOX, name)
    with pytest.raises(TagError, match=message):
        tags.delete(1, name)


def test_an_app_has_fifteen_tags_at_most(tags: Tags) -> None:
    """A sixteenth is rejected without effect; replacing a verdict does not count as one."""
    tags.add(1, DROPBOX, "Sanctioned")
    for number in range(14):
        tags.add(1, DROPBOX, f"tag {number}")
    with pytest.raises(TagError, match="app 11627 has 15 tags already"):
        tags.add(1, DROPBOX, "one too many")
    assert "one too many" not in {tag.name for tag in tags.all(1)}
    assert tags.add(1, DROPBOX, "Monitored")
    assert len(tags.by_app(1)[DROPBOX]) == 15


def test_custom_apps_are_tagged_by_themselves(tags: Tags, database: Database, clock: Callable[[], int]) -> None:
    """The automatic tag exists as long as the app, and its other tags are deleted with it.

    Each changes the revision.
    """
    apps = CustomApps(database, clock)
    before = tags.revision(1)
    made = apps.create(1, "Wiki", domains=["wiki.example"])
    tags.add(1, made.app_id, "Sanctioned")
    tags.add(1, made.app_id, "Finance")
    tags.add(1, DROPBOX, "Sanctioned")
    assert tags.by_app(1) == {
        made.app_id: ("Sanctioned", "Custom app", "Finance"),
        DROPBOX: ("Sanctioned",),
    }
    between = tags.revision(1)
    apps.delete(1, made.app_id)
    assert tags.by_app(1) == {DROPBOX: ("Sanctioned",)}
    assert len({before, between, tags.revision(1)}) == 3
    assert tags.delete(1, "Finance")


def test_tenants_do_not_see_one_another(tags: Tags) -> None:
    """Tags, their apps and the revision belong to one tenant; the built-in ones have the same ids in each."""
    tags.add(1, DROPBOX, "Finance")
    tags.add(1, BOX, "Sanctioned")
    assert tags.by_app(2) == {}
    assert {each.name: each.app_ids for each in tags.all(2) if each.app_ids} == {}
    assert tags.revision(2) == 0
    assert not tags.remove(2, DROPBOX, "Finance")
    assert not tags.delete(2, "Finance")
    assert tags.by_app(1) == {DROPBOX: ("Finance",), BOX: ("Sanctioned",)}


def test_changes_are_audited(tags: Tags, database: Database, clock: Callable[[], int]) -> None:
    """Each change has one entry with the app and the tag; ineffective changes have none."""
    tags.add(1, DROPBOX, "sanctioned", by="ann")
    tags.add(1, DROPBOX, "sanctioned", by="ann")
    tags.remove(1, DROPBOX, "Sanctioned", by="ben")
    tags.add(1, DROPBOX, "Finance", by="ann")
    tags.remove(1, DROPBOX, "Finance", by="ann")
    tags.delete(1, "Finance", by="eve")
    entries = [
        (entry.action, entry.actor, entry.target, entry.details.get("tag"))
        for entry in AuditLog(database, clock).latest(1)
    ]
    assert sorted(entries, key=str) == [
        ("app_tag.add", "ann", "11627", "Finance"),
        ("app_tag.add", "ann", "11627", "Sanctioned"),
        ("app_tag.delete", "eve", "Finance", None),
        ("app_tag.remove", "ann", "11627", "Finance"),
        ("app_tag.remove", "ben", "11627", "Sanctioned"),
    ]


def test_many_at_once_leave_one_verdict(tags: Tags) -> None:
    """Writers of one tenant are serialised, so an app never has two verdicts."""
    names = ("Sanctioned", "Unsanctioned", "Monitored", "Finance") * 3
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda name: tags.add(1, DROPBOX, name), names))
    held = tags.by_app(1)[DROPBOX]
    assert len(held) == 2
    assert "Finance" in held
