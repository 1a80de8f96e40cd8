"""A stand-in for an installation, and a client that sends exact bytes."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Final, Literal

import polars as pl
from starlette.types import ASGIApp

from opencasb.api.graph.asgi import graph_api
from opencasb.api.graph.facts import KEYS
from opencasb.catalog.fact_table import column_type
from opencasb.identity.errors import Unauthenticated
from opencasb.model.factors import FACTORS
from opencasb.model.permissions import Audience
from opencasb.model.principal import Principal
from opencasb.model.stream import GLOBAL_VIEW, Stream, StreamType
from tests import wire
from tests.conftest import NOW
from tests.wire import answer_in, exchange, with_body

TENANT: Final = 26034820
BASE: Final = "https://graph.casb.example"
GLOBAL: Final = "65a1f0c2d4b7e8a901234567"
ENDPOINTS: Final = "65a1f0c2d4b7e8a901234568"
EMPTY: Final = "65a1f0c2d4b7e8a901234569"
STREAMS: Final = "/beta/security/dataDiscovery/cloudAppDiscovery/uploadedStreams"
FUNCTION: Final = "aggregatedAppsDetails(period=duration'P30D')"
APPS: Final = f"{STREAMS}/{GLOBAL}/{FUNCTION}"
DAY: Final = "2025-11-19"
DAY_MS: Final = 1_763_510_400_000
"""The start of :data:`DAY`."""

READER: Final = Principal(
    tenant_id=TENANT,
    name="reader",
    permissions=frozenset({"cloudapp-discovery.read.all"}),
    client_id="6f1de9a4-53a1-4b1c-8a0e-3c9d0f6c0c11",
)

SCHEMA: Final[Mapping[str, pl.DataType]] = {
    "app_id": pl.Int64(),
    "name": pl.String(),
    "category": pl.String(),
    "score": pl.Int64(),
    "listed": pl.Boolean(),
    "domains": pl.List(pl.String()),
    "tags": pl.List(pl.String()),
    **dict.fromkeys(("users", "ip_addresses", "devices", "transactions", "blocked_transactions"), pl.Int64()),
    **dict.fromkeys(("uploaded_bytes", "downloaded_bytes", "total_bytes", "first_seen", "last_seen"), pl.Int64()),
}


def app(
    app_id: int, name: str, category: str = "CLOUD_STORAGE", score: int | None = 5, **fields: Any
) -> dict[str, Any]:  # any column
    """Return a row of a report."""
    usual: dict[str, Any] = {
        "listed": True,
        "domains": [f"{name.lower().replace(' ', '')}.com"],
        "tags": [],
        "users": 3,
        "ip_addresses": 2,
        "devices": 1,
        "transactions": 10,
        "blocked_transactions": 0,
        "uploaded_bytes": 100,
        "downloaded_bytes": 200,
        "first_seen": DAY_MS - 20 * 86_400_000 + 5,
        "last_seen": DAY_MS + 40_000_000,
    }
    row: dict[str, Any] = (
        {"app_id": app_id, "name": name, "category": f"SAASDB_CATEGORY_{category}", "score": score} | usual | fields
    )
    return {"total_bytes": row["uploaded_bytes"] + row["downloaded_bytes"], **row}


def report(rows: Sequence[Mapping[str, Any]]) -> pl.DataFrame:
    """Return the rows as a report frame, largest first like the real one."""
    return pl.DataFrame(rows, schema=SCHEMA, orient="row").sort("total_bytes", "app_id", descending=[True, False])


ROWS: Final = (
    app(10980, "Okta", "SECURITY", 9, domains=["okta.com", "okta-emea.com"], tags=["Sanctioned"], users=41),
    app(11627, "Dropbox", "CLOUD_STORAGE", 4, domains=["dropbox.com"], tags=["Monitored"], uploaded_bytes=5_000_000),
    app(11599, "Google Ads", "MARKETING", 2, domains=["ads.google.com", "doubleclick.net"], tags=["Monitored", "EU"]),
    app(12260, "Mailchimp", "MARKETING", None, users=0, last_seen=DAY_MS - 10 * 86_400_000),
    app(20940, "ChatGPT", "GENERATIVE_AI", 7, tags=["Unsanctioned"], total_bytes=9_000_000),
    app(20941, "Model Hub", "AI_MODEL_PROVIDER", 6),
    app(500_000_001, "O'Reilly", "UNCLASSIFIED", None, listed=False),
)


def catalog_frame() -> pl.DataFrame:
    """Return a catalog with some facts, in every column type that a fact may have."""
    return pl.DataFrame(
        {
            "app_id": [10980, 11627, 11599, 12260],
            "vendor": ["Okta, Inc.", "Dropbox, Inc.", "Google LLC", None],
            "isHipaaCompliant": [True, False, False, None],
            "isSoc2Compliant": ["True", "false", None, "maybe"],
            "founded": [2009, 2007, 1998, None],
            "domainRegistrationDateTime": [978_307_200_000, None, None, None],
            "dataCenter": [["US", "IE"], ["US"], [], None],
            "dataTypes": [["Documents", "Media files"], ["documents"], [], None],
            "logonUrls": [["https://login.okta.com/"], [], None, None],
            "encryptionProtocol": ["TLS 1.2", "tls1_3", "SSL3", "quantum"],
            "dataAtRestEncryptionMethod": ["rsa", "AES", None, None],
        },
        schema_overrides={"dataTypes": pl.List(pl.String), "dataCenter": pl.List(pl.String)},
    )


def stream(stream_id: str, name: str, stream_type: StreamType = StreamType.INPUT, **fields: Any) -> Stream:  # any field
    """Return a stream with users and both directions of traffic."""
    usual = {"has_users": True, "has_uploaded_bytes": True, "has_downloaded_bytes": True}
    times = {"created": NOW - 9_000_000_000, "last_modified": NOW - 8_000_000_000}
    made: dict[str, Any] = {"stream_id": stream_id, "display_name": name, "stream_type": stream_type, **usual, **times}
    return Stream(tenant_id=TENANT, **{**made, **fields})


@dataclass
class Catalog:
    """A catalog whose facts have the names of their properties."""

    facts: pl.DataFrame

    def known(self, app_ids: pl.Series, keys: Collection[str]) -> pl.DataFrame:
        """Return the facts by factor key."""
        names = {key: name for name, key in KEYS.items() if key in keys and name in self.facts.columns}
        some = self.facts.rename({name: key for key, name in names.items()})
        if some.is_empty():
            some = pl.DataFrame({"app_id": app_ids.clear()})
        nulls = [pl.lit(None, column_type(FACTORS[key])).alias(key) for key in keys if key not in names]
        return some.filter(pl.col("app_id").is_in(app_ids.implode())).with_columns(nulls).select("app_id", *keys)

    def descriptions(self, app_ids: pl.Series) -> pl.DataFrame:
        """Return a sentence for each app with facts."""
        return self.known(app_ids, []).unique().with_columns(description=pl.format("App {} is known.", "app_id"))


@dataclass
class Discovery:
    """Reports and streams of one tenant; ``newest`` is the newest day with data for every stream that has any."""

    held: list[Stream]
    frames: dict[tuple[str, str], pl.DataFrame]
    names: dict[str, list[str]] = field(default_factory=dict)
    newest: str = DAY
    asked: list[tuple[object, ...]] = field(default_factory=list)
    facts: pl.DataFrame = field(default_factory=catalog_frame)

    def all(self, tenant_id: int) -> list[Stream]:
        """Return the streams."""
        return self.held if tenant_id == TENANT else []

    def get(self, tenant_id: int, stream_id: str) -> Stream | None:
        """Return one stream."""
        return next((each for each in self.all(tenant_id) if each.stream_id == stream_id), None)

    def apps(self, tenant_id: int, stream_id: str, days: int, day: str | None = None) -> pl.DataFrame:
        """Return the report of a stream up to a day."""
        self.asked.append((stream_id, days, day))
        return self.frames.get((stream_id, day or ""), report([])) if tenant_id == TENANT else report([])

    def newest_day(self, tenant_id: int, stream_id: str) -> str | None:
        """Return the newest day with data."""
        return self.newest if (stream_id, self.newest) in self.frames and tenant_id == TENANT else None

    def entities(
        self,
        tenant_id: int,
        stream_id: str,
        days: int,
        app_id: int,
        kind: Literal["user", "ip", "device"],
        day: str | None = None,
    ) -> list[str]:
        """Return the names of a kind."""
        self.asked.append((stream_id, days, day, app_id, kind))
        return self.names[kind] if tenant_id == TENANT else []

    def catalog(self, tenant_id: int) -> Catalog:
        """Return the catalog."""
        return Catalog(self.facts if tenant_id == TENANT else pl.DataFrame())


@dataclass
class Settings:
    """The settings of the API."""

    effective_public_url: str = BASE
    graph_global_view: bool = True
    graph_requests_per_minute: int = 0
    host_alias: bool = False


class Access:
    """Identifies each caller by a token equal to their name."""

    def __init__(self, callers: Mapping[str, Principal]) -> None:
        self.callers = callers

    @property
    def access(self) -> Access:
        """Return this object as the identity."""
        return self

    def authenticate(self, authorization: str | None, audience: Audience) -> Principal:
        """Return the caller."""
        assert audience == "graph"
        if not authorization:
            raise Unauthenticated("missing")
        name = authorization.removeprefix("Bearer ")
        if name not in self.callers:
            raise Unauthenticated("invalid")
        return self.callers[name]


@dataclass
class Casb:
    """An installation."""

    streams: Discovery
    settings: Settings = field(default_factory=Settings)
    clock: Callable[[], int] = lambda: NOW
    callers: dict[str, Principal] = field(default_factory=lambda: {"reader": READER})

    @property
    def reports(self) -> Discovery:
        """Return the reports, which are combined with the streams."""
        return self.streams

    @property
    def identity(self) -> Access:
        """Return the authentication."""
        return Access(self.callers)


def casb() -> Casb:
    """Return an installation with a Global View, a stream with devices and an empty stream."""
    held = [
        stream(GLOBAL, GLOBAL_VIEW, StreamType.VIEW),
        stream(
            ENDPOINTS, "Laptops", source="WDATP", has_devices=True, has_downloaded_bytes=False, comment="All laptops"
        ),
        stream(EMPTY, "Branch office", source="PALO_ALTO_SYSLOG", receiver="syslog-tls", created=NOW),
    ]
    everyone = [f"user{number:03}@contoso.example" for number in range(250)]
    names = {"user": everyone, "ip": ["10.0.0.1", "2001:db8::7"], "device": ["laptop-1", "laptop-2"]}
    frames = {(GLOBAL, DAY): report(ROWS), (ENDPOINTS, DAY): report(ROWS[:2])}
    return Casb(Discovery(held, frames, names))


class Answer(wire.Answer):
    """A response."""

    @property
    def ids(self) -> list[str]:
        """Return the ids of the rows."""
        return [row["id"] for row in self.json()["value"]]

    @property
    def message(self) -> str:
        """Return the message of an error."""
        return str(self.json()["error"]["message"])


class Api:
    """A client without a network that sends raw targets and validates every response by the contract."""

    def __init__(self, installation: Casb) -> None:
        self.casb = installation
        self.app: ASGIApp = graph_api(installation)  # type: ignore[arg-type]  # a stand-in

    def get(self, target: str, **headers: str) -> Answer:
        """Send a GET. Header names have underscores; an empty value omits a default header."""
        return self.send("GET", target, b"", **headers)

    def send(self, method: str, target: str, body: bytes = b"", **headers: str) -> Answer:
        """Send a request and check its response."""
        sent = {"authorization": "Bearer reader"} | {name.replace("_", "-"): text for name, text in headers.items()}
        path, _, query = target.partition("?")
        given = {name: text for name, text in sent.items() if text}
        messages = exchange(self.app, method, path, query, headers=given, receive=with_body(body))
        answer = Answer(**vars(answer_in(asyncio.run(messages))))
        assert answer.status < 500, answer.content
        return answer


def scoped(*stream_ids: str) -> Principal:
    """Return a caller limited to some streams."""
    return replace(READER, name="scoped", stream_ids=frozenset(stream_ids))
