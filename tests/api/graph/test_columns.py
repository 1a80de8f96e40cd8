"""The columns of the properties of apps and streams."""

from __future__ import annotations

from typing import Any

import pytest

from opencasb.api.graph.columns import APP_COLUMNS, stream_frame
from opencasb.api.graph.entities import ENDPOINT_APP, STREAM
from opencasb.api.graph.enums import APP_CATEGORY
from opencasb.model.source_types import LOG_TYPES
from opencasb.model.stream import StreamType
from tests.api.graph.standin import DAY_MS, app, report, stream


def app_value(name: str, **fields: Any) -> object:  # any column
    """Return one property of an app with these columns."""
    row = app(1, "x") | fields
    return report([row]).select(APP_COLUMNS[name].alias(name)).item()


def stream_value(name: str, **fields: Any) -> Any:  # any field, any value
    """Return one property of a stream with these fields."""
    return stream_frame([stream("1", "x", **fields)])[name].to_list()[0]


def test_every_property_has_a_column() -> None:
    """No property of the types is missing."""
    assert set(APP_COLUMNS) == set(ENDPOINT_APP.filterable)
    assert stream_frame([]).columns == list(STREAM.properties)


@pytest.mark.parametrize(
    ("category", "member"),
    [
        ("SAASDB_CATEGORY_CLOUD_STORAGE", "cloudStorage"),
        ("SAASDB_CATEGORY_ECOMMERCE", "eCommerce"),
        ("SAASDB_CATEGORY_WEBMAIL", "webemail"),
        ("SAASDB_CATEGORY_SUPLLY_CHAIN_AND_LOGISTICS", "supplyChainAndLogistics"),
        ("SAASDB_CATEGORY_VENDOR_MANAGEMENT_SYSTEM", "vendorManagementSystems"),
        ("SAASDB_SUBCATEGORY_INSURANCE_AND_INVESTMENTS", "accountingAndFinance"),
        ("SAASDB_CATEGORY_GENERATIVE_AI", "generativeAi"),
        ("SAASDB_CATEGORY_MCP_SERVER", "mcpServer"),
        ("SAASDB_CATEGORY_UNCLASSIFIED", "unknown"),
        ("SAASDB_CATEGORY_MEDIA", "unknown"),
        ("", "unknown"),
        (None, "unknown"),
    ],
)
def test_categories_become_members(category: str | None, member: str) -> None:
    """Each category id has a member, and others are unknown."""
    assert app_value("category", category=category) == member
    assert member in APP_CATEGORY.members


def test_seen_times_have_day_resolution() -> None:
    """An app's first and last seen times are days."""
    assert app_value("lastSeenDateTime", last_seen=DAY_MS + 86_399_999) == DAY_MS
    assert app_value("firstSeenDateTime", first_seen=DAY_MS) == DAY_MS


def test_traffic_is_both_directions_or_the_total_if_only_that_is_logged() -> None:
    """The sum of both, or more if only the total is known."""
    assert app_value("traffic", uploaded_bytes=3, downloaded_bytes=4, total_bytes=7) == 7
    assert app_value("traffic", uploaded_bytes=0, downloaded_bytes=0, total_bytes=9) == 9


@pytest.mark.parametrize(
    ("source", "provider"),
    [
        ("SQUID_NATIVE", "squidNative"),
        ("PALO_ALTO_SYSLOG", "paloAlto"),
        ("MICROSOFT_ISA_W3C", "microsoftIsaW3C"),
        ("I_FILTER_SYSLOG", "iFilter"),
        ("WEBSENSE_V7_5", "websenseV75"),
        ("CISCO_IRONPORT_WSA_III", "ciscoIronportWsaIii"),
        ("WDATP", "microsoftDefenderForEndpoint"),
        ("", "unknownFutureValue"),
        ("OTHER", "unknownFutureValue"),
    ],
)
def test_sources_become_providers(source: str, provider: str) -> None:
    """The source type's name without `_SYSLOG`, in camel case."""
    assert stream_value("logDataProvider", source=source) == provider


def test_every_source_type_has_a_provider() -> None:
    """Every source type for upload has a member."""
    without = {each for each in LOG_TYPES if stream_value("logDataProvider", source=each) == "unknownFutureValue"}
    assert without == {"OTHER"}


@pytest.mark.parametrize(
    ("receiver", "protocol"),
    [
        ("ftp", "ftp"),
        ("syslog-udp", "syslogUdp"),
        ("syslog-tls", "syslogTls"),
        ("folder", "unknownFutureValue"),
        ("", None),
    ],
)
def test_receivers_become_protocols(receiver: str, protocol: str | None) -> None:
    """Uploads have none; a folder's protocol is unknown to clients."""
    assert stream_value("receiverProtocol", receiver=receiver) == protocol


def test_a_stream_tells_what_its_logs_can_show() -> None:
    """Entities and traffic reflect what occurred; a total stands for both directions."""
    flags = {"has_users": False, "has_uploaded_bytes": False, "has_downloaded_bytes": False}
    assert stream_value("supportedEntityTypes", **flags) == ["ipAddress"]
    assert stream_value("supportedTrafficTypes", **flags) == []
    assert stream_value("supportedEntityTypes", has_devices=True) == ["userName", "ipAddress", "machineName"]
    assert stream_value("supportedTrafficTypes", **flags, has_total_bytes=True) == ["downloadedBytes", "uploadedBytes"]


def test_the_rest_is_taken_as_it_is() -> None:
    """Names, times and flags are unchanged."""
    assert stream_value("isSnapshotReport", stream_type=StreamType.SNAPSHOT) is True
    assert stream_value("anonymizeUserData", anonymize_users=True) is True
    assert stream_value("description", comment="") is None
    assert stream_value("lastDataReceivedDateTime", last_data_received=5) == 5
    assert stream_value("logFileCount", log_files=7) == 7
