"""Reasons why a domain looks like a cloud app."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from opencasb.discovery.habits import Habits
from opencasb.discovery.provisional import BASE, profile

QUIET = Habits(
    app_id=1_000_000_000,
    people=2,
    returning=0,
    person_days=2,
    at_work=1,
    days=2,
    before=1,
    after=1,
    transactions=4,
    uploaded_bytes=0,
    downloaded_bytes=90_000,
    total_bytes=90_000,
    period=30,
    work_begins=7,
)


def kinds(seen: Habits, *hosts: str, domain: str = "acme.se", sign_ins: tuple[str, ...] = ()) -> dict[str, str]:
    """Return the texts of the reasons by kind."""
    return {reason.kind: reason.text for reason in profile(domain, seen, hosts, sign_ins).reasons}


def test_a_domain_of_which_nothing_is_known_stays_at_the_base() -> None:
    """There are no reasons and no points."""
    assert profile("acme.se", QUIET, ["acme.se"]).reasons == ()
    assert profile("acme.se", QUIET, ["acme.se"]).confidence == BASE


def test_a_service_has_many_reasons() -> None:
    """Each with its numbers, most important first."""
    busy = replace(
        QUIET, people=18, returning=14, person_days=140, at_work=126, days=20, before=5, after=13,
        transactions=1_400, uploaded_bytes=6_000_000, downloaded_bytes=6_000_000,
    )  # fmt: skip
    hosts = ["login.acme.se", "api.acme.se", "app.acme.se"]
    found = profile("acme.se", busy, hosts, ["login.microsoftonline.com"])
    assert found.confidence == 100
    assert found.is_likely
    assert {reason.kind: reason.text for reason in found.reasons} == {
        "sign-in-redirect": "people are sent back to it by login.microsoftonline.com",
        "sign-in-host": "hosts for signing in: login.acme.se",
        "uploads": "50 % of 12 MB went up",
        "api-host": "hosts of an API: api.acme.se",
        "app-host": "hosts of an application: app.acme.se",
        "returning": "14 of 18 people came on more than one day",
        "working-hours": "90 % of 140 daily visits of people lie in working hours (Monday to Friday, 07-17 UTC)",
        "growth": "grows: 5 people in the first half of 30 days, 13 in the second",
        "intensity": "10 transactions for each person and day of use",
    }
    points = [abs(reason.points) for reason in found.reasons]
    assert points == sorted(points, reverse=True)


@pytest.mark.parametrize(
    ("change", "kind"),
    [
        ({"uploaded_bytes": 200_000, "downloaded_bytes": 1_000_000}, "uploads"),
        ({"uploaded_bytes": 20_000, "downloaded_bytes": 1_000_000}, "few-uploads"),
        ({"people": 8, "returning": 1}, "passing-by"),
        ({"person_days": 50, "at_work": 4}, "day-and-night"),
    ],
)
def test_use_speaks_for_and_against(change: dict[str, int], kind: str) -> None:
    """Each habit separately."""
    assert list(kinds(replace(QUIET, **change))) == [kind]


@pytest.mark.parametrize(
    ("change", "hosts"),
    [
        ({"uploaded_bytes": 50_000, "downloaded_bytes": 900_000}, ()),  # too little to tell
        ({"uploaded_bytes": 0, "downloaded_bytes": 9_000_000}, ()),  # a log without uploads
        (
            {
                "uploaded_bytes": 800_000,
                "downloaded_bytes": 900_000,
                "transactions": 4_000,
                "person_days": 2_000,
                "at_work": 999,
            },
            (),
        ),  # beacons
        ({"before": 4, "after": 30, "period": 7}, ()),  # too short to be halved
    ],
)
def test_what_says_nothing_is_no_reason(change: dict[str, int], hosts: tuple[str, ...]) -> None:
    """Numbers that are too small, or missing."""
    assert kinds(replace(QUIET, **change), *hosts) == {}


def test_networks_that_hand_out_are_told_from_services() -> None:
    """By most of their hosts, or by their name; a single such host among others does not count."""
    assert kinds(QUIET, "cdn1.acme.se", "img.acme.se", "acme.se") == {
        "delivery-hosts": "hosts of content delivery or tracking: 2 of 3"
    }
    assert kinds(QUIET, "cdn.acme.se", "app.acme.se") == {"app-host": "hosts of an application: app.acme.se"}
    assert list(kinds(QUIET, domain="acmetracker.net")) == ["delivery-name"]


def test_hosts_say_something_by_whole_words_below_the_domain() -> None:
    """Split at dots, digits and hyphens: "capital" does not contain "api", nor "blogger" "log"."""
    hosts = ["acme.se", "api-eu2.acme.se", "bloggers.acme.se", "capital.acme.se", "cdn3.acme.se", "x.sso7.acme.se"]
    assert kinds(QUIET, *hosts) == {
        "sign-in-host": "hosts for signing in: x.sso7.acme.se",
        "api-host": "hosts of an API: api-eu2.acme.se",
    }
    assert kinds(QUIET, "login.se", domain="login.se") == {}


def test_endings_say_something() -> None:
    """Institutions have their own, and services their favourites."""
    assert list(kinds(QUIET, domain="town.gov.uk")) == ["institution"]
    assert list(kinds(QUIET, domain="notes.ai")) == ["app-ending"]
    assert kinds(QUIET, domain="edu-shop.com") == {}


def test_many_hosts_are_named_in_part() -> None:
    """The first three."""
    hosts = [f"login{number}.acme.se" for number in range(5)]
    text = "hosts for signing in: login0.acme.se, login1.acme.se, login2.acme.se and 2 more"
    assert kinds(QUIET, *hosts) == {"sign-in-host": text}


@given(st.lists(st.text(max_size=30)), st.text(max_size=30), st.lists(st.text(max_size=9)))
def test_any_names_have_a_confidence(hosts: list[str], domain: str, sign_ins: list[str]) -> None:
    """Hostile input never raises, and the confidence stays within 0 to 100."""
    assert 0 <= profile(domain, QUIET, hosts, sign_ins).confidence <= 100
