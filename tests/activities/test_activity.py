"""Normalised records."""

from __future__ import annotations

from typing import Any

import pytest

from opencasb.activities.activity import Activity, EventObject, read_activity
from opencasb.activities.connected_apps import by_slug
from opencasb.activities.fields import Fields
from opencasb.activities.invalid import Invalid
from tests.activities.normalised_example import FIREFOX, normalised
from tests.conftest import NOW


def read(**changes: Any) -> Activity:
    """Return the parsed example with changes."""
    return read_activity(Fields(normalised(**changes)))


def test_a_whole_record() -> None:
    """Values are typed and normalised."""
    found = read(isInteractive=False, failureCode=50126, country="pt", region="eu-1", sharing="external")
    assert (found.timestamp, found.app.app_id, found.saas_id, found.instance_id) == (NOW - 1000, 15600, 11161, 0)
    assert (found.category.name, found.activity_class) == ("EVENT_CATEGORY_DOWNLOAD_FILE", "download")
    assert (found.name.user, found.ip, found.country, found.user_agent) == (
        "ana@example.org",
        "192.0.2.10",
        "PT",
        FIREFOX,
    )
    assert (found.is_interactive, found.failure_code, found.region, found.sharing) == (False, 50126, "eu-1", "external")
    assert found.objects == (
        EventObject("file", "target", "F1", "plan.xlsx", None),
        EventObject("folder", "parameter", None, "Plans", None),
    )


def test_the_least_that_is_needed() -> None:
    """An app with an operation or a category is enough."""
    found = read_activity(Fields({"app": "github", "rawOperation": "repo.create"}))
    assert (found.category.name, found.is_success, found.timestamp) == ("EVENT_CATEGORY_UNSPECIFIED", True, None)
    assert read_activity(Fields({"appId": 38536, "eventTypeName": "EVENT_CATEGORY_LOGIN"})).app is by_slug("github")


def test_numbers_and_booleans_may_be_texts() -> None:
    """Error codes often are strings (connectors §3.6), and not always numbers."""
    assert read(failureCode="50126", appId="15600").failure_code == 50126
    assert read(failureCode=0x80070005).failure_code == 0x80070005
    assert read(failureCode="AccessDenied").failure_code == "AccessDenied"
    assert read(isAdmin="TRUE").is_admin


@pytest.mark.parametrize(
    ("changes", "field", "allowed"),
    [
        ({"app": ..., "appId": ...}, "appId", "product number"),
        ({"app": "nosuch", "appId": ...}, "app", "onedrive"),
        ({"appId": "onedrive"}, "appId", "whole number"),
        ({"appId": True}, "appId", "whole number"),
        ({"appId": 0}, "appId", "from 1"),
        ({"rawOperation": ..., "eventTypeName": ...}, "rawOperation", "operation"),
        ({"rawOperation": 5}, "rawOperation", "text"),
        ({"eventTypeName": "something"}, "eventTypeName", "EVENT_CATEGORY_LOGIN"),
        ({"activityClass": "loggin"}, "activityClass", "failed_login"),
        ({"timestamp": [1]}, "timestamp", "ISO 8601"),
        ({"timestamp": False}, "timestamp", "ISO 8601"),
        ({"user": 5}, "user", "text"),
        ({"actorType": "Robot"}, "actorType", "Regular, Admin, System, Application"),
        ({"deviceType": "desktop"}, "deviceType", "DESKTOP, MOBILE, TABLET, OTHER"),
        ({"failureClass": "typo"}, "failureClass", "credentials, mfa, policy, blocked, interrupt"),
        ({"sharing": "world"}, "sharing", "internal, external, public"),
        ({"country": "Portugal"}, "country", "two letters"),
        ({"ip": ["192.0.2.1"]}, "ip", "text"),
        ({"isAdmin": "maybe"}, "isAdmin", "true or false"),
        ({"isSuccess": 2}, "isSuccess", "true or false"),
        ({"failureCode": []}, "failureCode", "text or a number"),
        ({"objects": {}}, "objects", "list of objects"),
        ({"objects": ["F1"]}, "objects[0]", "object"),
        ({"objects": [{}, {"type": "drawer"}]}, "objects[1].type", "file, folder"),
        ({"objects": [{"role": "owner"}]}, "objects[0].role", "target, parameter"),
        ({"objects": [{"id": []}]}, "objects[0].id", "text"),
    ],
)
def test_what_is_wrong_is_named(changes: dict[str, Any], field: str, allowed: str) -> None:
    with pytest.raises(Invalid) as error:
        read(**changes)
    assert error.value.field == field
    assert allowed in error.value.allowed


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"isSuccess": ...}, True),
        ({"isSuccess": None}, True),
        ({"isSuccess": False}, False),
        ({"isSuccess": ..., "failureCode": 0}, True),
        ({"isSuccess": ..., "failureCode": "7"}, False),
        ({"isSuccess": ..., "failureCode": "00"}, True),
        ({"isSuccess": ..., "failureCode": "AccessDenied"}, False),
        ({"isSuccess": ..., "failureCode": "Success"}, True),
        ({"isSuccess": ..., "failureClass": "policy"}, False),
        ({"isSuccess": "False"}, False),
        ({"isSuccess": " true "}, True),
        ({"isSuccess": 1}, True),
        ({"isSuccess": True, "failureCode": 7}, True),
    ],
)
def test_most_logs_only_record_what_happened(changes: dict[str, Any], expected: bool) -> None:
    assert read(**changes).is_success is expected


def test_the_name_of_a_program_outweighs_the_stated_type() -> None:
    """Microsoft 365 calls them regular users (connectors §3.2, §5.1)."""
    assert read(user="app@sharepoint", actorType="Regular").actor_type == "Application"
    assert read(user="ana@example.org", actorType="Regular").actor_type == "Regular"


def test_a_failed_sign_in_failed_whatever_its_result_says() -> None:
    assert not read(eventTypeName="EVENT_CATEGORY_FAILED_LOGIN", isSuccess=True).is_success


def test_the_class_can_differ_from_that_of_the_category() -> None:
    assert read(eventTypeName="EVENT_CATEGORY_RUN_COMMAND", activityClass="mail_rule").activity_class == "mail_rule"
    assert read(eventTypeName="EVENT_CATEGORY_RUN_COMMAND", isAdmin=True).activity_class == "admin_change"


def test_the_number_of_an_app_decides() -> None:
    assert read(app="github", appId=15600).app is by_slug("onedrive")
    assert read(app="acme", appId=990_001).app.name == "acme"
    assert read(app="acme", appId=990_001, saasId=990_000).saas_id == 990_000


def test_a_spelling_can_tell_who_it_is() -> None:
    found = read(user="urn:spo:guest#eva@partner.example", actorType=...)
    assert (found.name.user, found.is_external, found.actor_type) == ("eva@partner.example", True, None)
    assert read(user="app@sharepoint", actorType=...).actor_type == "Application"


def test_text_without_an_address_or_client_is_none() -> None:
    assert read(country="--").country == ""
    assert (read(ip="AWS Internal").ip, read(userAgent="-").user_agent, read(timestamp="soon").timestamp) == (
        None,
        "",
        None,
    )
