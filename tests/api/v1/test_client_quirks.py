"""Client quirks (api §18) by number; the conformance tests check those of encodings and pages on every list."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

import httpx
import pytest

from opencasb.api.v1.resources import ROUTES
from opencasb.model.roles import Role
from tests.api.v1.conftest import ADMIN, BASE, Client
from tests.api.v1.installation import BOX, DROPBOX, TEAMS, UNLISTED
from tests.api.v1.test_log_upload import LOG, URL

APPS = "discovery/discovered_apps/"
SCORED = {"filters": {"score": {"gte": 5}}}
FOR_PEOPLE = ("manage_admin_access", "discovery/resolve_pseudonyms", "agents/siem/")
"""Paths that manage access, or reveal the names behind pseudonyms."""


def numbers(answer: httpx.Response) -> list[int]:
    """Return the app numbers on a page."""
    assert answer.status_code == 200, answer.text
    return [record["appId"] for record in answer.json()["data"]]


def test_06_numbers_may_be_text(reader: Client) -> None:
    """They are converted."""
    page = reader.post(APPS, {"limit": "1", "skip": "0", "timeframe": "30", "filters": {"score": {"eq": "8"}}})
    assert (page["max"], page["total"]) == (1, 1)


@pytest.mark.parametrize("base", ["/api/v1/", "//api/v1/", "/cas/api/v1/", "/cas//api/v1/", "/api/"])
@pytest.mark.parametrize("end", ["", "/"])
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_08_slashes_do_not_matter(reader: Client, base: str, end: str, method: str) -> None:
    """There is no redirect, and the body is kept."""
    path = f"{base}discovery/discovered_apps{end}"
    assert numbers(reader.call(method, path, json=SCORED)) == [BOX]


def test_10_refusals_have_the_words_clients_look_for(open_client: Callable[..., Client]) -> None:
    """``Invalid token``, ``throttled``; other tests check the reason phrases on the wire."""
    client = open_client(requests_per_minute=1)
    wrong = client.call("GET", APPS, by="Token x")
    assert (wrong.status_code, "Invalid token" in wrong.text) == (401, True)
    assert client.call("GET", "discovery_block_scripts/", role=Role.GLOBAL_READER).reason_phrase == "Forbidden"
    throttled = client.call("GET", APPS)
    assert (throttled.status_code, "throttled" in throttled.text) == (429, True)


@pytest.mark.parametrize("skip", [4, 5, 100, 10**12])
def test_12_there_is_an_end_also_beyond_it(reader: Client, skip: int) -> None:
    """``hasNext`` is false at the end and beyond it."""
    page = reader.post(APPS, {"skip": skip, "limit": 2})
    assert (page["data"], page["hasNext"], page["total"]) == ([], False, 4)


def test_15_next_query_filters_come_back_verbatim_and_then_null(reader: Client) -> None:
    """Both are accepted."""
    first = reader.post(APPS, {"limit": 2, "filters": None})
    second = reader.post(APPS, {"limit": 2, "filters": first["nextQueryFilters"]})
    assert [each["appId"] for each in second["data"]] == [BOX, UNLISTED]
    assert reader.post(APPS, {"limit": 2, "filters": None}) == first


def test_17_no_object_has_keys_that_differ_in_case_only(client: Client) -> None:
    """One client's JSON parser is case-insensitive."""
    client.casb.governance_log.add(client.known.tenant_id, "DiscoveryParseLogTask")

    def walk(value: Any) -> None:
        if isinstance(value, dict):
            assert len({name.lower() for name in value}) == len(value)
        for inner in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
            walk(inner)

    for path in (APPS, "discovery/streams/", "discovery/app_catalog/", "governance/", "discovery/data_sources/"):
        walk(client.get(path))


def test_26_the_global_view_is_found_by_its_name(reader: Client) -> None:
    """Its id identifies the report."""
    streams = reader.get("/api/discovery/streams/")["streams"]
    stream_id = next(each["_id"] for each in streams if each["displayName"] == "Global View")
    assert reader.post(APPS, {"streamId": stream_id})["total"] == 4


def test_27_a_file_is_put_without_authorization(client: Client) -> None:
    """With the blob type header."""
    url = client.get(f"{URL}?filename=a&source=SQUID")["url"]
    answer = client.call("PUT", url, role=None, content=LOG, headers={"x-ms-blob-type": "BlockBlob"})
    assert answer.status_code == 201


def test_28_discovered_apps_lead_on_without_is_scan(reader: Client) -> None:
    """``nextQueryFilters`` is present whenever there is more."""
    assert "nextQueryFilters" in reader.post(APPS, {"limit": 3})
    assert "nextQueryFilters" not in reader.post(APPS, {"limit": 4})


def test_29_a_bearer_token_is_taken_by_every_endpoint(client: Client) -> None:
    """No route returns 401; those for users only return 403."""
    token = client.bearer("discovery.manage", "investigation.manage", "settings.manage")
    for route in ROUTES:
        for method in route.handlers:
            path = re.sub("<.+?>", "1", route.path) + "/"
            answer = client.call(method, path, by=token)
            for_people = route.path.startswith(FOR_PEOPLE) and method != "GET"
            assert (answer.status_code == 403) == (route.operation is None or for_people), path
            assert answer.status_code in {200, 400, 403, 404}


def test_30_host_names_of_the_upstream_product_and_its_tokens_work(reader: Client) -> None:
    """One client requires the domain and the form of the key."""
    host = {"Host": "contoso.eu2.portal.cloudappsecurity.com"}
    assert reader.call("GET", "discovery/streams/", headers=host).status_code == 200
    assert all(re.fullmatch("[0-9a-zA-Z=]{64,192}", token) for token in reader.known.tokens.values())


def test_31_records_have_an_id_and_a_time(reader: Client) -> None:
    """The Splunk add-on keys events by ``_id`` or ``id`` and ``timestamp`` or ``lastModified``."""
    apps, streams = reader.get("discovery/")["data"], reader.get("discovery/streams/")["streams"]
    assert apps
    assert streams
    for record in apps + streams:
        assert record.keys() & {"_id", "id"}
        assert record.keys() & {"timestamp", "lastModified"}


def test_33_zero_days_is_since_midnight(reader: Client) -> None:
    """A client divides hours by 24 and truncates."""
    filters = {"lastUsed": {"gte_ndays": 0}}
    assert numbers(reader.call("POST", APPS, json={"filters": filters})) == [DROPBOX, TEAMS, BOX, UNLISTED]


def test_34_calls_in_parallel_are_served_and_counted_together(open_client: Callable[..., Client]) -> None:
    """Three at a time, as by clients; the limit applies to the tenant, not the connection."""
    client = open_client(requests_per_minute=4)
    headers = {"Authorization": f"Token {client.known.tokens[ADMIN]}"}

    async def together() -> list[int]:
        async with httpx.AsyncClient(transport=httpx.ASGITransport(client.app), base_url=BASE) as http:
            query = urlencode({"limit": 1})
            calls = [http.get(f"/api/v1/{APPS}?{query}", headers=headers) for _ in range(6)]
            return sorted(answer.status_code for answer in await asyncio.gather(*calls))

    assert client.run(together()) == [200] * 4 + [429] * 2
