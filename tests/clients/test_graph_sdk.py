"""Unmodified Graph SDKs and Azure credentials against a real server over TLS, with an uploaded log."""

from __future__ import annotations

import json
import os
import ssl
import subprocess
import time
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest
from azure.identity import ClientSecretCredential, DeviceCodeCredential

from tests import graph_sdk
from tests.clients.conftest import CLIENTS
from tests.clients.live import Live
from tests.graph_sdk import Work, read, streams
from tests.server import Server, eventually

pytestmark = pytest.mark.xdist_group("graph-sdk")  # its import is slow: once is enough

SITES = 201
"""More than two pages of apps."""

USERS = 7
SOURCE = "Graph-SDK"


def log() -> bytes:
    """Return a Squid log from an hour ago: one request to each of many sites, and some users of Dropbox."""
    start = time.time() - 3600
    sites = [(f"www.site-{number}.com", "ann@example.org") for number in range(SITES)]
    people = [("www.dropbox.com", f"user{number}@example.org") for number in range(USERS)]
    return "".join(
        f"{start + n / 100:.3f} 5 10.0.0.{n % 50} TCP_MISS/200 {1000 + n} GET http://{host}/{n} {user}"
        " HIER_DIRECT/93.184.216.34 text/html\n"
        for n, (host, user) in enumerate(sites + people)
    ).encode()


@pytest.fixture(scope="module")
def report(server: Server) -> list[dict[str, Any]]:
    """The REST report of a data source with a log uploaded in the three steps."""
    with server.client() as client:
        fields = {"displayName": SOURCE, "logType": "SQUID_NATIVE", "receiverType": "ftp"}
        client.post("/api/v1/discovery/data_sources/", json=fields).raise_for_status()
        query = {"filename": "access.log", "source": "SQUID_NATIVE"}
        url = client.get("/api/v1/discovery/upload_url/", params=query).raise_for_status().json()["url"]
        put = httpx.put(url, content=log(), headers={"x-ms-blob-type": "BlockBlob"}, verify=_trusting(server))
        assert put.status_code == 201
        named = {"uploadUrl": url, "inputStreamName": SOURCE}
        done = client.post("/api/v1/discovery/done_upload/", json=named).raise_for_status().json()
        question = {"streamId": done["inputStreamId"], "timeframe": 30, "limit": 100}
        path = "/api/v1/discovery/discovered_apps/"
        eventually(lambda: client.post(path, json=question).raise_for_status().json()["data"])
        pages = [client.post(path, json={**question, "skip": skip}).json()["data"] for skip in (0, 100, 200)]
        return [app for page in pages for app in page]


def ask(server: Server, work: Work) -> Any:  # the SDK has no common type
    """Run ``work`` with an SDK client, set up as in our documentation."""
    house = server.house
    with ClientSecretCredential(
        house.tenant_guid,
        house.client_id,
        house.client_secret,
        authority=server.base,
        disable_instance_discovery=True,
        connection_verify=str(server.ca),
    ) as credential:
        return graph_sdk.ask(server.base, credential, work, verify=_trusting(server))


def _trusting(server: Server) -> ssl.SSLContext:
    return ssl.create_default_context(cafile=str(server.ca))


async def stream_id(client: Any) -> str:
    """Return the id of the data source's stream, found by name in the list."""
    listed = await streams(client).get()
    return str(next(each.id for each in listed.value if each.display_name == SOURCE))


@pytest.mark.slow  # mostly the SDK loading and filling its models
def test_every_page_of_apps_is_the_rest_report(server: Server, report: list[dict[str, Any]]) -> None:
    """Three pages through the SDK's iterator: each app once, with the numbers and times of the other API."""
    from msgraph_core.tasks.page_iterator import PageIterator  # type: ignore[import-untyped]

    async def iterate(client: Any) -> list[Any]:
        item = streams(client).by_cloud_app_discovery_report_id(await stream_id(client))
        first = await item.microsoft_graph_security_aggregated_apps_details_with_period("duration'P30D'").get()
        found: list[Any] = []

        def note(each: Any) -> bool:
            found.append(each)
            return True

        assert len(first.value) == 100
        await PageIterator(first, client.request_adapter).iterate(note)
        return found

    apps = ask(server, iterate)
    assert len(apps) == len({app.id for app in apps}) == SITES + 1
    assert sorted(_from_graph(app) for app in apps) == sorted(_from_rest(app) for app in report)


def _from_graph(app: Any) -> tuple[object, ...]:
    return (
        *(app.id, app.display_name, tuple(app.domains), app.user_count, app.ip_address_count, app.transaction_count),
        *(app.upload_network_traffic_in_bytes, app.download_network_traffic_in_bytes),
        app.last_seen_date_time.date(),
    )


def _from_rest(app: dict[str, Any]) -> tuple[object, ...]:
    return (
        *(str(app["appId"]), app["name"], tuple(app["domains"])),
        *(app["usersCount"], app["ipAddressesCount"], app["trafficTotalEvents"]),
        *(app["trafficUploadedBytes"], app["trafficDownloadedBytes"]),
        datetime.fromtimestamp(app["lastUsed"] / 1000, UTC).date(),
    )


def test_the_users_of_an_app_are_those_of_the_log(server: Server, report: list[dict[str, Any]]) -> None:
    """The SDK has no builder for the URL; its models read the app and its users."""
    dropbox = next(app for app in report if app["name"] == "Dropbox")

    async def users(client: Any) -> list[str]:
        from msgraph_beta.generated.models.security.discovered_cloud_app_detail import (  # type: ignore[import-untyped]
            DiscoveredCloudAppDetail,
        )

        path = f"/beta/security/dataDiscovery/cloudAppDiscovery/uploadedStreams/{await stream_id(client)}"
        app = f"/aggregatedAppsDetails(period=duration'P30D')/{dropbox['appId']}"
        found = await read(client, f"{server.base}{path}{app}?$expand=users", DiscoveredCloudAppDetail)
        return [each.user_identifier for each in found.users]

    found = ask(server, users)
    assert sorted(found) == [f"user{number}@example.org" for number in range(USERS)]
    assert len(found) == dropbox["usersCount"]


def test_the_client_of_javascript_reads_the_same(
    node: str, live: Live, server: Server, report: list[dict[str, Any]]
) -> None:
    """Every page through its iterator, ordering and count, a batch, and an error as the client reports it."""
    house = server.house
    told = {"base": server.base, "tenant": house.tenant_guid, "clientId": house.client_id, "source": SOURCE}
    command = [node, str(CLIENTS / "graph.mjs"), json.dumps({**told, "secret": house.client_secret})]
    environment = {**os.environ, "NODE_EXTRA_CA_CERTS": live.ca, "NODE_NO_WARNINGS": "1"}
    found = json.loads(subprocess.run(command, env=environment, stdout=subprocess.PIPE, check=True).stdout)
    by_name = sorted(report, key=lambda app: app["name"].lower())
    assert found["apps"] == [[str(app["appId"]), app["name"], app["trafficTotalEvents"]] for app in by_name]
    assert found["count"] == 1
    assert sorted(found["users"]) == [f"user{number}@example.org" for number in range(USERS)]
    assert found["batch"] == [found["stream"], 404]
    assert found["refused"] == [404, "ResourceNotFound"]


def test_a_user_reads_by_a_device(live: Live) -> None:
    """The SDK acts for a user who entered a code elsewhere, in a tenant without data sources."""
    told: dict[str, Any] = {
        "tenant_id": live.guid,
        "authority": live.base,
        "disable_instance_discovery": True,
        "connection_verify": live.ca,
        "prompt_callback": lambda _address, user_code, _until: live.approve(user_code),
    }

    async def listed(client: Any) -> Any:
        return await streams(client).get()

    with DeviceCodeCredential(live.native.client_id, **told) as credential:
        credential.get_token("https://graph.microsoft.com/.default", enable_cae=True)  # the SDK finds it in the cache
        live.forget()
        assert graph_sdk.ask(live.base, credential, listed, verify=_trusting(live.server)).value == []
    assert live.seen() == ["GET /beta/security/dataDiscovery/cloudAppDiscovery/uploadedStreams"]
