"""The enumerations (graph §4)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from opencasb.api.graph.edm import UNKNOWN_FUTURE, Enum

_CATEGORIES: Final[Mapping[str, str]] = {
    "security": "Security",
    "collaboration": "Collaboration",
    "hostingServices": "Hosting services",
    "onlineMeetings": "Online meetings",
    "newsAndEntertainment": "News and entertainment",
    "eCommerce": "E-commerce",
    "education": "Education",
    "cloudStorage": "Cloud storage",
    "marketing": "Marketing",
    "operationsManagement": "Operations management",
    "health": "Health",
    "advertising": "Advertising",
    "productivity": "Productivity",
    "accountingAndFinance": "Accounting and finance",
    "contentManagement": "Content management",
    "contentSharing": "Content sharing",
    "businessManagement": "Business management",
    "communications": "Communications",
    "dataAnalytics": "Data analytics",
    "businessIntelligence": "Business intelligence",
    "webemail": "Webmail",
    "codeHosting": "Code hosting",
    "webAnalytics": "Web analytics",
    "socialNetwork": "Social network",
    "crm": "CRM",
    "forums": "Forums",
    "humanResourceManagement": "Human resource management",
    "transportationAndTravel": "Transportation and travel",
    "productDesign": "Product design",
    "sales": "Sales",
    "cloudComputingPlatform": "Cloud computing platform",
    "projectManagement": "Project management",
    "personalInstantMessaging": "Personal instant messaging",
    "developmentTools": "Development tools",
    "itServices": "IT services",
    "supplyChainAndLogistics": "Supply chain and logistics",
    "propertyManagement": "Property management",
    "customerSupport": "Customer support",
    "internetOfThings": "Internet of Things",
    "vendorManagementSystems": "Vendor management systems",
    "websiteMonitoring": "Website monitoring",
    "generativeAi": "Generative AI",
}
_LATE_CATEGORIES: Final[Mapping[str, str]] = {
    "aiModelProvider": "AI model provider",
    "mcpServer": "MCP server",
    "clientAiApp": "Client AI app",
}

APP_CATEGORY: Final = Enum(
    "appCategory",
    (*_CATEGORIES, "unknown", UNKNOWN_FUTURE, *_LATE_CATEGORIES),
    late=frozenset(_LATE_CATEGORIES),
    labels={**_CATEGORIES, **_LATE_CATEGORIES},
)
STATE: Final = Enum("cloudAppInfoState", ("true", "false", "unknown", UNKNOWN_FUTURE))
CSA_STAR_LEVEL: Final = Enum(
    "appInfoCsaStarLevel",
    (
        *("selfAssessment", "certification", "attestation", "cStarAssessment", "continuousMonitoring"),
        *("unknown", UNKNOWN_FUTURE),
    ),
)
# "rsA" is spelled this way in the upstream schema; its client libraries do not read "rsa".
DATA_AT_REST_ENCRYPTION: Final = Enum(
    "appInfoDataAtRestEncryptionMethod",
    ("aes", "bitLocker", "blowfish", "des3", "des", "rc4", "rsA", "notSupported", "unknown", UNKNOWN_FUTURE),
)
DATA_RETENTION_POLICY: Final = Enum(
    "appInfoDataRetentionPolicy",
    (
        *("dataRetained", "deletedImmediately", "deletedWithinTwoWeeks", "deletedWithinOneMonth"),
        *("deletedWithinThreeMonths", "deletedWithinMoreThanThreeMonths", "unknown", UNKNOWN_FUTURE),
    ),
)
ENCRYPTION_PROTOCOL: Final = Enum(
    "appInfoEncryptionProtocol",
    (
        *("tls1_0", "tls1_1", "tls1_2", "tls1_3", "notApplicable", "notSupported"),
        *("unknown", UNKNOWN_FUTURE, "ssl3"),
    ),
    late=frozenset({"ssl3"}),
)
FED_RAMP_LEVEL: Final = Enum(
    "appInfoFedRampLevel",
    ("high", "moderate", "low", "liSaaS", "unknown", UNKNOWN_FUTURE, "notSupported"),
    late=frozenset({"notSupported"}),
)
HOLDING: Final = Enum("appInfoHolding", ("private", "public", "unknown", UNKNOWN_FUTURE))
PCI_DSS_VERSION: Final = Enum(
    "appInfoPciDssVersion",
    ("v1", "v2", "v3", "v3_1", "v3_2", "v3_2_1", "notSupported", "unknown", UNKNOWN_FUTURE, "v4"),
    late=frozenset({"v4"}),
)
UPLOADED_DATA_TYPES: Final = Enum(
    "appInfoUploadedDataTypes",
    (
        *("documents", "mediaFiles", "codingFiles", "creditCards", "databaseFiles"),
        *("none", "unknown", UNKNOWN_FUTURE),
    ),
    flags=True,
)
ENTITY_TYPE: Final = Enum("entityType", ("userName", "ipAddress", "machineName", "other", "unknown", UNKNOWN_FUTURE))
TRAFFIC_TYPE: Final = Enum("trafficType", ("downloadedBytes", "uploadedBytes", "unknown", UNKNOWN_FUTURE))
RECEIVER_PROTOCOL: Final = Enum(
    "receiverProtocol", ("ftp", "ftps", "syslogUdp", "syslogTcp", "syslogTls", UNKNOWN_FUTURE)
)
LOG_DATA_PROVIDER: Final = Enum(
    "logDataProvider",
    (
        *("barracuda", "bluecoat", "checkpoint", "ciscoAsa", "ciscoIronportProxy", "fortigate", "paloAlto", "squid"),
        *("zscaler", "mcafeeSwg", "ciscoScanSafe", "juniperSrx", "sophosSg", "websenseV75", "websenseSiemCef"),
        *("machineZoneMeraki", "squidNative", "ciscoFwsm", "microsoftIsaW3C", "sonicwall", "sophosCyberoam"),
        *("clavister", "customParser", "juniperSsg", "zscalerQradar", "juniperSrxSd", "juniperSrxWelf"),
        *("microsoftConditionalAppAccess", "ciscoAsaFirepower", "genericCef", "genericLeef", "genericW3C", "iFilter"),
        *("checkpointXml", "checkpointSmartViewTracker", "barracudaNextGenFw", "barracudaNextGenFwWeblog"),
        *("microsoftDefenderForEndpoint", "zscalerCef", "sophosXg", "iboss", "forcepoint", "fortios"),
        *("ciscoIronportWsaIi", "paloAltoLeef", "forcepointLeef", "stormshield", "contentkeeper"),
        *("ciscoIronportWsaIii", "checkpointCef", "corrata", "ciscoFirepowerV6", "menloSecurityCef", "watchguardXtm"),
        *("openSystemsSecureWebGateway", "wandera", UNKNOWN_FUTURE),
    ),
)

ALL: Final = (
    *(APP_CATEGORY, STATE, CSA_STAR_LEVEL, DATA_AT_REST_ENCRYPTION, DATA_RETENTION_POLICY, ENCRYPTION_PROTOCOL),
    *(FED_RAMP_LEVEL, HOLDING, PCI_DSS_VERSION, UPLOADED_DATA_TYPES, ENTITY_TYPE, TRAFFIC_TYPE, RECEIVER_PROTOCOL),
    LOG_DATA_PROVIDER,
)
