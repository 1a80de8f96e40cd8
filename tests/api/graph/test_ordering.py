"""$orderby."""

from __future__ import annotations

import pytest

from tests.api.graph.standin import APPS, ROWS, STREAMS, Api

OKTA, DROPBOX, ADS, MAILCHIMP, CHATGPT, HUB, OREILLY = (str(row["app_id"]) for row in ROWS)


@pytest.mark.parametrize(
    ("orderby", "first"),
    [
        ("riskScore", [MAILCHIMP, OREILLY, ADS, DROPBOX]),
        ("riskScore%20desc", [OKTA, CHATGPT, HUB, DROPBOX, ADS, MAILCHIMP, OREILLY]),
        ("riskRating+DESC,displayName", [OKTA, CHATGPT, HUB, DROPBOX, ADS, MAILCHIMP, OREILLY]),
        ("displayName asc", [CHATGPT, DROPBOX, ADS, MAILCHIMP, HUB, OREILLY, OKTA]),
        ("category,displayName desc", [HUB, DROPBOX, CHATGPT, MAILCHIMP, ADS]),
        ("userCount", [MAILCHIMP, ADS, DROPBOX]),
        ("appInfo/vendor desc", [OKTA, ADS, DROPBOX, MAILCHIMP]),
        ("appInfo%2Ffounded", [MAILCHIMP, CHATGPT, HUB, OREILLY, ADS]),
        ("id", [OKTA, ADS]),
    ],
)
def test_apps_are_ordered_by_any_single_value(shared_api: Api, orderby: str, first: list[str]) -> None:
    """Null is the smallest, text ignores case, ties are ordered by number."""
    assert shared_api.get(f"{APPS}?$orderby={orderby}").ids[: len(first)] == first


def test_the_usual_order_is_by_number(shared_api: Api) -> None:
    """Without $orderby, apps are ordered by number, users by name, streams by kind."""
    numbers = [int(each) for each in shared_api.get(APPS).ids]
    assert numbers == sorted(numbers)
    users = [row["userIdentifier"] for row in shared_api.get(f"{APPS}/{OKTA}/users").json()["value"]]
    assert users == sorted(users)
    latest_first = shared_api.get(f"{APPS}/{OKTA}/users?$orderby=userIdentifier desc").json()["value"]
    assert latest_first[0]["userIdentifier"] == "user249@contoso.example"
    names = [row["displayName"] for row in shared_api.get(f"{STREAMS}?$orderby=displayName").json()["value"]]
    assert names == ["Branch office", "Global View", "Laptops"]


@pytest.mark.parametrize(
    "orderby", ["tags", "nosuch", "riskScore up", "riskScore,,id", "appInfo/logonUrls", "users", "$id"]
)
def test_what_has_no_single_value_is_refused(shared_api: Api, orderby: str) -> None:
    """Collections and unknown properties are rejected by name."""
    answer = shared_api.get(f"{APPS}?$orderby={orderby}")
    assert answer.status == 400
    assert "$orderby" in answer.message
