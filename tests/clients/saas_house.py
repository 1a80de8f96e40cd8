"""The two sides of an integration: a tenant of the running server with usage, and an installation that reads it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from opencasb.api.graph.columns import APP_COLUMNS
from opencasb.app import Casb, now_ms
from opencasb.lake.usage import stream_key
from opencasb.model.application import Application
from opencasb.model.permissions import parse_permission
from opencasb.model.registration import RequestedPermission
from opencasb.model.saas import PERMISSION, AppRow, Integration
from opencasb.model.stream import StreamType
from opencasb.model.tenant import Tenant
from opencasb.saas.configuration import Given
from opencasb.saas.merging import merged
from opencasb.saas.saas import Saas
from opencasb.saas.tokens import Acquire, Token, by_msal, roles_of
from opencasb.saas.web import Web
from opencasb.settings import load
from tests.lake.rows import names_frame, usage_frame
from tests.server import House, Server

WANTED = RequestedPermission("graph", "application", PERMISSION)
DAY = 86_400_000


@dataclass(frozen=True)
class Source:
    """The source: a tenant, its application, and its three streams."""

    casb: Casb
    tenant: Tenant
    application: Application
    secret: str
    streams: dict[str, str]
    """Name to id: ``Endpoints``, ``Firewall`` and ``Report``, a snapshot."""

    def report(self, name: str) -> dict[str, tuple[object, ...]]:
        """Return the server's own 90-day report of a stream, by app."""
        frame = self.casb.reports.apps(self.tenant.tenant_id, self.streams[name], 90)
        frame = frame.with_columns(APP_COLUMNS["category"].alias("member"))
        has_devices = name == "Endpoints"
        return {
            str(row["app_id"]): (
                *(row["name"], row["users"], row["ip_addresses"], row["devices"] if has_devices else None),
                *(row["transactions"], row["uploaded_bytes"], row["downloaded_bytes"]),
                *(sorted(row["domains"]), row["score"], sorted(row["tags"]), row["last_seen"] // DAY * DAY),
                row["member"],
            )
            for row in frame.iter_rows(named=True)
        }


def source(house: House, name: str, apps: Mapping[str, Sequence[int]]) -> Source:
    """Create a tenant whose streams use these apps, given by catalog position; one is used in all three."""
    casb = Casb.open(load(house.data))
    tenant = casb.tenants.create(name)
    kinds = {"Endpoints": StreamType.INPUT, "Firewall": StreamType.INPUT, "Report": StreamType.SNAPSHOT}
    facts: dict[str, Any] = {"has_users": True, "has_uploaded_bytes": True, "has_downloaded_bytes": True}
    streams = {
        each: casb.streams.create(
            tenant.tenant_id, each, kind, source="SQUID", has_devices=each == "Endpoints", **facts
        ).stream_id
        for each, kind in kinds.items()
    }
    casb.streams.global_view(tenant.tenant_id)  # exists, and must not be counted
    ids = casb.catalog.apps["app_id"].to_list()
    rows = [
        row for each, places in apps.items() for row in _rows(tenant, streams[each], each, [ids[n] for n in places])
    ]
    casb.lake.append(tenant.tenant_id, usage_frame(rows), names_frame([]), name)
    application = casb.identity.applications.create(tenant.tenant_id, "reader", [parse_permission(PERMISSION)])
    secret = casb.identity.credentials.new_client_secret(tenant.tenant_id, application.client_id).value
    return Source(casb, tenant, application, secret, streams)


def _rows(tenant: Tenant, stream_id: str, name: str, apps: Sequence[int]) -> list[tuple[object, ...]]:
    """Return one to three rows per app, on two days."""
    today = datetime.now(UTC).date()
    seen = int(datetime.now(UTC).timestamp() * 1000)
    return [
        (
            *(
                tenant.tenant_id,
                today - timedelta(days=person),
                stream_key(stream_id),
                app,
                100 + person,
                200 + app % 7,
            ),
            *(300 + person if name == "Endpoints" else None, None),
            *(1 + app % 11, 0, app * 10 + person, app * 7, app * 17 + person, seen - person * 86_400_000, seen),
        )
        for app in apps
        for person in range(1 + app % 3)
    ]


class Consumer:
    """A separate installation with one integration."""

    def __init__(
        self,
        data: Path,
        server: Server,
        read: Source,
        acquire: Acquire = by_msal,
        *,
        clock: Callable[[], int] = now_ms,
        sleep: Callable[[float], object] | None = None,
    ) -> None:
        self.casb = Casb.open(load(data))
        self.saas = Saas(self.casb.database, self.casb.identity.vault, clock, acquire=acquire, sleep=sleep)
        self.tenant_id = (self.casb.tenants.default() or self.casb.tenants.create("Consumer")).tenant_id
        given = Given(
            directory_id=read.tenant.guid,
            client_id=read.application.client_id,
            secret=read.secret,
            authority=server.base,
            graph_url=server.base,
            ca=server.ca.read_text(),
            schedule="off",
            anywhere=True,
        )
        if self.saas.integrations.get(self.tenant_id, "graph") is None:
            self.saas.add(self.tenant_id, "graph", given, by="test")

    @property
    def integration(self) -> Integration:
        """The current integration."""
        found = self.saas.integrations.get(self.tenant_id, "graph")
        assert found is not None
        return found

    def rows(self, stream_id: str) -> dict[str, tuple[object, ...]]:
        """Return the stored rows of a stream, in the form of :meth:`Source.report`."""
        number = self.integration.current_run
        assert number is not None
        return {row.app_id: plain(row) for row in self.saas.usage.of_stream(self.integration, number, stream_id)}

    def close(self) -> None:
        """Close the installation."""
        self.casb.close()


def same(consumer: Consumer, read: Source) -> None:
    """Assert that all rows and numbers equal the server's own report, merged by the rules."""
    for name, stream_id in read.streams.items():
        assert consumer.rows(stream_id) == read.report(name)
    number = consumer.integration.current_run
    assert number is not None
    streams = [consumer.saas.usage.of_stream(consumer.integration, number, each) for each in read.streams.values()]
    assert consumer.saas.usage.merged(consumer.integration) == {row.app_id: row for row, _ in merged(streams)}


def between_pages(consumer: Consumer, monkeypatch: pytest.MonkeyPatch, act: Callable[[], object]) -> None:
    """Run ``act`` once, when the first page of the next run has been stored."""
    keep = consumer.saas.runs.keep
    acted: list[object] = []

    def kept(*arguments: object, **named: object) -> None:
        keep(*arguments, **named)  # type: ignore[arg-type]  # whatever it takes
        if not acted:
            acted.append(act())

    monkeypatch.setattr(consumer.saas.runs, "keep", kept)


def plain(row: AppRow) -> tuple[object, ...]:
    """Return a row in the form of :meth:`Source.report`."""
    return (
        *(row.display_name, row.user_count, row.ip_address_count, row.device_count),
        *(row.transaction_count, row.upload_bytes, row.download_bytes, sorted(row.domains), row.risk_score),
        *(sorted(row.tags), row.last_seen, row.category),
    )


def by_v1(integration: Integration, secret: str, web: Web, now: int) -> Token:
    """Get a token from the v1 endpoint, as older programs do."""
    form = {
        "grant_type": "client_credentials",
        "client_id": integration.client_id,
        "client_secret": secret,
        "resource": "https://graph.microsoft.com",
    }
    answer = web.ask(f"{integration.authority}/{integration.directory_id}/oauth2/token", form=form).json()
    return Token(answer["access_token"], now + int(answer["expires_in"]) * 1000, roles_of(answer["access_token"]))
