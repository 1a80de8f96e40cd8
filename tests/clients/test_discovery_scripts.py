"""Requests of public programs to these endpoints, one by one, against a real server (saas §7, §8, 8)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from urllib.parse import quote

import pytest
import requests

from tests.clients.live import Live
from tests.clients.saas_house import Source, source

pytestmark = pytest.mark.xdist_group("graph-sdk")  # one server for all clients

APPS = {"Endpoints": range(250), "Firewall": range(200, 260), "Report": range(0)}
STREAMS = "/beta/security/dataDiscovery/cloudAppDiscovery/uploadedStreams"


@pytest.fixture(scope="module")
def read(live: Live) -> Iterator[Source]:
    """A tenant with 250 apps in an endpoint stream, some in a firewall's, and an empty snapshot."""
    made = source(live.server.house, "Scripts", APPS)
    yield made
    made.casb.close()


class Script:
    """A program with tenant id, client id and secret."""

    def __init__(self, live: Live, read: Source) -> None:
        self.base = live.base
        self.read = read
        self.session = requests.Session()
        self.session.trust_env = False
        self.session.verify = live.ca

    def token(self, version: int) -> dict[str, Any]:
        """Sign in at the v1 or v2 endpoint."""
        form = {"grant_type": "client_credentials", "client_id": self.read.application.client_id}
        form["client_secret"] = self.read.secret
        where = "/oauth2/token" if version == 1 else "/oauth2/v2.0/token"
        form |= (
            {"resource": "https://graph.microsoft.com"}
            if version == 1
            else {"scope": "https://graph.microsoft.com/.default"}
        )
        answer = self.session.post(f"{self.base}/{self.read.tenant.guid}{where}", data=form)
        answer.raise_for_status()
        found: dict[str, Any] = answer.json()
        self.session.headers.update(
            {"Authorization": f"{found['token_type']} {found['access_token']}", "Content-Type": "application/json"}
        )
        return found

    def get(self, url: str) -> dict[str, Any]:
        """Read a URL, or a path of the Graph."""
        answer = self.session.get(url if url.startswith("https:") else f"{self.base}{url}")
        answer.raise_for_status()
        found: dict[str, Any] = answer.json()
        return found

    def every(self, url: str) -> list[dict[str, Any]]:
        """Follow the links to the end."""
        found: list[dict[str, Any]] = []
        while url:
            page = self.get(url)
            found += page["value"]
            url = page.get("@odata.nextLink", "")
        return found


@pytest.fixture
def script(live: Live, read: Source) -> Iterator[Script]:
    """A program, not signed in yet."""
    made = Script(live, read)
    yield made
    made.session.close()


def test_the_samples_in_powershell(script: Script) -> None:
    """V1 token, streams, apps of seven days, one app, its users of thirty: names in any case, and no paging."""
    made = script.token(1)
    assert int(made["expires_in"]) > 3000
    streams = script.get(STREAMS)["value"]
    apps = script.get(f"{STREAMS}/{streams[0]['id']}/aggregatedAppsDetails(period=duration'P7D')")["value"]
    assert len(apps) == 100
    url = f"{STREAMS}/{streams[0]['id']}/aggregatedAppsDetails(period=duration'P7D')/{apps[0]['id']}"
    one = {name.lower(): value for name, value in script.get(url).items()}
    assert (one["displayname"], one["usercount"]) == (apps[0]["displayName"], apps[0]["userCount"])
    assert "value" in script.get(url.replace("P7D", "P30D") + "/users")


def test_the_exporter_to_csv(script: Script) -> None:
    """V2 token, a filter that matches all, loops over links, encoded ids; a stream without apps is empty."""
    script.token(2)
    wanted = "?$filter=userCount%20ge%200"
    streams = {each["displayName"]: each["id"] for each in script.every(STREAMS)}
    path = f"{STREAMS}/{{}}/aggregatedAppsDetails(period=duration'P90D')"
    apps = script.every(path.format(streams["Endpoints"]) + wanted)
    assert len(apps) == len({each["id"] for each in apps}) == 250
    assert script.every(path.format(streams["Report"]) + wanted) == []
    users = script.get(f"{path.format(streams['Endpoints'])}/{quote(apps[0]['id'], safe='')}/users")
    assert isinstance(users["value"], list)


def test_the_report_with_delegated_names(script: Script) -> None:
    """The function with its namespace, categories compared by the program, domains as a list."""
    script.token(2)
    stream = script.get(STREAMS)["value"][0]["id"]
    function = "microsoft.graph.security.aggregatedAppsDetails(period=duration'P90D')"
    apps = script.every(f"{STREAMS}/{stream}/{function}")
    assert len(apps) == 250
    assert all(isinstance(each["domains"], list) and isinstance(each["category"], str) for each in apps)


def test_the_notebook(script: Script) -> None:
    """Only the first stream, display names of categories, a selection without the id, which is then read."""
    script.token(2)
    stream = script.get(STREAMS)["value"][0]
    assert stream["displayName"] == "Endpoints"
    names = "displayName,category,riskScore,userCount,deviceCount,transactionCount,tags,domains"
    wanted = quote("category eq 'Generative AI' or category eq 'AI Model Provider'")
    function = "microsoft.graph.security.aggregatedAppsDetails(period=duration'P30D')"
    chosen = script.every(f"{STREAMS}/{stream['id']}/{function}?$filter={wanted}&$select={names}")
    every = script.every(f"{STREAMS}/{stream['id']}/{function}?$select={names}")
    assert {each["category"] for each in chosen} <= {"generativeAi", "unknownFutureValue"}
    assert {each["id"] for each in every if each["category"] == "generativeAi"} <= {each["id"] for each in chosen}
    assert 0 < len(chosen) < len(every) == 250
    assert all(re.fullmatch(r"[0-9]+", each["id"]) and "deviceCount" in each for each in every)


def test_the_collector_of_shadow_ai(script: Script) -> None:
    """A large $top for streams, all of them, thirty days; with times and tags."""
    script.token(2)
    streams = [each["id"] for each in script.get(f"{STREAMS}?$top=999")["value"]]
    paths = [f"{STREAMS}/{each}/aggregatedAppsDetails(period=duration'P30D')" for each in streams]
    apps = [app for path in paths for app in script.every(path)]
    assert len(apps) == 250 + 60
    for app in apps:
        assert app["firstSeenDateTime"] <= app["lastSeenDateTime"]
        assert app["lastSeenDateTime"].endswith("T00:00:00Z")
        assert isinstance(app["tags"], list)


def test_the_posture_scanner(script: Script) -> None:
    """All streams at once, the first page of each."""
    script.token(2)
    streams = [each["id"] for each in script.get(STREAMS)["value"]]
    with ThreadPoolExecutor(len(streams)) as pool:
        paths = [f"{STREAMS}/{each}/aggregatedAppsDetails(period=duration'P30D')" for each in streams]
        pages = list(pool.map(script.get, paths))
    assert [len(page["value"]) for page in pages] == [100, 60, 0]


def test_the_copy_to_a_log_workspace(script: Script) -> None:
    """Stream ids from its configuration, every few minutes; a day's numbers are the same each time."""
    script.token(2)
    url = f"{STREAMS}/{script.read.streams['Firewall']}/aggregatedAppsDetails(period=duration'P90D')"
    assert script.every(url) == script.every(url) == script.every(url)


def test_the_sdk_for_go(script: Script) -> None:
    """It writes the period without keyword and quotes."""
    script.token(2)
    stream = script.read.streams["Firewall"]
    plain = script.get(f"{STREAMS}/{stream}/microsoft.graph.security.aggregatedAppsDetails(period=P90D)")
    quoted = script.get(f"{STREAMS}/{stream}/microsoft.graph.security.aggregatedAppsDetails(period=duration'P90D')")
    assert plain["value"] == quoted["value"]
