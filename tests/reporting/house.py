"""An installation with usage of three streams, and the expected results in plain Python."""

from __future__ import annotations

import base64
import random
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any, cast

import httpx
import polars as pl

from opencasb.api.asgi import Dispatcher
from opencasb.catalog.shipped import CatalogFiles
from opencasb.lake.names import name_id
from opencasb.lake.usage import KEY, SUMS, stream_key
from opencasb.model.permissions import parse_permission
from opencasb.model.roles import Role
from opencasb.model.stream import Stream, StreamType
from tests.api.v1.installation import (
    BOX,
    DROPBOX,
    OKTA,
    TEAMS,
    UNLISTED,
    SmallCasb,
    SmallCatalog,
    SmallFiles,
    opened,
)
from tests.conftest import NOW, create_schema
from tests.wire import send

TODAY = datetime.fromtimestamp(NOW / 1000, UTC).date()
APPS = (BOX, DROPBOX, TEAMS, OKTA, UNLISTED)
BASE = "https://localhost:8443"


FACTS = (
    (BOX, "headquarters", '"United States"'),
    (BOX, "is_hipaa_compliant", "true"),
    (BOX, "data_types", '["documents", "mediaFiles"]'),
    (BOX, "domain_registration_date_time", '"1995-08-11"'),
    (DROPBOX, "is_hipaa_compliant", "false"),
    (DROPBOX, "founded", "2007"),
)


class FilesWithFacts(SmallFiles):
    """The files of a catalog with facts about two of its apps."""

    facts = pl.DataFrame(
        [(*fact, "test", "2025-11-01", "high", None, None) for fact in FACTS],
        schema=SmallFiles.facts.schema,
        orient="row",
    )


@dataclass(frozen=True)
class Used:
    """One row of usage, as the test expects it."""

    day: date
    stream_id: str
    app_id: int
    user: str
    address: str
    device: str | None
    transactions: int
    size: int


class House:
    """An installation with two tenants; the first has usage of an endpoint stream, a firewall and a snapshot report."""

    def __init__(self, folder: Path, **settings: Any) -> None:
        self.casb: SmallCasb = opened(folder, feed_requests_per_minute=0, **settings)
        self.casb.__dict__["catalog"] = SmallCatalog(cast("CatalogFiles", FilesWithFacts()))
        folder.mkdir(parents=True, exist_ok=True)
        create_schema(self.casb.database)
        self.tenant, self.other = self.casb.tenants.create("Contoso"), self.casb.tenants.create("Fabrikam")
        self.tenant_id = self.tenant.tenant_id
        self.endpoint = self._stream("endpoints", source="WDATP", has_users=True, has_devices=True)
        self.firewall = self._stream("firewall", source="PALO_ALTO", has_users=True)
        self.snapshot = self._stream("=one-time report", StreamType.SNAPSHOT, source="SQUID_NATIVE")
        self.global_view = self.casb.streams.global_view(self.tenant_id)
        self.truth: list[Used] = []
        self.app = Dispatcher(self.casb)

    def _stream(self, name: str, kind: StreamType = StreamType.INPUT, **fields: Any) -> Stream:
        return self.casb.streams.create(self.tenant_id, name, kind, **fields)

    def fill(self, days: int = 40, people: int = 6, seed: int = 4) -> None:
        """Write usage of the last days; the firewall's ends five days ago, the snapshot's ten."""
        chance = random.Random(seed)  # noqa: S311 -- reproducible
        self.casb.unlisted_apps.ids(self.tenant_id, ["shadow.example"])
        rows = []
        for number in range(days):
            for stream, newest in ((self.endpoint, 0), (self.firewall, 5), (self.snapshot, 10)):
                if number >= newest:
                    rows += [self._used(chance, TODAY - timedelta(days=number), stream, people) for _ in range(4)]
        self.add(_summed(rows))

    def _used(self, chance: random.Random, day: date, stream: Stream, people: int) -> Used:
        person = chance.randrange(people)
        return Used(
            day=day,
            stream_id=stream.stream_id,
            app_id=chance.choice(APPS),
            user=f"User{person}@contoso.example",
            address=f"10.0.0.{chance.randrange(people)}",
            device=f"laptop-{person}" if stream.has_devices else None,
            transactions=chance.randint(1, 9),
            size=chance.randint(0, 5000),
        )

    def add(self, rows: Sequence[Used], tenant_id: int | None = None) -> None:
        """Write usage."""
        owner = tenant_id or self.tenant_id
        types = {"tenant_id": pl.Int32, "day": pl.Date, "app_id": pl.Int32}
        schema = {name: types.get(name, pl.Int64) for name in (*KEY, *SUMS, "first_seen", "last_seen")}
        usage = pl.DataFrame([_row(owner, row) for row in rows], schema=schema, orient="row")
        named = {("user", row.user) for row in rows} | {("ip", row.address) for row in rows}
        named |= {("device", row.device) for row in rows if row.device}
        names = pl.DataFrame(
            [(kind, name_id(kind, name), name) for kind, name in sorted(named)],
            schema={"kind": pl.String, "id": pl.Int64, "name": pl.String},
            orient="row",
        )
        self.casb.lake.append(owner, usage, names, f"batch {len(self.truth)} {owner}")
        if owner == self.tenant_id:
            self.truth += rows

    def credential(self, *, user_data: bool = False, tenant_id: int | None = None, days: int = 365) -> str:
        """Return the secret of a new report credential."""
        made = self.casb.identity.report_access.create(
            tenant_id or self.tenant_id, "Power BI", user_data=user_data, days=days
        )
        return made.secret

    def token(self, role: Role = Role.GLOBAL_ADMINISTRATOR, **fields: Any) -> str:
        """Return an API token of a new user."""
        user = self.casb.users.create(self.tenant_id, f"{role.slug}@contoso.example", role, **fields)
        return self.casb.identity.credentials.new_api_token(self.tenant_id, user.user_id, "test").value

    def application(self, *permissions: str) -> tuple[str, str]:
        """Return client id and secret of a new application."""
        granted = [parse_permission(name) for name in permissions]
        made = self.casb.identity.applications.create(self.tenant_id, "reports", granted)
        return made.client_id, self.casb.identity.credentials.new_client_secret(self.tenant_id, made.client_id).value

    def get(self, path: str, authorization: str | None = "", **more: Any) -> httpx.Response:
        """Read a path; without ``authorization`` with a report credential, with None unauthenticated."""
        return self.call("GET", path, authorization, **more)

    def call(
        self,
        method: str,
        path: str,
        authorization: str | None = "",
        *,
        base: str = BASE,
        client: str = "192.0.2.1",
        **headers: str,
    ) -> httpx.Response:
        """Call the server."""
        if authorization is not None:
            headers["Authorization"] = authorization or basic("report", self._own())
        headers = {name.replace("_", "-"): value for name, value in headers.items()}
        headers.setdefault("Accept-Encoding", "identity")
        return send(self.app, method, path, headers=headers, address=client, base=base)

    def _own(self) -> str:
        self._secret = getattr(self, "_secret", "") or self.credential(user_data=True)
        return self._secret

    def rows(self, path: str, **more: Any) -> list[dict[str, Any]]:
        """Return the rows of all pages of a table."""
        found: list[dict[str, Any]] = []
        link: str | None = f"{BASE}/odata/v1/{path}"
        while link:
            answer = self.get(link, **more)
            assert answer.status_code == 200, answer.text
            found += answer.json()["value"]
            link = answer.json().get("@odata.nextLink")
        return found


def basic(name: str, password: str) -> str:
    """Return the Basic header of a user name and a password."""
    return "Basic " + base64.b64encode(f"{name}:{password}".encode()).decode()


def used_by_stream(rows: Iterable[Used], ends: Mapping[str, date], days: int) -> dict[tuple[str, int], dict[str, Any]]:
    """Return the expected streams and apps of the last ``days`` days before the end of each stream."""
    found: dict[tuple[str, int], list[Used]] = {}
    for row in rows:
        end = ends[row.stream_id]
        if end - timedelta(days=days) < row.day <= end:
            found.setdefault((row.stream_id, row.app_id), []).append(row)
    return {key: _counted(group) for key, group in found.items()}


def _counted(rows: Sequence[Used]) -> dict[str, Any]:
    devices = {row.device for row in rows} - {None}
    return {
        "UserCount": len({row.user for row in rows}),
        "IpAddressCount": len({row.address for row in rows}),
        "DeviceCount": len(devices) if devices else None,
        "TransactionCount": sum(row.transactions for row in rows),
        "UploadedBytes": sum(row.size for row in rows),
        "DownloadedBytes": sum(2 * row.size for row in rows),
        "TotalBytes": sum(3 * row.size for row in rows),
        "FirstSeenDate": min(row.day for row in rows).isoformat(),
        "LastSeenDate": max(row.day for row in rows).isoformat(),
    }


def _summed(rows: Sequence[Used]) -> list[Used]:
    found: dict[tuple[object, ...], Used] = {}
    for row in rows:
        key = (row.day, row.stream_id, row.app_id, row.user, row.address)
        known = found.get(key)
        found[key] = (
            row
            if known is None
            else replace(known, transactions=known.transactions + row.transactions, size=known.size + row.size)
        )
    return list(found.values())


def _row(tenant_id: int, row: Used) -> tuple[object, ...]:
    start = int(datetime(row.day.year, row.day.month, row.day.day, tzinfo=UTC).timestamp() * 1000)
    device = None if row.device is None else name_id("device", row.device)
    identity = (name_id("user", row.user), name_id("ip", row.address), device, None)
    sums = (row.transactions, 1, row.size, 2 * row.size, 3 * row.size)
    return (tenant_id, row.day, stream_key(row.stream_id), row.app_id, *identity, *sums, start + 1, start + 5)
