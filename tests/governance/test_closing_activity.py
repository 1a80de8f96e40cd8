"""The activity written when an alert is closed."""

from __future__ import annotations

from typing import Any

import pytest

from opencasb.activities.columns import to_record
from opencasb.activities.enrichment import Enrichment
from opencasb.activities.places import NOWHERE
from opencasb.governance.closing import BENIGN, FALSE_POSITIVE, TRUE_POSITIVE, Closing, Verdict
from opencasb.governance.closing_activity import activity_of
from tests.alerts import alert, alert_id
from tests.conftest import NOW

BY = "soc@example.org"


@pytest.mark.parametrize(
    ("verdict", "number", "value", "category", "id_key"),
    [
        (BENIGN, 917544, "EVENT_ADALLOM_ALERT_DISMISSED", "EVENT_CATEGORY_DISMISS_ALERT", "dismissId"),
        (FALSE_POSITIVE, 917544, "EVENT_ADALLOM_ALERT_DISMISSED", "EVENT_CATEGORY_DISMISS_ALERT", "dismissId"),
        (TRUE_POSITIVE, 917543, "EVENT_ADALLOM_ALERT_RESOLVED", "EVENT_CATEGORY_RESOLVE_ALERT", "resolveId"),
    ],
)
def test_a_verdict_has_its_event(verdict: Verdict, number: int, value: str, category: str, id_key: str) -> None:
    """True positives are resolved, the others dismissed (api §7.4)."""
    made = activity_of(alert(), Closing(verdict=verdict), 7, call_id="c", by=BY, now=NOW)
    assert (made["eventType"], made["eventTypeValue"], made["eventTypeName"]) == (number, value, category)
    assert made["adallom"][id_key] == "c"
    assert made["_id"] == made["uid"]
    assert made["_id"].startswith(f"7_{NOW}_")


def test_it_says_what_was_done_to_which_alert() -> None:
    """The keys of ``adallom`` that clients read, and ours for the reason."""
    closing = Closing(
        verdict=BENIGN,
        comment="a drill",
        reason_id=6,
        send_feedback=True,
        feedback="fine",
        allow_contact=True,
        contact_email=BY,
        bulk=False,
    )
    assert activity_of(alert(), closing, 7, call_id="c", by=BY, now=NOW)["adallom"] == {
        "alertMongoId": alert_id(1),
        "alertUid": alert_id(1),
        "alertTypeId": 15859716,
        "alertTitle": "Impossible travel activity",
        "title": "Impossible travel activity",
        "alertSeverity": "MEDIUM",
        "alertSeverityValue": 1,
        "alertScore": "34",
        "alertActor": "11161|0|3b0f4c3e-0000-4000-8000-0000000000AA",
        "alertTimestamp": NOW - 999_000,
        "alertDate": "2025-11-20T11:43:21.000Z",
        "licenses": [],
        "comment": "a drill",
        "reasonId": 6,
        "reason": "Triggered by test",
        "sendFeedback": True,
        "feedback": "fine",
        "allowContact": True,
        "contact_email": BY,
        "alertBulk": False,
        "isBulkDismissed": False,
        "count": 1,
        "dismissId": "c",
        "handledByUser": BY,
    }


def test_it_has_what_clients_read_without_looking() -> None:
    """All required keys are present (api §7.4), strings are not null, and it can be stored."""
    made = activity_of(alert(entities=[]), Closing(verdict=BENIGN), 7, call_id="c", by=BY, now=NOW)
    assert (made["appId"], made["appName"], made["timestamp"]) == (20595, "Microsoft Cloud App Security", NOW)
    assert made["description"] == "Dismiss alert: Impossible travel activity"
    assert made["user"] == {"userName": BY, "userTags": []}
    nowhere = Enrichment(lambda _: None, lambda _: NOWHERE).enrich({})
    assert (made["location"], made["userAgent"]) == (nowhere["location"], nowhere["userAgent"])
    assert (made["location"]["countryCode"], made["location"]["city"]) == ("", "")
    assert made["internals"] == {"otherIPs": []}
    assert set(made["device"]) == {"clientIP", "userAgent", "countryCode"}
    assert None not in made["userAgent"].values()
    assert made["entityData"]["0"]["id"] == {"id": BY, "saas": 20595, "inst": 0}
    assert made["adallom"]["alertActor"] is None
    stored = to_record(made)
    assert (stored.columns["is_admin"], stored.columns["action_type"]) == (True, "DismissAlert")
    assert list(stored.values["alerts"]) == [alert_id(1)]
    assert list(stored.values["entities"]) == [f"{BY}|0|20595"]


@pytest.mark.parametrize(
    ("entities", "actor"),
    [
        ([{"type": "account", "id": "ana"}], None),
        ([{"type": "account", "id": "ana"}, {"type": "account", "id": "Ana", "saas": 11161}], "11161|0|Ana"),
        ([{"type": "account", "id": "ana", "saas": 11770, "inst": 5}], "11770|5|ana"),
    ],
)
def test_the_actor_has_an_app_or_is_none(entities: list[dict[str, Any]], actor: str | None) -> None:
    """``app|instance|id`` has no form without an app (api §1.2)."""
    made = activity_of(alert(entities=entities), Closing(verdict=BENIGN), 7, call_id="c", by=BY, now=NOW)
    assert made["adallom"]["alertActor"] == actor


@pytest.mark.parametrize(("score", "said"), [(0, "0"), (None, "")])
def test_a_score_of_zero_is_a_score(score: int | None, said: str) -> None:
    """Only an unknown one is empty text (api §7.4)."""
    made = activity_of(alert(threatScore=score), Closing(verdict=BENIGN), 7, call_id="c", by=BY, now=NOW)
    assert made["adallom"]["alertScore"] == said
