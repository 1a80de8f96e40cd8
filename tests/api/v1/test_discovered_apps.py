"""Discovered apps: records, filters, sorting, pages, categories, tags (api §12.3, §12.4)."""

from __future__ import annotations

from typing import Any

import pytest

from opencasb.model.roles import Role
from tests.api.v1.conftest import Client
from tests.api.v1.installation import BOX, DROPBOX, OKTA, TEAMS, UNLISTED
from tests.conftest import NOW

APPS = "discovery/discovered_apps/"


def numbers(client: Client, **body: Any) -> list[int]:
    """Return the app numbers on a page."""
    return [record["appId"] for record in client.post(APPS, body)["data"]]


def test_a_record_has_the_names_that_clients_read(reader: Client) -> None:
    """Counts are distinct, traffic is in bytes, a transaction is one line."""
    (record,) = reader.post(APPS, {"filters": {"appId": {"eq": BOX}}})["data"]
    midnight = NOW - NOW % 86_400_000
    assert record == {
        "_id": f"{BOX:08x}" + "0" * 16,
        "timestamp": midnight + BOX % 97,
        "appId": BOX,
        "name": "Box",
        "category": "SAASDB_CATEGORY_CLOUD_STORAGE",
        "score": 8,
        "listed": True,
        "trafficTotalBytes": 600,
        "trafficUploadedBytes": 300,
        "trafficDownloadedBytes": 300,
        "trafficTotalEvents": 10,
        "trafficBlockedEvents": 2,
        "usersCount": 2,
        "ipAddressesCount": 2,
        "devicesCount": 0,
        "firstUsed": midnight,
        "lastUsed": midnight + BOX % 97,
        "tags": [],
        "domains": ["box.com", "boxcdn.net"],
        "sanctioned": False,
    }


def test_apps_outside_the_catalog_are_rows_like_others(reader: Client) -> None:
    """They are marked as not listed and have no score; their name is their domain."""
    (record,) = reader.post(APPS, {"filters": {"listed": {"eq": False}}})["data"]
    assert (record["appId"], record["name"], record["listed"], record["score"]) == (
        UNLISTED,
        "shadow.example",
        False,
        None,
    )


def test_the_report_and_its_days_are_asked_for(reader: Client) -> None:
    """Each source has its report, the global one is the default; the window ends with its newest day."""
    known = reader.known
    assert numbers(reader) == [DROPBOX, TEAMS, BOX, UNLISTED]
    assert numbers(reader, streamId=known.global_view, timeframe="90") == [DROPBOX, TEAMS, BOX, UNLISTED, OKTA]
    assert numbers(reader, streamId=known.proxy, timeFrame=7) == [DROPBOX, BOX, UNLISTED]
    assert numbers(reader, streamId=known.firewall.upper(), timeframe=60, performAsyncTotal=True) == [TEAMS]
    said = reader.refusal(400, APPS, {"timeframe": 5})
    assert said == "timeframe: 5 is not a time frame; allowed: 7, 30, 60, 90"
    assert "streamId: 'x' is not a report" in reader.refusal(400, APPS, {"streamId": "x"})


@pytest.mark.parametrize(
    ("filters", "expected"),
    [
        ({"score": {"eq": [1, 4]}}, [DROPBOX]),
        ({"score": {"eq": [0, "10"]}}, [DROPBOX, TEAMS, BOX, UNLISTED, OKTA]),
        ({"score": {"neq": [0, 10]}}, []),
        ({"score": {"eq": [1, 10]}}, [DROPBOX, BOX, OKTA]),
        ({"score": {"eq": [3, 8, 9]}}, [DROPBOX, BOX, OKTA]),
        ({"score": {"lte": 8}}, [DROPBOX, BOX]),
        ({"score": {"isset": False}}, [TEAMS, UNLISTED]),
        ({"users": {"gt": 1}}, [BOX]),
        ({"users": {"lt": "2"}}, [DROPBOX, TEAMS, UNLISTED, OKTA]),
        ({"user.entity": {"eq": ["ana"]}}, [BOX, OKTA]),
        ({"user.entity": {"eq": [{"id": "CID", "inst": 0}, {"id": "dan"}]}}, [TEAMS, UNLISTED]),
        ({"user.entity": {"neq": "ana"}}, [DROPBOX, TEAMS, UNLISTED]),
        ({"user.entity": {"eq": "nobody"}}, []),
        ({"appId": {"neq": [BOX, OKTA]}}, [DROPBOX, TEAMS, UNLISTED]),
        ({"category": {"eq": "cloud_storage"}}, [DROPBOX, BOX]),
        ({"category": {"eq": "Cloud storage"}}, [DROPBOX, BOX]),
        ({"category": {"neq": ["SAASDB_CATEGORY_CLOUD_STORAGE"]}}, [TEAMS, UNLISTED, OKTA]),
        ({"name": {"contains": ["BOX"]}}, [DROPBOX, BOX]),
        ({"name": {"startswith": "micro"}}, [TEAMS]),
        ({"domain": {"endswith": ".net"}}, [BOX]),
        ({"vendor": {"eq": "MICROSOFT"}}, [TEAMS]),
        ({"vendor": {"isset": False}}, [DROPBOX, BOX, UNLISTED]),
        ({"vendor": {"neq": "okta"}, "users": {"lt": 2}}, [DROPBOX, TEAMS, UNLISTED]),
        ({"ipAddresses": {"gte": 2}, "traffic": {"range": {"start": 100, "end": 600}}}, [BOX]),
        ({"uploaded": {"gte": 1000}}, [DROPBOX]),
        ({"downloaded": {"lt": 50}}, [OKTA]),
        ({"transactions": {"eq": [3, 7]}}, [DROPBOX, TEAMS]),
        ({"devices": {"gt": 0}}, []),
        ({"lastUsed": {"lte_ndays": 20}}, [OKTA]),
        ({"lastUsed": {"gte_ndays": 0}}, [DROPBOX, TEAMS, BOX, UNLISTED]),
        ({"flag": {"eq": "Remote-Access"}}, [TEAMS]),
        ({"flag": {"neq": "tracker"}, "users": {"gt": 1}}, [BOX]),
        ({"tag": {"eq": "None"}}, [DROPBOX, TEAMS, BOX, UNLISTED, OKTA]),
    ],
)
def test_filters_narrow_the_report(reader: Client, filters: dict[str, Any], expected: list[int]) -> None:
    """Every filter of api §12.4, ordered by total traffic."""
    assert numbers(reader, filters=filters, timeframe=90) == expected


def test_factors_that_there_are_not_are_refused_by_name(reader: Client) -> None:
    """They are never ignored silently (api §6.2)."""
    said = reader.refusal(400, APPS, {"filters": {"isSoc4Compliant": {"eq": "true"}}})
    assert "isSoc4Compliant" in said


def test_tags_filter_in_any_case(client: Client) -> None:
    """Verdicts and custom tags; None matches untagged apps."""
    client.post(f"discovery/discovery_app/{BOX}/add_tag/", {"tagName": "Sanctioned"})
    client.post(f"discovery/discovery_app/{UNLISTED}/add_tag", {"tagName": "Looked at"})
    assert numbers(client, filters={"tag": {"eq": ["sanctioned", "LOOKED AT"]}}) == [BOX, UNLISTED]
    assert numbers(client, filters={"tag": {"neq": "Sanctioned"}}) == [DROPBOX, TEAMS, UNLISTED]
    assert numbers(client, filters={"tag": {"eq": "None"}}) == [DROPBOX, TEAMS]
    (record,) = client.post(APPS, {"filters": {"appId": {"eq": [BOX]}}})["data"]
    assert (record["tags"], record["sanctioned"]) == (["Sanctioned"], True)


@pytest.mark.parametrize(
    ("field", "direction", "expected"),
    [
        ("name", "asc", [BOX, DROPBOX, TEAMS, OKTA, UNLISTED]),
        ("name", None, [UNLISTED, OKTA, TEAMS, DROPBOX, BOX]),
        ("score", "desc", [OKTA, BOX, DROPBOX, UNLISTED, TEAMS]),
        ("score", "asc", [DROPBOX, BOX, OKTA, TEAMS, UNLISTED]),
        ("usersCount", "DESC", [BOX, UNLISTED, TEAMS, DROPBOX, OKTA]),
        ("ipAddressesCount", "asc", [OKTA, DROPBOX, TEAMS, UNLISTED, BOX]),
        ("trafficUploadedBytes", "asc", [OKTA, UNLISTED, BOX, TEAMS, DROPBOX]),
        ("trafficTotalEvents", None, [BOX, DROPBOX, TEAMS, OKTA, UNLISTED]),
        ("lastUsed", "asc", [OKTA, BOX, TEAMS, UNLISTED, DROPBOX]),
        ("colour", "up", [DROPBOX, TEAMS, BOX, UNLISTED, OKTA]),
    ],
)
def test_sorting_is_total_and_an_unknown_field_is_the_default(
    reader: Client, field: str, direction: str | None, expected: list[int]
) -> None:
    """Ties are ordered by app number; unscored apps come last in both directions (api §4.3)."""
    sizes = {BOX: 13, DROPBOX: 84, TEAMS: TEAMS % 97, UNLISTED: UNLISTED % 97}
    if field == "lastUsed":
        expected = [OKTA, *sorted(sizes, key=lambda app: sizes[app])]
    assert numbers(reader, sortField=field, sortDirection=direction, timeframe=90) == expected


@pytest.mark.parametrize("field", [None, "score", "name", "usersCount"])
@pytest.mark.parametrize("direction", ["asc", "desc"])
@pytest.mark.parametrize("scan", [False, True])
def test_next_query_filters_lead_through_the_report_once(
    reader: Client, field: str | None, direction: str, scan: bool
) -> None:
    """They are returned whenever there is more, even without ``isScan``, and keep the filters (api §12.4)."""
    body: dict[str, Any] = {"timeframe": 90, "limit": 2, "sortField": field, "sortDirection": direction, "skip": 0}
    expected = numbers(reader, **{**body, "limit": 100, "filters": {"users": {"gte": 1}}})
    body |= {"filters": {"users": {"gte": 1}}, "isScan": scan}
    found: list[int] = []
    while True:
        page = reader.post(APPS, body)
        assert page["total"] == 5
        found += [record["appId"] for record in page["data"]]
        if not page["hasNext"]:
            break
        assert len(page["data"]) == 2
        assert page["nextQueryFilters"]["users"] == {"gte": 1}
        body["filters"] = page["nextQueryFilters"]
    assert found == expected


def test_skip_works_beside_the_filters_of_the_next_page(reader: Client) -> None:
    """A client that counts its pages gets the same."""
    pages = [numbers(reader, skip=skip, limit=2, timeframe=90) for skip in (0, 2, 4, 6)]
    assert pages == [[DROPBOX, TEAMS], [BOX, UNLISTED], [OKTA], []]


def test_a_cursor_of_another_kind_is_refused(reader: Client) -> None:
    """A number in place of text, or text in place of a number."""
    filters = reader.post(APPS, {"limit": 1, "sortField": "name"})["nextQueryFilters"]
    from opencasb.api.v1.cursor import Cursor

    for key, record_id in ((5, 1), ("box", "x")):
        place = {"scanCursor": {"eq": Cursor(1, "name", False, key, record_id).text()}}
        assert filters.keys() == place.keys()
        said = reader.refusal(400, APPS, {"filters": place, "sortField": "name"})
        assert said == "scanCursor: send nextQueryFilters back as it came"


@pytest.mark.parametrize("path", ["/cas/api/discovery/", "/api/v1/discovery", "/cas/api/v1/discovery/discovered_apps"])
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_the_oldest_form_is_the_same_list(reader: Client, path: str, method: str) -> None:
    """With the same body, by GET and POST (api §12.4)."""
    answer = reader.call(method, path, json={"filters": {"score": {"gt": 5}}})
    assert [record["appId"] for record in answer.json()["data"]] == [BOX]


def test_one_app_of_a_report(reader: Client) -> None:
    """By number, in the global report or another; an unused app is not found."""
    assert reader.get(f"{APPS}{TEAMS}/")["usersCount"] == 1
    assert reader.get(f"{APPS}{OKTA}?timeframe=90")["name"] == "Okta"
    missing = [f"{APPS}{OKTA}/", f"{APPS}999/", f"{APPS}x/", f"{APPS}{TEAMS}/?streamId={reader.known.proxy}"]
    assert [reader.call("GET", path).status_code for path in missing] == [404] * 4


def test_categories_are_a_bare_array_of_counts(reader: Client) -> None:
    """Ordered by id, or by the number of apps (api §12.3)."""
    path, stream = f"{APPS}categories/", reader.known.global_view
    storage = {"id": "SAASDB_CATEGORY_CLOUD_STORAGE", "total": 2}
    collaboration = {"id": "SAASDB_CATEGORY_COLLABORATION", "total": 1}
    other = {"id": "SAASDB_CATEGORY_UNCLASSIFIED", "total": 1}
    assert reader.post(path, {"streamId": stream}) == [storage, collaboration, other]
    by_score = {"streamId": stream, "sortField": "score", "sortDirection": "asc", "limit": 1, "skip": 2}
    assert reader.post(path, by_score) == [storage]
    narrowed = {"streamId": stream, "timeFrame": "7", "filters": {"category": {"eq": ["COLLABORATION"]}}}
    assert reader.post(path, narrowed) == [collaboration]
    assert reader.refusal(400, path, {}) == "streamId: this parameter is required"


def test_tags_of_a_report_are_counted(client: Client) -> None:
    """Most frequent first; filters narrow what is counted."""
    for app_id in (BOX, DROPBOX, OKTA):
        client.post(f"discovery/discovery_app/{app_id}/add_tag/", {"tagName": "Sanctioned"})
    client.post(f"discovery/discovery_app/{BOX}/add_tag/", {"tagName": "Files"})
    path = f"{APPS}tags/"
    assert client.post(path, {"skip": 0}) == {"data": [{"id": "Sanctioned", "count": 2}, {"id": "Files", "count": 1}]}
    only = {"skip": 0, "filters": {"appId": {"eq": [DROPBOX]}}}
    assert client.post(path, only) == {"data": [{"id": "Sanctioned", "count": 1}]}


def test_a_report_admin_sees_own_reports_and_no_error(reader: Client) -> None:
    """Other reports are empty, including the global one; scopes narrow silently (api §2.3)."""
    role, known = Role.CLOUD_DISCOVERY_REPORT_ADMIN, reader.known
    for stream, expected in ((known.firewall, 1), (known.proxy, 0), (known.global_view, 0), (None, 0), ("x", 0)):
        assert reader.post(APPS, {"streamId": stream}, role=role)["total"] == expected
    assert reader.post(f"{APPS}categories/", {"streamId": known.proxy}, role=role) == []
