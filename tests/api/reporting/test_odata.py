"""The feed as seen by clients: numbers, pages, options, keys and errors."""

from __future__ import annotations

from datetime import timedelta
from itertools import pairwise
from typing import Any
from urllib.parse import quote

import pytest

from opencasb.api.reporting import pages
from opencasb.reporting import tables
from opencasb.reporting.schema import PERIODS
from tests.reporting.house import TODAY, House, Used, used_by_stream

GRAPH = "/beta/security/dataDiscovery/cloudAppDiscovery/uploadedStreams"


def ends(house: House) -> dict[str, Any]:
    """Return the newest day of each stream."""
    return {stream: max(row.day for row in house.truth if row.stream_id == stream) for stream in streams(house)}


def streams(house: House) -> list[str]:
    """Return the ids of the streams with usage."""
    return sorted({row.stream_id for row in house.truth})


@pytest.mark.parametrize("period", PERIODS)
def test_usage_by_stream_is_what_the_generator_wrote(filled: House, period: str) -> None:
    """Counts are exact, only endpoint streams have devices, and no row is missing or duplicated."""
    truth = used_by_stream(filled.truth, ends(filled), PERIODS[period])
    rows = filled.rows(f"app_usage_by_stream?$filter=Period eq '{period}'")
    assert {(row["StreamId"], row["AppId"]) for row in rows} == set(truth)
    assert len(rows) == len(truth)
    for row in rows:
        expected = truth[row["StreamId"], row["AppId"]]
        assert {name: row[name] for name in expected} == expected
        assert (row["AsOfDate"], row["Period"]) == (TODAY.isoformat(), period)


def test_usage_by_stream_equals_the_rows_of_the_graph_api(filled: House) -> None:
    """Stream by stream, for 90 days (saas-management §8, item 9); so do the names and scores in ``apps``."""
    token = filled.token()
    bearer = "Bearer " + graph_token(filled)
    apps = {row["AppId"]: row for row in filled.rows("apps")}
    mine = filled.rows("app_usage_by_stream?$filter=Period eq 'P90D'", authorization=f"Token {token}")
    assert len(streams(filled)) > 1
    for stream in streams(filled):
        path = f"{GRAPH}/{stream}/aggregatedAppsDetails(period=duration'P90D')"
        theirs = filled.get(path, bearer).json()["value"]
        assert theirs
        expected = {
            int(row["id"]): (
                row["userCount"],
                row["ipAddressCount"],
                row.get("deviceCount"),
                row["transactionCount"],
                row["uploadNetworkTrafficInBytes"],
                row["downloadNetworkTrafficInBytes"],
                row["lastSeenDateTime"][:10],
            )
            for row in theirs
        }
        found = {
            row["AppId"]: (
                *(row["UserCount"], row["IpAddressCount"], row["DeviceCount"], row["TransactionCount"]),
                *(row["UploadedBytes"], row["DownloadedBytes"], row["LastSeenDate"]),
            )
            for row in mine
            if row["StreamId"] == stream
        }
        assert found == expected
        for row in theirs:
            app = apps[int(row["id"])]
            described = (app["AppName"], app["CategoryKey"], app["RiskScore"])
            assert described == (row["displayName"], row["category"], row["riskScore"])


def graph_token(house: House) -> str:
    """Return a bearer token for Graph."""
    from opencasb.identity.resources import Resources
    from opencasb.model.permissions import GRAPH as RESOURCE

    client_id, _ = house.application("CloudApp-Discovery.Read.All")
    application = house.casb.identity.applications.get(house.tenant_id, client_id)
    assert application is not None
    target = Resources().target(RESOURCE.app_id)
    return house.casb.identity.tokens.for_application(house.tenant, application, target).access_token


def test_merged_usage_follows_the_rule(filled: House) -> None:
    """The maximum of users, addresses and devices, the sum of traffic, first and last day."""
    parts: dict[tuple[str, int], list[dict[str, Any]]] = {}
    for row in filled.rows("app_usage_by_stream"):
        parts.setdefault((row["Period"], row["AppId"]), []).append(row)
    merged = filled.rows("app_usage")
    assert len(merged) == len(parts)
    for row in merged:
        group = parts[row["Period"], row["AppId"]]
        for name in ("UserCount", "IpAddressCount", "LastSeenDate"):
            assert row[name] == max(each[name] for each in group)
        for name in ("TransactionCount", "UploadedBytes", "DownloadedBytes", "TotalBytes"):
            assert row[name] == sum(each[name] for each in group)
        assert row["FirstSeenDate"] == min(each["FirstSeenDate"] for each in group)
        assert row["DeviceCount"] == max((each["DeviceCount"] for each in group if each["DeviceCount"]), default=None)


def test_an_earlier_day_is_as_it_was_on_that_day(filled: House) -> None:
    """A stream without usage on that day counts up to its last earlier one.

    Days before the first usage have no rows.
    """
    day = TODAY - timedelta(days=7)
    as_of = {
        stream: max(row.day for row in filled.truth if row.stream_id == stream and row.day <= day)
        for stream in streams(filled)
    }
    truth = used_by_stream(filled.truth, as_of, 7)
    rows = filled.rows(f"app_usage_by_stream?$filter=AsOfDate eq {day} and Period eq 'P7D'")
    assert {(row["StreamId"], row["AppId"]): row["TotalBytes"] for row in rows} == {
        key: each["TotalBytes"] for key, each in truth.items()
    }
    assert filled.rows("app_usage?$filter=AsOfDate lt 2020-01-01") == []


def test_daily_usage_sums_to_the_truth_with_and_without_users(filled: House) -> None:
    """Users and addresses are included on request; a range of days returns exactly these."""
    first = TODAY - timedelta(days=12)
    condition = f"$filter=TimeGenerated ge {first}T00:00:00Z and TimeGenerated lt {TODAY}T00:00:00Z"
    truth = [row for row in filled.truth if first <= row.day < TODAY]
    plain, split = (filled.rows(f"daily_usage?{condition}{more}") for more in ("", "&users=true"))
    assert sum(row["TotalEvents"] for row in plain) == sum(row.transactions for row in truth)
    assert {(row["UserName"], row["IpAddress"]) for row in plain} == {(None, None)}

    def key(row: Used) -> tuple[object, ...]:
        return (row.day.isoformat(), row.stream_id, row.app_id, row.user, row.address, row.size)

    assert sorted(map(key, truth)) == sorted(
        (row["AsOfDate"], row["StreamId"], row["AppId"], row["UserName"], row["IpAddress"], row["UploadedBytes"])
        for row in split
    )
    assert all(row["TimeGenerated"] == f"{row['AsOfDate']}T00:00:00.000Z" for row in plain)
    assert {row["StreamName"] for row in plain} == {"endpoints", "firewall", "=one-time report"}


@pytest.mark.parametrize("order", ["", "&$orderby=TotalBytes desc"])
def test_pages_repeat_and_lose_nothing(filled: House, monkeypatch: pytest.MonkeyPatch, order: str) -> None:
    """At any size; links are absolute, with the public URL, and repeat the query."""
    whole = filled.rows(f"daily_usage?users=1{order}")
    monkeypatch.setattr(pages, "PAGE_SIZE", 31 if order else 7)
    monkeypatch.setattr(pages, "MOST_PARTS", 3)
    monkeypatch.setattr(tables, "MOST_ROWS", 5)
    assert filled.rows(f"daily_usage?users=1{order}") == whole
    link = filled.get(f"/odata/v1/daily_usage?users=1{order}").json()["@odata.nextLink"]
    assert link.startswith("https://localhost:8443/odata/v1/daily_usage?users=1")
    if order:
        sizes = [row["TotalBytes"] for row in whole]
        assert all(one >= other for one, other in pairwise(sizes))
    else:
        assert [(row["AsOfDate"], row["RowId"]) for row in whole] == sorted(
            (row["AsOfDate"], row["RowId"]) for row in whole
        )


def test_top_skip_and_count_agree(filled: House, monkeypatch: pytest.MonkeyPatch) -> None:
    """``$top`` applies across pages, ``$count`` has all rows on every page, ``$skip`` counts from the start."""
    whole = filled.rows("daily_usage?users=1")
    monkeypatch.setattr(pages, "PAGE_SIZE", 10)
    assert filled.rows("daily_usage?users=1&$skip=13&$top=25") == whole[13:38]
    assert filled.rows("daily_usage?users=1&$skip=13&$top=25&$orderby=AsOfDate") == whole[13:38]
    first = filled.get("/odata/v1/daily_usage?users=1&$count=true&$top=12").json()
    second = filled.get(first["@odata.nextLink"]).json()
    assert (first["@odata.count"], second["@odata.count"]) == (len(whole), len(whole))
    assert len(second["value"]) == 2
    assert "@odata.nextLink" not in second
    assert filled.get("/odata/v1/daily_usage/$count?users=1").text == str(len(whole))
    assert filled.get("/odata/v1/daily_usage?$top=0").json()["value"] == []
    assert filled.rows(f"daily_usage?users=1&$skip={len(whole)}") == []


def test_usage_that_arrives_meanwhile_moves_no_row(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    """The first page's day remains the newest, and rows are found by their keys."""
    house.fill(days=12)
    monkeypatch.setattr(pages, "PAGE_SIZE", 4)
    before = house.rows("app_usage_by_stream?$filter=Period eq 'P7D'")
    first = house.get("/odata/v1/app_usage_by_stream?$filter=Period eq 'P7D'").json()
    late = Used(TODAY + timedelta(days=1), house.firewall.stream_id, 11627, "Late@x.example", "10.9.9.9", None, 1, 1)
    house.add([late])
    rest = house.rows(first["@odata.nextLink"].partition("/odata/v1/")[2])
    assert first["value"] + rest == before
    assert {row["AsOfDate"] for row in house.rows("app_usage")} == {late.day.isoformat()}


def test_select_keeps_what_is_named(filled: House) -> None:
    """In the order of the table, and in the context."""
    answer = filled.get("/odata/v1/apps?$select=AppName, appid&$top=1").json()
    assert answer["@odata.context"] == "https://localhost:8443/odata/v1/$metadata#apps(AppId,AppName)"
    assert answer["value"] == [{"AppId": 10489, "AppName": "Box"}]


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("apps(10489)", {"AppName": "Box"}),
        ("apps(AppId=28375)", {"RiskScore": None, "Vendor": "Microsoft"}),
        (f"app_usage(AsOfDate={TODAY},Period='P7D',AppId=10489)", {"Period": "P7D", "AppId": 10489}),
        ("app_domains(AppId=10489,Domain='box.com')", {"Domain": "box.com"}),
    ],
)
def test_a_row_is_found_by_its_key(filled: House, path: str, expected: dict[str, object]) -> None:
    """By one value, or by named ones in any order."""
    answer = filled.get(f"/odata/v1/{path}").json()
    assert answer["@odata.context"].endswith("/$entity")
    assert {name: answer[name] for name in expected} == expected


@pytest.mark.parametrize(
    ("path", "status", "words"),
    [
        ("nothing", 404, "There is no table 'nothing'; there are streams, apps"),
        ("apps(1)", 404, "has no row '1'"),
        ("apps('x')", 400, "'AppId' must be an Edm.Int64"),
        ("apps(StreamId=1)", 400, "has the key AppId"),
        ("app_usage(1)", 400, "has the key AsOfDate, Period, AppId"),
        ("app_usage(AsOfDate=soon,Period='P7D',AppId=1)", 400, "'AsOfDate' must be an Edm.Date"),
        ("apps?$filter=Nothing eq 1", 400, "'Nothing' in the $filter does not exist"),
        ("apps?$filter=AppId eq 'x'", 400, "'AppId' must be compared with a number"),
        ("apps?$filter=(", 400, "cannot be read"),
        ("apps?$orderby=Nothing", 400, "'Nothing' in $orderby"),
        ("apps?$select=Nothing", 400, "it has AppId, AppName"),
        ("apps?$expand=x", 400, "'$expand' cannot be applied to a table"),
        ("apps?$apply=x", 400, "'$apply' is not supported"),
        ("apps?$top=-1", 400, "'$top' must be a whole number"),
        ("apps?page=x", 400, "'page' is not one of this server"),
        ("apps?users=maybe", 400, "'users' must be 1, true, 0 or false"),
        ("apps?$format=xml", 400, "$format"),
        ("apps(1)/AppName", 404, "There is no table"),
    ],
)
def test_refusals_say_what_is_allowed(filled: House, path: str, status: int, words: str) -> None:
    """In OData format."""
    answer = filled.get(f"/odata/v1/{quote(path, safe='/?&=$(),')}")
    assert answer.status_code == status
    assert words in answer.json()["error"]["message"]
    assert answer.json()["error"]["code"]
    assert answer.headers["odata-version"] == "4.0"


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        ("RiskScore le 3", {11627}),
        ("RiskScore eq null", {28375, 1_000_000_000}),
        ("not (RiskScore eq null) and RiskScore gt 3", {10489, 10980}),
        ("AppId in (10489,10980)", {10489, 10980}),
        ("contains(AppName,'box') or CategoryKey eq 'security'", {10489, 11627, 10980}),
        ("AppId lt 10490 or AppId ge 1000000000", {10489, 1_000_000_000}),
        ("AppCategory ne 'Cloud storage'", {28375, 10980, 1_000_000_000}),
    ],
)
def test_filters_mean_what_they_say(filled: House, condition: str, expected: set[int]) -> None:
    """Every comparison, combined and negated."""
    assert {row["AppId"] for row in filled.rows(f"apps?$filter={condition}")} == expected


def test_numbers_may_be_text_and_annotations_may_be_left_out(filled: House) -> None:
    """By the client's ``Accept`` header."""
    answer = filled.get("/odata/v1/apps?$top=1&$count=true", Accept="application/json;IEEE754Compatible=true").json()
    assert (answer["@odata.count"], answer["value"][0]["AppId"]) == ("5", "10489")
    bare = filled.get("/odata/v1/apps", Accept="application/json;odata.metadata=none").json()
    assert "@odata.context" not in bare


def test_a_feed_without_usage_is_empty(house: House) -> None:
    """This is not an error."""
    rows = {name: len(house.rows(name)) for name in house.casb.report_tables.all}
    assert rows == {**dict.fromkeys(rows, 0), "streams": 3}
