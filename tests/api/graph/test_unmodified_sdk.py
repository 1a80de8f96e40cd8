"""The unmodified Graph SDK for Python, with a real server on loopback."""

from __future__ import annotations

import importlib
import warnings
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any, Final

import pytest
from azure.core.credentials import AccessToken
from starlette.types import ASGIApp, Receive, Scope, Send

from opencasb.api.graph import entities, enums
from opencasb.api.graph.asgi import graph_api
from opencasb.api.graph.edm import EntityType, Enum
from opencasb.api.graph.errors import TooManyRequests
from opencasb.api.graph.exchange import Call, refusal
from tests.api.graph.standin import DAY, ENDPOINTS, GLOBAL, READER, Casb, app, casb, report
from tests.api.v1.serving import serving
from tests.conftest import NOW
from tests.graph_sdk import Work, ask, read, streams

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("graph-sdk")]  # its import is slow, so it happens once

PERIOD: Final[Any] = "duration'P30D'"
"""The SDK's type hint requires a timedelta, which it cannot put into a URL; text works."""

MODELS = "msgraph_beta.generated.models.security"


class Credential:
    """A credential with a fixed token."""

    def __init__(self, caller: str) -> None:
        self.caller = caller

    def get_token(self, *_scopes: str, **_options: Any) -> AccessToken:  # what the SDK passes
        """Return the token."""
        return AccessToken(self.caller, 2**40)


class Busy:
    """Rejects a given number of requests before passing others on."""

    def __init__(self, behind: ASGIApp) -> None:
        self.behind = behind
        self.refusals = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if not self.refusals:
            return await self.behind(scope, receive, send)
        self.refusals -= 1
        reply = refusal(Call("GET", "", "", {}, "id"), TooManyRequests("slow down", 7), NOW)
        headers = [(name.lower().encode(), text.encode()) for name, text in reply.headers.items()]
        await send({"type": "http.response.start", "status": reply.status, "headers": headers})
        await send({"type": "http.response.body", "body": reply.content})
        return None


@dataclass
class Served:
    """A running installation and the SDK connected to it."""

    base: str
    installation: Casb
    busy: Busy

    def ask(self, work: Work, caller: str = "reader") -> Any:  # the SDK has no common type
        """Run ``work`` with an SDK client."""
        return ask(self.base, Credential(caller), work)


@pytest.fixture(scope="module")
def served() -> Iterator[Served]:
    """An installation whose Global View has 250 apps."""
    installation = casb()
    rows = [app(10_000 + at, f"App {at}", score=at % 11) for at in range(250)]
    installation.streams.frames[GLOBAL, DAY] = report(rows)
    installation.callers["stranger"] = replace(READER, permissions=frozenset())
    holder: list[Busy] = []

    async def entrance(scope: Scope, receive: Receive, send: Send) -> None:
        await holder[0](scope, receive, send)

    with serving(entrance) as port:
        base = f"http://127.0.0.1:{port}"
        installation.settings = replace(installation.settings, effective_public_url=base)
        holder.append(Busy(graph_api(installation)))  # type: ignore[arg-type]  # a stand-in
        yield Served(base, installation, holder[0])


def apps(client: Any, stream_id: str = GLOBAL) -> Any:  # SDK builders
    """Return the builder for the apps of a stream."""
    item = streams(client).by_cloud_app_discovery_report_id(stream_id)
    return item.microsoft_graph_security_aggregated_apps_details_with_period(PERIOD)


def configured(builder: Any, **options: Any) -> Any:  # SDK builders and options
    """Return a request configuration with query options."""
    from kiota_abstractions.base_request_configuration import RequestConfiguration

    kind = next(value for name, value in vars(type(builder)).items() if name.endswith("GetQueryParameters"))
    return RequestConfiguration(query_parameters=kind(**options))


def test_streams_are_read_with_all_their_properties(served: Served) -> None:
    """Texts, times, flags and enumerations are parsed, also for one stream and the count."""
    listed = served.ask(lambda client: streams(client).get())
    assert [each.display_name for each in listed.value] == ["Laptops", "Branch office", "Global View"]
    laptops = served.ask(lambda client: streams(client).by_cloud_app_discovery_report_id(ENDPOINTS).get())
    assert laptops.log_data_provider.value == "microsoftDefenderForEndpoint"
    assert [each.value for each in laptops.supported_entity_types] == ["userName", "ipAddress", "machineName"]
    assert laptops.created_date_time == datetime(2025, 8, 8, 8, tzinfo=UTC)
    assert (laptops.is_snapshot_report, laptops.log_file_count, laptops.description) == (False, 0, "All laptops")
    assert laptops.additional_data == {"@odata.context": laptops.additional_data["@odata.context"]}
    assert served.ask(lambda client: streams(client).count.get()) == 3


def test_the_root_is_read_with_what_it_leads_to(served: Served) -> None:
    """The root expands to the report, the report to the streams."""

    async def walk(client: Any) -> tuple[Any, Any]:
        root, report = client.security.data_discovery, client.security.data_discovery.cloud_app_discovery
        return (
            await root.get(configured(root, expand=["cloudAppDiscovery"])),
            await report.get(configured(report, expand=["uploadedStreams"])),
        )

    root, report = served.ask(walk)
    assert served.ask(lambda client: client.security.get()).id == "security"
    assert root.cloud_app_discovery.id == "cloudAppDiscovery"
    assert len(report.uploaded_streams) == 3


def test_options_of_the_sdk_are_understood(served: Served) -> None:
    """Filter, order, selection, expansion, paging and count, as encoded by the SDK."""

    async def search(client: Any) -> Any:
        builder = apps(client, ENDPOINTS)
        options = {
            "filter": "appInfo/isHipaaCompliant eq 'True' and contains(displayName,'okta')",
            "orderby": ["appInfo/vendor desc", "displayName"],
            "select": ["displayName", "deviceCount", "userCount"],
            "expand": ["appInfo($select=vendor,founded,dataTypes,logonUrls,encryptionProtocol)"],
            "top": 5,
            "skip": 0,
            "count": True,
        }
        return await builder.get(configured(builder, **options))

    found = served.ask(search)
    (okta,) = found.value
    assert found.odata_count == 1
    assert type(okta).__name__ == "EndpointDiscoveredCloudAppDetail"
    assert (okta.id, okta.display_name, okta.device_count, okta.user_count) == ("10980", "Okta", 1, 41)
    assert okta.additional_data == {}
    info = okta.app_info
    assert (info.vendor, info.founded, info.logon_urls) == ("Okta, Inc.", 2009, ["https://login.okta.com/"])
    assert [each.value for each in info.data_types] == ["documents", "mediaFiles"]
    assert info.encryption_protocol.value == "tls1_2"


def test_apps_are_read_with_all_their_properties(served: Served) -> None:
    """Numbers, days, collections and the category are parsed."""
    first = served.ask(lambda client: apps(client, ENDPOINTS).get()).value[0]
    assert first.category.value == "security"
    assert (first.domains, first.tags) == (["okta.com", "okta-emea.com"], ["Sanctioned"])
    assert (first.risk_score, first.ip_address_count, first.transaction_count) == (9, 2, 10)
    assert (first.upload_network_traffic_in_bytes, first.download_network_traffic_in_bytes) == (100, 200)
    assert first.last_seen_date_time == datetime(2025, 11, 19, tzinfo=UTC)
    assert first.first_seen_date_time == datetime(2025, 10, 30, tzinfo=UTC)
    assert (first.description, first.additional_data) == ("App 10980 is known.", {})


@pytest.mark.parametrize(
    ("below", "model", "attribute", "value"),
    [
        ("", "DiscoveredCloudAppDetail", "display_name", "Okta"),
        ("/appInfo", "DiscoveredCloudAppInfo", "vendor", "Okta, Inc."),
        ("/users/user007%40contoso.example", "DiscoveredCloudAppUser", "user_identifier", "user007@contoso.example"),
        ("/ipAddresses/10.0.0.1", "DiscoveredCloudAppIPAddress", "ip_address", "10.0.0.1"),
        ("/devices/laptop-1", "DiscoveredCloudAppDevice", "name", "laptop-1"),
    ],
)
def test_what_the_sdk_has_no_builder_for_is_read_by_url(
    served: Served, below: str, model: str, attribute: str, value: str
) -> None:
    """One app, its facts and its rows fit the SDK's models."""
    path = f"/beta/security/dataDiscovery/cloudAppDiscovery/uploadedStreams/{ENDPOINTS}"
    url = f"{served.base}{path}/aggregatedAppsDetails(period=duration'P30D')/10980{below}"
    found = served.ask(lambda client: read(client, url, _model(model)))
    assert getattr(found, attribute) == value


@pytest.mark.parametrize(
    ("caller", "stream_id", "status", "code"),
    [
        ("reader", "ffffffffffffffffffffffff", 404, "ResourceNotFound"),
        ("stranger", GLOBAL, 403, "Forbidden"),
        ("nosuch", GLOBAL, 401, "InvalidAuthenticationToken"),
    ],
)
def test_refusals_are_odata_errors(served: Served, caller: str, stream_id: str, status: int, code: str) -> None:
    """The SDK raises its own error with status, code and message."""
    with pytest.raises(_error()) as raised:
        served.ask(lambda client: apps(client, stream_id).get(), caller)
    assert raised.value.response_status_code == status
    assert (raised.value.error.code, bool(raised.value.error.message)) == (code, True)


def test_a_batch_of_the_sdk_is_answered(served: Served) -> None:
    """It writes its own, other name for dependencies, and the addresses that its builders make."""

    async def work(client: Any) -> list[int]:
        from msgraph_core.requests.batch_request_builder import BatchRequestBuilder  # type: ignore[import-untyped]
        from msgraph_core.requests.batch_request_content import BatchRequestContent  # type: ignore[import-untyped]
        from msgraph_core.requests.batch_request_item import BatchRequestItem  # type: ignore[import-untyped]

        builders = [streams(client), apps(client), apps(client, "nosuch")]
        items = [BatchRequestItem(each.to_get_request_information()) for each in builders]
        items[1].set_depends_on([items[0]])
        content = BatchRequestContent({each.id: each for each in items})
        answered = await BatchRequestBuilder(client.request_adapter).post(content)
        return [answered.get_response_by_id(each.id).status for each in items]

    assert served.ask(work) == [200, 200, 404]


def test_streams_cannot_be_changed(served: Served) -> None:
    """The SDK has methods for it, but the response is 405."""
    with pytest.raises(_error()) as raised:
        served.ask(lambda client: streams(client).by_cloud_app_discovery_report_id(GLOBAL).delete())
    assert raised.value.response_status_code == 405


def test_a_throttled_request_is_repeated_when_we_say(served: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    """The SDK waits according to Retry-After, and then succeeds."""
    from kiota_http.middleware import retry_handler

    waited: list[float] = []

    async def wait(seconds: float) -> None:
        waited.append(seconds)

    monkeypatch.setattr(retry_handler, "asyncio", SimpleNamespace(sleep=wait))
    served.busy.refusals = 2
    assert len(served.ask(lambda client: streams(client).get()).value) == 3
    assert waited == [7, 7]


# The SDK takes security for a type in another namespace, and does not read what is below it.
COMPARED = [each for each in entities.ALL if not each.abstract and each is not entities.SECURITY]


@pytest.mark.parametrize("entity", COMPARED, ids=lambda each: each.name)
def test_our_types_are_those_of_the_sdk(entity: EntityType) -> None:
    """The SDK has exactly our properties of each type."""
    read = set(_model(entity.name[0].upper() + entity.name[1:])().get_field_deserializers()) - {"@odata.type"}
    assert read == {*entity.properties, *entity.navigations}


@pytest.mark.parametrize("enum", enums.ALL, ids=lambda each: each.name)
def test_our_enumerations_are_those_of_the_sdk(enum: Enum) -> None:
    """The SDK has exactly our members, late ones last."""
    assert tuple(member.value for member in _model(enum.name[0].upper() + enum.name[1:])) == enum.members


def _error() -> Any:  # a class of the SDK
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        return importlib.import_module("msgraph_beta.generated.models.o_data_errors.o_data_error").ODataError


def _model(name: str) -> Any:  # a class of the SDK
    """Return a model class of the SDK, found by its generated file name."""
    snake = "".join(f"_{letter.lower()}" if letter.isupper() else letter for letter in name).removeprefix("_")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        return getattr(importlib.import_module(f"{MODELS}.{snake}"), name)
