"""Activities over HTTP (api §7)."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

import pytest
import sqlalchemy as sa
from hypothesis import given
from hypothesis import strategies as st

from opencasb.activities.columns import to_record
from opencasb.activities.invalid import Invalid
from opencasb.activities.normalised import to_wire
from opencasb.activities.wire import complete
from opencasb.model.roles import Role
from tests.activities.anything import damaged
from tests.activities.example import wire
from tests.api.v1.conftest import Client
from tests.api.v1.contract import CONTRACT, schema
from tests.conftest import NOW
from tests.store.feedback import feedback_on

MADE = to_wire({"app": "okta", "rawOperation": "user.session.start", "user": "ana@example.org"}, 1, NOW)


def store(client: Client, *numbers: int, **changes: Any) -> list[str]:
    """Store activities, each a second older than the previous one; return their ids."""
    tenant = client.known.tenant_id
    records = [to_record(complete(wire(number, **changes), tenant, NOW)) for number in numbers]
    client.casb.activities.add(tenant, records)
    return [record.record_id for record in records]


def ids(page: dict[str, Any]) -> list[str]:
    """Return the ids of a page."""
    return [record["_id"] for record in page["data"]]


def test_a_list_has_the_newest_first_and_all_five_keys(client: Client) -> None:
    """By both methods, with and without a slash (api §4.1, §7.1)."""
    stored = store(client, *range(1, 6))
    page = client.post("activities/", {"limit": 2})
    assert ids(page) == stored[:2]
    assert {name: page[name] for name in page.keys() - {"data"}} == {
        "total": 5,
        "hasNext": True,
        "max": 2,
        "moreThanTotal": False,
    }
    assert ids(client.get("activities?limit=2&skip=4")) == stored[4:]
    assert ids(client.post("activities/", {"sortDirection": "asc", "sortField": "created"})) == sorted(stored)


def test_every_page_tells_the_same_total(client: Client) -> None:
    """In the middle, at the end, where no count is needed, beyond it, and in a scan (api §4.1, §4.4)."""
    store(client, *range(1, 8))
    pages = [client.post("activities/", {"limit": 3, "skip": skip}) for skip in (0, 3, 4, 6, 7, 9)]
    assert [(page["total"], len(page["data"]), page["hasNext"]) for page in pages] == [
        (7, 3, True),
        (7, 3, True),
        (7, 3, False),
        (7, 1, False),
        (7, 0, False),
        (7, 0, False),
    ]
    store(client, *range(8, 600))
    following: dict[str, Any] = {"isScan": True, "limit": 500}
    page = client.post("activities/", following)
    following["filters"] = page["nextQueryFilters"]
    last = client.post("activities/", following)
    assert (page["total"], last["total"], last["hasNext"]) == (599, 599, False)


def test_a_list_asks_the_database_little(client: Client) -> None:
    """One query for the caller and one for the page; the count needs another only if the end is not reached."""
    store(client, *range(1, 6))
    client.post("activities/", {"limit": 2})  # records the use of the token
    sent: list[str] = []

    def keep(*event: Any) -> None:  # as called by SQLAlchemy
        sent.append(event[2])

    engine = client.casb.database.engine
    sa.event.listen(engine, "before_cursor_execute", keep)
    for body, questions in (({"limit": 2}, 3), ({"limit": 5}, 2), ({"filters": {"policy": {"isset": True}}}, 2)):
        sent.clear()
        client.post("activities/", body)
        assert len([each for each in sent if each.startswith("SELECT")]) == questions, sent
    sa.event.remove(engine, "before_cursor_execute", keep)


def test_records_are_as_they_were_delivered(client: Client) -> None:
    """Fields that clients read unconditionally are present; nothing else is changed (api §7.4)."""
    (activity_id,) = store(client, 1, rawDataJson={"Operation": "UserLoginFailed", "n": [1.5, None]})
    record = client.get(f"activities/{activity_id}/")
    assert record == client.post("activities/")["data"][0] == client.post(f"activities/{activity_id}")
    assert record["rawDataJson"] == {"Operation": "UserLoginFailed", "n": [1.5, None]}
    assert (record["entityData"]["1"], record["location"]["city"]) == (None, "Porto")


def test_filters_narrow(client: Client) -> None:
    """The documented forms of filters, on columns, values and text (api §7.5)."""
    store(client, 1, 2)
    found = store(client, 3, appId=11599, saasId=11599, description="Assume role")
    for filters in (
        {"service": {"eq": [11599]}},
        {"service": {"neq": 11161}},
        {"text": {"text": "assume ROLE"}},
        {"activity.id": {"eq": found}},
        {"date": {"lte": NOW - 3000}, "ip.address": {"eq": "192.0.2.10"}},
        {"date": {"range": {"start": "1.76e12", "end": f"{NOW - 3000}.9"}}, "service": {"eq": "11599.0"}},
    ):
        assert ids(client.post("activities/", {"filters": filters})) == found
    assert ids(client.post("activities/", {"filters": {"activity.alertId": {"eq": "f" * 24}}})) == []
    assert "unknown" in client.refusal(400, "activities/", {"filters": {"banana": {"eq": 1}}})


def test_long_values_are_found(client: Client) -> None:
    """By their full text and by a prefix; a user agent also by its end."""
    url, agent = f"https://contoso.example/{'a' * 640}/plan.xlsx?w=1", f"Mozilla/5.0 {'b' * 690} END"
    objects = [{"objType": 1, "role": 3, "id": url, "name": "Plan", "serviceObjectType": "file"}]
    found = store(client, 1, mainInfo={"eventObjects": objects}, device={"userAgent": agent})
    others = store(client, 2, 3)
    assert min(len(url), len(agent)) > 650
    for name, operator, operand in (
        *((name, "eq", url) for name in ("office365url", "fileId", "fileSelector", "activityObject")),
        ("office365url", "startswith", url[:610]),
        ("userAgent.userAgent", "contains", agent[-20:]),
        ("userAgent.userAgent", "contains", agent),
    ):
        assert ids(client.post("activities/", {"filters": {name: {operator: operand}}})) == found, name
    for name, operator in (("office365url", "neq"), ("office365url", "doesnotstartwith"), ("fileId", "neq")):
        assert ids(client.post("activities/", {"filters": {name: {operator: url}}})) == others
    assert ids(client.post("activities/", {"filters": {"userAgent.userAgent": {"ncontains": agent[-9:]}}})) == others


def test_an_alert_leads_to_its_activities(client: Client) -> None:
    """The link is stored when the alert is raised."""
    stored = store(client, 1, 2, 3)
    client.casb.activities.mark(client.known.tenant_id, "alerts", "f" * 24, stored[1:])
    page = client.post("activities/", {"filters": {"activity.alertId": {"eq": ["f" * 24]}}})
    assert (ids(page), page["total"]) == (stored[1:], 2)


def test_a_scan_delivers_every_record_once(client: Client) -> None:
    """Ties of the sort key at the end of a page are moved to the next page (api §4.4)."""
    tenant = client.known.tenant_id
    made = [complete(wire(number, timestamp=NOW - number // 7), tenant, NOW) for number in range(1203)]
    client.casb.activities.add(tenant, [to_record(each) for each in made])
    seen: list[str] = []
    filters: dict[str, Any] | None = {"service": {"eq": [11161]}}
    while filters is not None:
        page = client.post("activities/", {"isScan": True, "filters": filters, "limit": 500})
        seen += ids(page)
        filters = page.get("nextQueryFilters")
        assert page["hasNext"] is (filters is not None)
    assert sorted(seen) == sorted(each["_id"] for each in made)


def test_feedback_is_kept_and_answers_the_activity(client: Client) -> None:
    """Under both names of the value, with and without a slash; unknown ids give 404 (api §7.3)."""
    (activity_id,) = store(client, 1)
    given = {"feedbackValue": "0", "feedbackText": "It was me", "allowContact": True, "contactEmail": "a@example.org"}
    answer = client.post(f"activities/{activity_id}/feedback", given)
    assert answer == {"total": 1, "hasNext": False, "data": [client.get(f"activities/{activity_id}/")]}
    client.post(f"activities/{activity_id}/feedback/", {"feedback": "bad", "allowContact": "false"})
    first, second = sorted(
        feedback_on(client.casb.database, client.known.tenant_id, activity_id), key=lambda each: str(each.rating)
    )
    assert (first.rating, first.text, first.allow_contact, first.contact_email) == (
        "0",
        "It was me",
        True,
        "a@example.org",
    )
    assert (second.rating, second.text, second.allow_contact) == ("bad", None, False)
    assert first.given_by
    client.post(f"activities/{activity_id}/feedback", {"feedbackValue": 2.0, "feedbackText": "Not me:\n\t\u00a0x"})
    client.post(f"activities/{activity_id}/feedback", {"feedback": "two\nlines", "feedbackText": " "})
    client.post(f"activities/{activity_id}/feedback", {"feedback": 1})
    said = {each.rating: each.text for each in feedback_on(client.casb.database, client.known.tenant_id, activity_id)}
    assert said == {"0": "It was me", "2": "Not me:\n\t\u00a0x", "bad": None, "two\nlines": None, "1": None}
    assert client.refusal(404, "activities/nothing/feedback", {}) == "Not found."
    assert "feedbackText" in client.refusal(400, f"activities/{activity_id}/feedback", {"feedbackText": "x" * 5000})


@pytest.mark.parametrize("activity_id", ["nothing", "%00", "\U0001f600", "x" * 3000, "'"])
def test_an_unknown_activity_is_not_found(reader: Client, activity_id: str) -> None:
    """The form of the id does not matter."""
    assert reader.call("GET", f"activities/{quote(activity_id, safe='%')}/").status_code == 404


def test_ids_are_found_as_they_stand_in_the_path(client: Client) -> None:
    """Vendors' ids contain all kinds of characters."""
    for number, activity_id in enumerate(("a|b:c", "ä b", "1+2=3", "x%y")):
        store(client, number, _id=activity_id)
        assert client.get(f"activities/{quote(activity_id, safe='')}/")["_id"] == activity_id


def test_ids_with_slashes_are_found(client: Client) -> None:
    """Always if escaped, even if they end like an API path; unescaped if the path is unambiguous."""
    ids_ = ("a/b", "projects/x/logs/y", "/sub/x", "a//b", "a/", "a/feedback", "feedback", "a%2Fb", "\u00e4/b")
    for number, activity_id in enumerate(ids_):
        store(client, number, _id=activity_id)
    for activity_id in ids_:
        path = f"activities/{quote(activity_id, safe='')}"
        assert client.get(f"{path}/")["_id"] == activity_id
        assert client.get(path)["_id"] == activity_id
        for end in ("feedback", "feedback/"):
            assert client.post(f"{path}/{end}", {"feedback": "x"})["data"][0]["_id"] == activity_id
        assert len(feedback_on(client.casb.database, client.known.tenant_id, activity_id)) == 2
    for activity_id in ("a/b", "projects/x/logs/y", "\u00e4/b"):
        assert client.call("GET", f"activities/{activity_id}/").json()["_id"] == activity_id
        assert client.call("POST", f"activities/{activity_id}/feedback").json()["data"][0]["_id"] == activity_id
    assert client.call("GET", "activities/a/c/").status_code == 404


def test_every_key_of_an_activity_is_in_the_contract() -> None:
    """So that a client generated from the file has all of them."""
    assert MADE.keys() | wire().keys() <= schema("Activity")["properties"].keys()


@given(st.one_of(damaged(wire()), damaged(MADE)))
def test_whatever_is_accepted_fits_the_contract(record: dict[str, Any]) -> None:
    """Imported activities keep values of their own."""
    try:
        found = complete(record, 1, NOW)
    except Invalid:
        return
    CONTRACT.check_value("Activity", found)


def test_who_may_see_activities(client: Client) -> None:
    """Callers with investigation permissions, in the same tenant only (api §2.3)."""
    (activity_id,) = store(client, 1)
    for path in ("activities/", f"activities/{activity_id}/"):
        assert client.call("GET", path, role=Role.SECURITY_READER).status_code == 200
        assert client.call("GET", path, role=Role.CLOUD_DISCOVERY_GLOBAL_ADMIN).status_code == 403
        assert client.call("GET", path, role=None).status_code == 401
    assert client.get("activities/", by=client.known.stranger)["data"] == []
    assert client.call("GET", f"activities/{activity_id}/", by=client.known.stranger).status_code == 404
    assert client.call("POST", f"activities/{activity_id}/feedback", by=client.known.stranger).status_code == 404
