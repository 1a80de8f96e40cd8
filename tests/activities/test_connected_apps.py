"""Apps in normalised records."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from opencasb.activities import connected_apps
from opencasb.activities.connected_apps import UNNUMBERED, by_number, by_slug, event_number, parts_of, slugs, unlisted
from opencasb.activities.data_files import table


def test_slugs_and_numbers_are_each_others() -> None:
    apps = [app for slug in slugs() if (app := by_slug(slug))]
    assert len(apps) == len(slugs()) > 30
    assert [by_number(app.app_id) for app in apps] == apps


@pytest.mark.parametrize(
    ("slug", "activity_class", "event_type", "number"),
    [
        ("exchange", "failed_login", "EVENT_AAD_LOGIN_FAILED", 2293761),
        ("office365", "login", "EVENT_AAD_LOGIN", None),
        ("onedrive", "download", "EVENT_O365_ONEDRIVE_GENERIC", None),
        ("cloud_app_security", "login", "EVENT_ADALLOM_LOGIN", 917504),
        ("github", "other", "EVENT_GITHUB_GENERIC", None),
    ],
)
def test_event_types(slug: str, activity_class: str, event_type: str, number: int | None) -> None:
    """Documented event types keep their numbers; ours have numbers above 0x7F0000."""
    app = by_slug(slug)
    assert app is not None
    assert app.event_type("EVENT_CATEGORY_UNSPECIFIED", activity_class) == event_type
    assert event_number(event_type) == number if number else event_number(event_type) > UNNUMBERED


@pytest.mark.parametrize(("category", "word"), [("RESOLVE_ALERT", "RESOLVED"), ("DISMISS_ALERT", "DISMISSED")])
def test_closing_an_alert_has_an_event_type_of_its_own(category: str, word: str) -> None:
    app = by_slug("cloud_app_security")
    assert app is not None
    assert app.event_type(f"EVENT_CATEGORY_{category}", "other") == f"EVENT_ADALLOM_ALERT_{word}"


def test_every_event_type_has_a_number_of_its_own() -> None:
    numbers = [int(row["number"]) for row in table("event_types.csv")]
    assert len(set(numbers)) == len(numbers)
    made = {
        app.event_type("EVENT_CATEGORY_UNSPECIFIED", activity_class)
        for slug in slugs()
        if (app := by_slug(slug))
        for activity_class in ("login", "failed_login", "other")
    }
    assert UNNUMBERED not in {event_number(event_type) for event_type in made}


def test_numbers_never_change() -> None:
    """Clients may store them."""
    assert (event_number("EVENT_O365_GENERIC"), event_number("EVENT_JUMPCLOUD_LOGIN")) == (8323073, 8323188)


def test_an_app_that_is_not_listed() -> None:
    app = unlisted(990_001, "acme crm")
    assert (app.name, app.saas_id) == ("acme crm", 990_001)
    assert app.event_type("EVENT_CATEGORY_LOGIN", "login") == "EVENT_ACME_CRM_LOGIN"
    assert event_number("EVENT_ACME_CRM_LOGIN") == UNNUMBERED
    assert unlisted(990_001, "").event_type("", "other") == "EVENT_APP_990001_GENERIC"
    assert by_slug("acme crm") is by_number(990_001) is None


def test_the_shared_numbers(shared: Path) -> None:
    """Numbers and names of apps and event types agree with the shared enumerations."""
    enums = json.loads((shared / "reference" / "enums.json").read_text(encoding="utf-8"))
    events = {int(number): name for number, name in enums["activityEventTypes"].items()}
    assert list(map(event_number, events.values())) == list(events) != []
    parts = list(map(by_number, enums["office365SubApps"]))
    assert {part and part.saas_id for part in parts} == {11161}
    known = {int(number): name for number, name in enums["wellKnownApps"].items()}
    apps = [app for slug in slugs() if (app := connected_apps.by_slug(slug)) and app.app_id in known]
    assert len(apps) > 15
    assert {app.name for app in apps if app.app_id != 20595} <= set(known.values())


def test_parts_of_a_suite() -> None:
    """The suite's other apps; other apps, and parts of a suite, have none."""
    assert set(parts_of(11161)) >= {20893, 20892, 15600, 28375}
    assert 11161 not in parts_of(11161)
    assert (parts_of(20893), parts_of(10489), parts_of(1)) == ((), (), ())
