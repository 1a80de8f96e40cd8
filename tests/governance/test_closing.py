"""Rules for closing, reopening and reading alerts."""

from __future__ import annotations

import pytest

from opencasb.governance.closing import (
    BENIGN,
    FALSE_POSITIVE,
    TRUE_POSITIVE,
    Closing,
    Verdict,
    closed,
    marked,
    reopened,
)
from tests.alerts import alert
from tests.conftest import NOW


@pytest.mark.parametrize(("verdict", "status"), [(FALSE_POSITIVE, 3), (BENIGN, 4), (TRUE_POSITIVE, 5)])
def test_closing_sets_verdict_words_person_and_time(verdict: Verdict, status: int) -> None:
    """It also marks the alert as read; nothing else changes."""
    assert closed(alert(), Closing(verdict=verdict, comment="known"), "soc@example.org", NOW) == {
        **alert(),
        "resolutionStatusValue": status,
        "statusValue": 1,
        "comment": "known",
        "handledByUser": "soc@example.org",
        "resolveTime": "2025-11-20T12:00:00.000Z",
    }


def test_a_verdict_is_given_once_and_can_be_changed() -> None:
    """The same verdict again changes nothing; another one, or a legacy one, is replaced."""
    assert closed(alert(resolutionStatusValue=4), Closing(verdict=BENIGN), "x", NOW) is None
    for before in (0, 1, 2, 3, 5):
        assert closed(alert(resolutionStatusValue=before), Closing(verdict=BENIGN), "x", NOW) is not None


@pytest.mark.parametrize(
    ("verdict", "given", "number"),
    [
        (BENIGN, 2, 2),
        (BENIGN, "6", 6),
        (BENIGN, " confirmed with END user", 5),
        (BENIGN, 0, 4),
        (BENIGN, "because", 4),
        (BENIGN, None, None),
        (FALSE_POSITIVE, 0, 0),
        (FALSE_POSITIVE, 5, 4),
        (FALSE_POSITIVE, -(2**70), 4),
        (TRUE_POSITIVE, 1, None),
    ],
)
def test_reasons_belong_to_a_verdict(verdict: Verdict, given: int | str | None, number: int | None) -> None:
    """They have a number or name; any other is ``Other``, and a true positive has none."""
    assert verdict.reason(given) == number


def test_reopening_takes_back_what_closing_set() -> None:
    """An open alert is not changed."""
    after = closed(alert(), Closing(verdict=BENIGN, comment="x"), "x", NOW)
    assert after is not None
    assert reopened(after) == {**alert(), "statusValue": 1}
    assert reopened(alert()) is None


def test_marking_says_whether_it_changed_anything() -> None:
    """It can be marked as read and as unread."""
    assert marked(alert(), read=True) == alert(statusValue=1)
    assert marked(alert(statusValue=1), read=False) == alert()
    assert marked(alert(statusValue=1), read=True) is None
