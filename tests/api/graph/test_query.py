"""Collections: combined options, paging, counting."""

from __future__ import annotations

from dataclasses import replace
from itertools import chain
from urllib.parse import urlsplit

import polars as pl
import pytest

from tests.api.graph.standin import APPS, BASE, DAY, FUNCTION, GLOBAL, ROWS, STREAMS, Api, Casb, app, report


def follow(api: Api, target: str) -> list[list[str]]:
    """Return the ids of each page, following the links."""
    pages = []
    while target:
        answer = api.get(target)
        pages.append(answer.ids)
        link = answer.json().get("@odata.nextLink", "")
        assert link == "" or link.startswith(f"{BASE}/beta/")
        parts = urlsplit(link)
        target = f"{parts.path}?{parts.query}" if link else ""
    return pages


@pytest.fixture
def crowded(installation: Casb) -> Api:
    """A client of a stream with 250 apps."""
    installation.streams.frames[GLOBAL, DAY] = report(
        [app(10_000 + at, f"App {at}", score=at % 10) for at in range(250)]
    )
    return Api(installation)


def test_a_page_has_100_rows_and_the_last_no_link(crowded: Api) -> None:
    """250 apps are three pages, with every app once."""
    pages = follow(crowded, APPS)
    assert [len(page) for page in pages] == [100, 100, 50]
    assert list(chain(*pages)) == [str(10_000 + at) for at in range(250)]


@pytest.mark.parametrize(
    ("prefer", "option", "rows", "applied"),
    [
        ("odata.maxpagesize=30", "", 30, "odata.maxpagesize=30"),
        ("maxpagesize=150; wait, respond-async", "", 150, "odata.maxpagesize=150"),
        ("ODATA.MaxPageSize = 5000", "", 250, "odata.maxpagesize=1000"),
        ("odata.maxpagesize=30", "?$top=7", 7, "odata.maxpagesize=30"),
        ("odata.maxpagesize=30", "?$top=200", 30, "odata.maxpagesize=30"),
        (
            'include-unknown-enum-members, odata.maxpagesize="9", odata.maxpagesize=8',
            "",
            9,
            "include-unknown-enum-members, odata.maxpagesize=9",
        ),
        *((f"odata.maxpagesize{wrong}", "", 100, None) for wrong in ("", "=", "=0", "=-1", "=x", "=1.5", "=\u0661")),
    ],
)
def test_a_client_may_prefer_shorter_or_longer_pages(
    crowded: Api, prefer: str, option: str, rows: int, applied: str | None
) -> None:
    """A header reflects the applied size; an invalid number is ignored, like other preferences (RFC 7240 §2)."""
    answer = crowded.get(f"{APPS}{option}", prefer=prefer.encode().decode("latin-1"))
    assert (len(answer.ids), answer.headers.get("preference-applied")) == (rows, applied)
    assert answer.json().get("@odata.nextLink", "$skip=250").partition("$skip=")[2].startswith(f"{rows}")


def test_the_size_of_pages_is_not_told_where_there_are_none(crowded: Api) -> None:
    """Single apps and counts have no pages."""
    for target in (f"{APPS}/10001", f"{APPS}/$count"):
        assert "preference-applied" not in crowded.get(target, prefer="odata.maxpagesize=5").headers


@pytest.mark.parametrize(
    "path",
    [
        APPS,
        APPS.replace("/security", ""),
        APPS.replace("'", "%27"),
        APPS.replace("(period", "%20(period"),
        APPS.replace("aggregated", "microsoft.graph.security.aggregated"),
        f"{APPS}/",
    ],
)
def test_links_keep_the_path_and_options_of_the_client(crowded: Api, path: str) -> None:
    """Filter, order, selection and page size carry over, in the client's own spelling."""
    target = f"{path}?%24filter=riskScore%20ge%205%20&$orderby=displayName+desc&top=50&$select=displayName&$count=true"
    link = crowded.get(target).json()["@odata.nextLink"]
    assert link.startswith(f"{BASE}{target}&$skip=50&$skiptoken={DAY}.50.")
    pages = follow(crowded, target)
    assert [len(page) for page in pages] == [50, 50, 25]
    assert len(set(chain(*pages))) == 125


def test_pages_do_not_move_when_new_data_arrives(crowded: Api) -> None:
    """All linked pages use the day of the first page."""
    discovery = crowded.casb.streams
    first = crowded.get(APPS)
    discovery.newest = "2025-11-20"
    discovery.frames[GLOBAL, "2025-11-20"] = report([app(5, "New")])
    parts = urlsplit(first.json()["@odata.nextLink"])
    assert crowded.get(f"{parts.path}?{parts.query}").ids[0] == "10100"
    assert crowded.get(APPS).ids == ["5"]


@pytest.mark.parametrize("options", ["", "?$orderby=id desc", "?$filter=startswith(displayName,'App')"])
def test_pages_lose_and_repeat_no_row_when_others_come_or_go(crowded: Api, options: str) -> None:
    """A page continues after the last row of the previous one, even if data for the pages' own day changes."""
    frames = crowded.casb.streams.frames
    first, before = crowded.get(f"{APPS}{options}"), frames[GLOBAL, DAY]
    for seen in (slice(None, 50), slice(50, None)):
        frames[GLOBAL, DAY] = pl.concat([before, report([app(5, "App new"), app(99_999, "App newest")])]).filter(
            ~pl.col("app_id").cast(pl.String).is_in(first.ids[seen][:7])
        )
        rest = list(chain(*follow(crowded, first.json()["@odata.nextLink"].removeprefix(BASE))))
        both = first.ids + rest
        assert len(set(both)) == len(both)
        assert set(both) >= {str(10_000 + at) for at in range(250)}


def test_a_place_in_the_pages_that_is_gone_is_counted(crowded: Api) -> None:
    """A skip computed by the client, and one whose row is gone, count from the first row."""
    link = crowded.get(APPS).json()["@odata.nextLink"].removeprefix(BASE)
    assert crowded.get(link.replace("$skip=100", "$skip=200")).ids[0] == "10200"
    assert crowded.get(link.replace("$skip=100&", "")).ids[0] == "10100"
    gone = crowded.casb.streams.frames[GLOBAL, DAY].filter(pl.col("app_id") != 10_099)
    crowded.casb.streams.frames[GLOBAL, DAY] = gone
    assert crowded.get(link).ids[0] == "10101"


@pytest.mark.parametrize(
    ("query", "rows", "link"),
    [
        ("$top=0", 0, False),
        ("$top=0&$count=true", 0, False),
        ("$top=250", 250, False),
        ("$top=249", 249, True),
        ("$top=5000", 250, False),
        ("$skip=240", 10, False),
        ("$skip=150", 100, False),
        ("$skip=149", 100, True),
        ("$skip=250", 0, False),
        ("$skip=999999999999999999", 0, False),
        ("$top=1&$filter=id eq '10001'", 1, False),
    ],
)
def test_page_sizes_and_ends(crowded: Api, query: str, rows: int, link: bool) -> None:
    """There is a link exactly if rows are left, and none beyond the end."""
    body = crowded.get(f"{APPS}?{query}").json()
    assert len(body["value"]) == rows
    assert ("@odata.nextLink" in body) is link


def test_the_largest_page_has_1000_rows(installation: Casb) -> None:
    """A larger $top is clamped, with a link to the rest."""
    installation.streams.frames[GLOBAL, DAY] = report([app(10_000 + at, "x") for at in range(1001)])
    body = Api(installation).get(f"{APPS}?$top=2000&$select=id").json()
    assert len(body["value"]) == 1000
    assert "$top=2000&$select=id&$skip=1000&" in body["@odata.nextLink"]


def test_the_count_is_of_all_rows_after_the_filter(crowded: Api) -> None:
    """Paging does not affect the count, and the keys have the usual order."""
    body = crowded.get(f"{APPS}?$count=true&$top=1&$filter=riskScore eq 3", ConsistencyLevel="eventual").json()
    assert list(body) == ["@odata.context", "@odata.count", "@odata.nextLink", "value"]
    assert body["@odata.count"] == 25


def test_the_count_segment_is_plain_text(crowded: Api) -> None:
    """/$count depends on the filter only, whatever Accept says."""
    answer = crowded.get(f"{APPS}/$count?$filter=riskScore eq 3&$top=2&$skip=5", accept="text/plain;q=0.9")
    assert (answer.content, answer.headers["content-type"]) == (b"25", "text/plain;charset=utf-8")
    assert crowded.get(f"{APPS}/%24count", accept="application/json").content == b"250"
    assert crowded.get(f"{APPS}/$count?$filter=nosuch eq 3").status == 400


def test_without_annotations_count_and_link_stay(crowded: Api) -> None:
    """odata.metadata=none only removes types and context."""
    answer = crowded.get(f"{APPS}?$count=true", accept="application/json;odata.metadata=none;IEEE754Compatible=true")
    body = answer.json()
    assert list(body) == ["@odata.count", "@odata.nextLink", "value"]
    assert body["@odata.count"] == "250"
    assert "@odata.type" not in body["value"][0]
    assert body["value"][0]["userCount"] == "3"


def test_the_context_names_type_and_selection(shared_api: Api) -> None:
    """The context has the type and the selected properties; the key is implied."""
    context = f"{BASE}/beta/$metadata#Collection(microsoft.graph.security.discoveredCloudAppDetail)"
    assert shared_api.get(APPS).json()["@odata.context"] == context
    both = shared_api.get(f"{APPS}?$select=id,displayName").json()
    assert both["@odata.context"] == f"{context}(id,displayName)"
    body = shared_api.get(f"{APPS}?$select=displayName,riskRating").json()
    assert body["@odata.context"] == f"{context}(displayName,riskScore)"
    assert list(body["value"][0]) == ["@odata.type", "id", "displayName", "riskScore"]


def test_the_base_of_links_is_the_public_url_not_the_host_of_the_request(installation: Casb) -> None:
    """Behind a proxy links use the proxy's address, and Host headers have no effect."""
    installation.settings = replace(installation.settings, effective_public_url="https://proxy.example:8443/casb/")
    answer = Api(installation).get(f"{APPS}?$top=2", host="evil.example", x_forwarded_host="evil.example")
    expected = f"https://proxy.example:8443/casb{APPS}?$top=2&$skip=2&$skiptoken={DAY}.2.MTE1OTk"
    assert answer.json()["@odata.nextLink"] == expected


def test_a_page_of_an_empty_stream_is_empty(shared_api: Api) -> None:
    """Without data the value is empty and has no link, for every period."""
    for days in (7, 30, 90):
        empty = f"{STREAMS}/65a1f0c2d4b7e8a901234569/{FUNCTION.replace('P30D', f'P{days}D')}"
        assert shared_api.get(f"{empty}?$count=true").json()["@odata.count"] == 0
        assert shared_api.get(f"{empty}/$count").content == b"0"
        assert shared_api.get(f"{empty}/11627").status == 404


def test_single_resources_take_no_collection_options(shared_api: Api) -> None:
    """Unsupported options are rejected rather than ignored."""
    number = ROWS[0]["app_id"]
    for path in (f"{APPS}/{number}", f"{APPS}/{number}/appInfo", f"{STREAMS}/{GLOBAL}", STREAMS.rpartition("/")[0]):
        for query in ("$top=1", "$filter=id eq '1'", "$orderby=id", "$count=true", "$skip=1"):
            answer = shared_api.get(f"{path}?{query}")
            assert (answer.status, "single resource" in answer.message) == (400, True)
