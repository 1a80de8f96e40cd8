"""Event categories."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from opencasb.activities.categories import activity_classes, canonical, categories, category
from opencasb.filters.tables.activities import CATEGORY_ALIASES


def test_names_display_names_and_aliases_are_different() -> None:
    """A text refers to one category, whichever kind of name it is."""
    found = [each for category in categories().values() for each in (category.name, *category.aliases)]
    displayed = [category.display_name.lower() for category in categories().values()]
    assert len(set(found)) == len(found)
    assert len(set(displayed)) == len(displayed)


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("EVENT_CATEGORY_LOGIN", "LOGIN"),
        ("event_category_login", "LOGIN"),
        ("LOGIN", "LOGIN"),
        ("Log on", "LOGIN"),
        ("EVENT_CATEGORY_EDIT_FILE", "MODIFY_FILE"),
        ("EVENT_CATEGORY_EDIT_USER", "UPDATE_USER"),
        ("EVENT_CATEGORY_EDIT_OBJECT", "UPDATE_OBJECT"),
        ("EVENT_CATEGORY_IMPERSONATE", "IMPERSONATE_LOGIN"),
        ("EVENT_CATEGORY_ADMIN_ACTION", "CHANGE_SETTINGS"),
    ],
)
def test_other_names_mean_the_same(text: str, name: str) -> None:
    assert canonical(text) == f"EVENT_CATEGORY_{name}"


def test_filters_know_the_other_names() -> None:
    pairs = {alias: each.name for each in categories().values() for alias in each.aliases}
    assert dict(CATEGORY_ALIASES) == pairs


@pytest.mark.parametrize(
    ("name", "plain", "administrative"),
    [
        ("LOGIN", "login", "login"),
        ("DELETE_OBJECT", "delete", "admin_change"),
        ("CHANGE_PASSWORD", "modify", "admin_change"),
        ("RUN_COMMAND", "other", "admin_change"),
        ("DELETE_USER", "delete_user", "delete_user"),
        ("RESTORE_USER", "restore_user", "restore_user"),
        ("CHANGE_AUDIT_SETTINGS", "audit_change", "audit_change"),
        ("EXPORT_REPORT", "download", "download"),
    ],
)
def test_classes(name: str, plain: str, administrative: str) -> None:
    """An administrator's action may have another class (connectors §4)."""
    found = category(f"EVENT_CATEGORY_{name}")
    assert found is not None
    assert (found.class_of(is_admin=False), found.class_of(is_admin=True)) == (plain, administrative)


def test_one_that_is_not_known_is_of_the_class_other() -> None:
    found = category("EVENT_CATEGORY_PRINT_BADGE")
    assert found is not None
    assert (found.display_name, found.activity_class) == ("Print badge", "other")
    assert category("print badge") is None


def test_classes_are_those_that_detections_use() -> None:
    assert {"login", "failed_login", "mail_rule", "vm_create", "admin_change", "other"} <= set(activity_classes())


def test_the_shared_names(shared: Path) -> None:
    """Every category of the shared enumerations is known by name or alias, and observed ones keep theirs."""
    enums = json.loads((shared / "reference" / "enums.json").read_text(encoding="utf-8"))
    named = enums["activityEventCategories"]
    assert all(canonical(name) in categories() for names in named.values() for name in names)
    assert all(canonical(name) == name for name in named["observed"])
    shown = {name: categories()[name].display_name for name in enums["activityEventDisplayNames"]}
    assert shown == enums["activityEventDisplayNames"]


@given(st.text(max_size=40))
def test_canonical_is_stable(text: str) -> None:
    assert canonical(canonical(text)) == canonical(text)
