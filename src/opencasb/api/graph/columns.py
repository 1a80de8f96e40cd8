"""Map the properties of apps and streams to their sources: the report and the store (graph §3.1, §3.2)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

import polars as pl

from opencasb.api.graph.edm import UNKNOWN_FUTURE, Enum, Primitive, squeezed
from opencasb.api.graph.entities import STREAM
from opencasb.api.graph.enums import APP_CATEGORY, LOG_DATA_PROVIDER, RECEIVER_PROTOCOL
from opencasb.api.graph.facts import DESCRIPTION
from opencasb.model.categories import PREFIX
from opencasb.model.durations import DAY
from opencasb.model.stream import Stream

# Categories whose id differs from their member's name; the first is misspelled upstream.
_IRREGULAR_CATEGORIES: Final = {
    "SUPLLYCHAINANDLOGISTICS": "supplyChainAndLogistics",
    "VENDORMANAGEMENTSYSTEM": "vendorManagementSystems",
    "WEBMAIL": "webemail",
    "SAASDBSUBCATEGORYINSURANCEANDINVESTMENTS": "accountingAndFinance",
}
_PROVIDERS: Final[Mapping[str, str]] = {
    **{squeezed(member): member for member in LOG_DATA_PROVIDER.members},
    "wdatp": "microsoftDefenderForEndpoint",
    "adallomproxyrawtraffic": "microsoftConditionalAppAccess",
}


def _category() -> pl.Expr:
    members = {squeezed(member).upper(): member for member in APP_CATEGORY.members} | _IRREGULAR_CATEGORIES
    code = pl.col("category").str.strip_prefix(PREFIX).str.replace_all("_", "", literal=True)
    return code.replace_strict(members, default="unknown", return_dtype=pl.String)


def _day(column: str) -> pl.Expr:
    """Return the start of the UTC day, the resolution clients expect."""
    return pl.col(column) // DAY * DAY


APP_COLUMNS: Final[Mapping[str, pl.Expr]] = {
    "id": pl.col("app_id").cast(pl.String),
    "displayName": pl.col("name"),
    "description": pl.col(DESCRIPTION),
    "category": _category(),
    "domains": pl.col("domains"),
    "tags": pl.col("tags"),
    "riskScore": pl.col("score"),
    "firstSeenDateTime": _day("first_seen"),
    "lastSeenDateTime": _day("last_seen"),
    "userCount": pl.col("users"),
    "ipAddressCount": pl.col("ip_addresses"),
    "transactionCount": pl.col("transactions"),
    "uploadNetworkTrafficInBytes": pl.col("uploaded_bytes"),
    "downloadNetworkTrafficInBytes": pl.col("downloaded_bytes"),
    # Some logs give only the total; its two parts are then 0.
    "traffic": pl.max_horizontal("total_bytes", pl.col("uploaded_bytes") + pl.col("downloaded_bytes")),
    "deviceCount": pl.col("devices"),
}
"""App property → its values in the report frame."""


def stream_frame(streams: Sequence[Stream]) -> pl.DataFrame:
    """Return one row per stream with a column for each property."""
    dtypes = {Primitive.BOOLEAN: pl.Boolean, Primitive.INT32: pl.Int64, Primitive.INSTANT: pl.Int64}
    schema: dict[str, pl.DataType] = {}
    for each in STREAM.properties.values():
        dtype = pl.String() if isinstance(each.type, Enum) else dtypes.get(each.type, pl.String)()
        schema[each.name] = pl.List(dtype) if each.collection else dtype
    return pl.DataFrame([_stream_values(stream) for stream in streams], schema=schema, orient="row")


def _stream_values(stream: Stream) -> dict[str, object]:
    return {
        "id": stream.stream_id,
        "displayName": stream.display_name,
        "description": stream.comment or None,
        "createdDateTime": stream.created,
        "lastModifiedDateTime": stream.last_modified,
        "lastDataReceivedDateTime": stream.last_data_received,
        "isSnapshotReport": stream.is_snapshot,
        "anonymizeUserData": stream.anonymize_users,
        "anonymizeMachineData": stream.anonymize_machines,
        "logDataProvider": _PROVIDERS.get(squeezed(stream.source.removesuffix("_SYSLOG")), UNKNOWN_FUTURE),
        "logFileCount": stream.log_files,
        "receiverProtocol": _receiver(stream.receiver),
        "supportedEntityTypes": _entity_types(stream),
        "supportedTrafficTypes": _traffic_types(stream),
    }


def _receiver(receiver: str) -> str | None:
    return (RECEIVER_PROTOCOL.member(receiver) or UNKNOWN_FUTURE) if receiver else None


def _entity_types(stream: Stream) -> list[str]:
    known = {"userName": stream.has_users, "ipAddress": True, "machineName": stream.has_devices}
    return [member for member, given in known.items() if given]


def _traffic_types(stream: Stream) -> list[str]:
    known = {
        "downloadedBytes": stream.has_downloaded_bytes or stream.has_total_bytes,
        "uploadedBytes": stream.has_uploaded_bytes or stream.has_total_bytes,
    }
    return [member for member, given in known.items() if given]
