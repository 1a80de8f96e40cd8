"""Descriptions of activities."""

from __future__ import annotations

from typing import Any

import pytest

from opencasb.activities.activity import read_activity
from opencasb.activities.descriptions import describe
from opencasb.activities.fields import Fields
from tests.activities.normalised_example import normalised

FAILED = {
    "eventTypeName": "EVENT_CATEGORY_FAILED_LOGIN",
    "objects": [],
    "failureReason": "wrong password",
    "isSuccess": False,
}


def described(**changes: Any) -> dict[str, Any]:
    """Return the description of the example with changes."""
    return describe(read_activity(Fields(normalised(**changes))))


@pytest.mark.parametrize(
    ("changes", "text"),
    [
        ({}, "Download file: file plan.xlsx"),
        ({"objects": [{"type": "oauthApp", "name": "Mailer"}]}, "Download file: OAuth app Mailer"),
        ({"objects": [{"type": "servicePrincipal", "id": "5"}]}, "Download file: service principal 5"),
        ({"objects": [{"type": "user", "name": "eva", "role": "parameter"}]}, "Download file"),
        (FAILED, "Failed log on (Failure message: wrong password)"),
        ({"eventTypeName": ...}, "FileDownloaded: file plan.xlsx"),
        ({"description": "Own words"}, "Own words"),
        ({"isImpersonated": True}, "Download file: file plan.xlsx (impersonated)"),
        ({"isImpersonated": True, "description": "Own (impersonated)"}, "Own (impersonated)"),
    ],
)
def test_a_description_says_what_was_done_to_what(changes: dict[str, Any], text: str) -> None:
    assert described(**changes)["description"] == text


def test_the_parameters_of_the_template() -> None:
    found = described(**FAILED)
    assert found["description_id"] == "EVENT_DESCRIPTION_LOGIN"
    assert found["description_metadata"] == {
        "target_object": "",
        "operation_name": "FileDownloaded",
        "colon": "",
        "dash": "",
        "event_category": "Failed log on",
        "activity_result_message": "wrong password",
    }
    assert described()["description_metadata"]["colon"] == ": "


def test_a_made_description_is_bounded() -> None:
    assert len(described(objects=[{"type": "file", "name": "x" * 100_000}])["description"]) <= 1000
