"""The entity types (graph §3), and the spellings of their property names that queries may use."""

from __future__ import annotations

from functools import cache
from typing import Final

from opencasb.api.graph import app_info, enums
from opencasb.api.graph.edm import EntityType, Navigation, Primitive, Property

ENTITY: Final = EntityType(
    "entity", (Property("id", Primitive.STRING, nullable=False),), namespace="microsoft.graph", abstract=True
)

STREAM: Final = EntityType(
    "cloudAppDiscoveryReport",
    (
        Property("displayName", Primitive.STRING, nullable=False),
        Property("description", Primitive.STRING),
        Property("createdDateTime", Primitive.INSTANT, nullable=False),
        Property("lastModifiedDateTime", Primitive.INSTANT, nullable=False),
        Property("lastDataReceivedDateTime", Primitive.INSTANT),
        Property("isSnapshotReport", Primitive.BOOLEAN, nullable=False),
        Property("anonymizeUserData", Primitive.BOOLEAN, nullable=False),
        Property("anonymizeMachineData", Primitive.BOOLEAN, nullable=False),
        Property("logDataProvider", enums.LOG_DATA_PROVIDER, nullable=False),
        Property("logFileCount", Primitive.INT32, nullable=False),
        Property("receiverProtocol", enums.RECEIVER_PROTOCOL),
        Property("supportedEntityTypes", enums.ENTITY_TYPE, collection=True, nullable=False),
        Property("supportedTrafficTypes", enums.TRAFFIC_TYPE, collection=True, nullable=False),
    ),
    base=ENTITY,
)
REPORT: Final = EntityType(
    "dataDiscoveryReport",
    own_navigations=(Navigation("uploadedStreams", "cloudAppDiscoveryReport", collection=True),),
    base=ENTITY,
)
ROOT: Final = EntityType(
    "dataDiscoveryRoot", own_navigations=(Navigation("cloudAppDiscovery", "dataDiscoveryReport"),), base=ENTITY
)
SECURITY: Final = EntityType(
    "security",
    own_navigations=(Navigation("dataDiscovery", "dataDiscoveryRoot"),),
    base=ENTITY,
    namespace="microsoft.graph",
)

APP_INFO: Final = EntityType("discoveredCloudAppInfo", app_info.PROPERTIES, base=ENTITY)
APP: Final = EntityType(
    "discoveredCloudAppDetail",
    (
        Property("displayName", Primitive.STRING, nullable=False),
        Property("description", Primitive.STRING),
        Property("category", enums.APP_CATEGORY, nullable=False),
        Property("domains", Primitive.STRING, collection=True, nullable=False),
        Property("tags", Primitive.STRING, collection=True, nullable=False),
        Property("riskScore", Primitive.INT64),
        Property("firstSeenDateTime", Primitive.INSTANT, nullable=False),
        Property("lastSeenDateTime", Primitive.INSTANT, nullable=False),
        Property("userCount", Primitive.INT64, nullable=False),
        Property("ipAddressCount", Primitive.INT64, nullable=False),
        Property("transactionCount", Primitive.INT64, nullable=False),
        Property("uploadNetworkTrafficInBytes", Primitive.INT64, nullable=False),
        Property("downloadNetworkTrafficInBytes", Primitive.INT64, nullable=False),
    ),
    (
        Navigation("appInfo", "discoveredCloudAppInfo"),
        Navigation("users", "discoveredCloudAppUser", collection=True),
        Navigation("ipAddresses", "discoveredCloudAppIPAddress", collection=True),
    ),
    base=ENTITY,
    hidden=(Property("traffic", Primitive.INT64, nullable=False),),
)
ENDPOINT_APP: Final = EntityType(
    "endpointDiscoveredCloudAppDetail",
    (Property("deviceCount", Primitive.INT64, nullable=False),),
    (Navigation("devices", "discoveredCloudAppDevice", collection=True),),
    base=APP,
)

USER: Final = EntityType(
    "discoveredCloudAppUser", (Property("userIdentifier", Primitive.STRING, nullable=False),), key="userIdentifier"
)
IP_ADDRESS: Final = EntityType(
    "discoveredCloudAppIPAddress", (Property("ipAddress", Primitive.STRING, nullable=False),), key="ipAddress"
)
DEVICE: Final = EntityType(
    "discoveredCloudAppDevice", (Property("name", Primitive.STRING, nullable=False),), key="name"
)

ALL: Final = (ENTITY, SECURITY, ROOT, REPORT, STREAM, APP, ENDPOINT_APP, APP_INFO, USER, IP_ADDRESS, DEVICE)

_ALIASES: Final = {
    APP: {
        "riskRating": "riskScore",
        # The first upstream preview spelled traffic with one f.
        "uploadNetworkTraficInBytes": "uploadNetworkTrafficInBytes",
        "downloadNetworkTraficInBytes": "downloadNetworkTrafficInBytes",
    },
    APP_INFO: app_info.ALIASES,
}
RENAMED: Final = {name.lower(): name for name in _ALIASES[APP] if "Trafic" in name}
"""Old names that the response keeps if they were selected (graph §3.2)."""


def find(entity: EntityType, name: str) -> Property | None:
    """Return the property that ``name`` denotes in a query, in any case, including aliases and short names."""
    return _names(entity).get(name.strip().lower())


@cache
def of_derived(entity: EntityType) -> frozenset[str]:
    """Return the lower-case names of the properties that only types derived from ``entity`` have."""
    return frozenset(each.name.lower() for derived in ALL if derived.base is entity for each in derived.own_properties)


@cache
def _names(entity: EntityType) -> dict[str, Property]:
    aliases: dict[str, str] = dict(app_info.short_names()) if entity is APP_INFO else {}
    lineage: EntityType | None = entity
    while lineage is not None:
        aliases |= _ALIASES.get(lineage, {})
        lineage = lineage.base
    properties = entity.filterable
    return {alias.lower(): properties[target] for alias, target in aliases.items()} | {
        name.lower(): found for name, found in properties.items()
    }
