"""Outdated browsers and systems."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from opencasb.activities.data_files import table
from opencasb.activities.outdated import is_outdated_browser, is_outdated_system


def majors(browser: str) -> list[int]:
    """Return the major versions in the table, the newest first."""
    return sorted(
        (int(row["major"]) for row in table("browser_releases.csv") if row["browser"] == browser), reverse=True
    )


@pytest.mark.parametrize("browser", ["Chrome", "Edge", "Firefox", "Opera"])
def test_four_majors_are_too_many(browser: str) -> None:
    newest, _, _, third, fourth, *_ = majors(browser)
    assert not is_outdated_browser(browser, str(newest))
    assert not is_outdated_browser(browser, str(third))
    assert is_outdated_browser(browser, str(fourth))
    assert not is_outdated_browser(browser, str(newest + 1))
    assert is_outdated_browser(browser, "3")


def test_a_year_is_too_long() -> None:
    """Safari has one major version a year: the previous one is younger than a year, the one before is not."""
    newest, previous, before, *_ = majors("Safari")
    assert [is_outdated_browser("Safari", str(major)) for major in (newest, previous, before)] == [False, False, True]


def test_internet_explorer_has_a_successor() -> None:
    assert is_outdated_browser("IE", "11")


@pytest.mark.parametrize(("browser", "major"), [("Konqueror", "3"), ("Chrome", ""), ("Chrome", "x"), ("Chrome", "٣")])
def test_what_is_not_known_is_not_outdated(browser: str, major: str) -> None:
    assert not is_outdated_browser(browser, major)


@pytest.mark.parametrize(
    ("family", "version", "outdated"),
    [
        ("Windows", "7", True),
        ("Windows", "XP", True),
        ("Windows", "8.1", True),
        ("Windows", "10", False),
        ("Windows", "", False),
        ("Mac OS X", "10.14.6", True),
        ("Mac OS X", "10.15.7", False),
        ("Mac OS X", "10.4", True),
        ("Mac OS X", "13.2", True),
        ("Mac OS X", "26.1", False),
        ("iOS", "12.5.7", True),
        ("iOS", "5.1", True),
        ("iOS", "26.0", False),
        ("Android", "4.1", True),
        ("Android", "12", True),
        ("Android", "16", False),
        ("Linux", "2.4", False),
        ("BeOS", "5", False),
    ],
)
def test_systems_without_security_updates(family: str, version: str, outdated: bool) -> None:
    assert is_outdated_system(family, version) is outdated


def test_the_tables_are_ordered_in_time() -> None:
    """Higher major versions are newer, and all end dates precede the tables' date."""
    for browser in {row["browser"] for row in table("browser_releases.csv")}:
        rows = [row for row in table("browser_releases.csv") if row["browser"] == browser]
        days = [date.fromisoformat(row["released"]) for row in sorted(rows, key=lambda row: int(row["major"]))]
        assert days == sorted(days)
    assert all(date.fromisoformat(row["ended"]) < date(2026, 11, 12) for row in table("ended_operating_systems.csv"))


@given(st.sampled_from(["Chrome", "Windows", "iOS", "IE", ""]), st.text(alphabet="0123456789.x٣²", max_size=12))
def test_any_version_has_an_answer(family: str, version: str) -> None:
    assert isinstance(is_outdated_browser(family, version), bool)
    assert isinstance(is_outdated_system(family, version), bool)
