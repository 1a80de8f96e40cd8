"""Requests of a tenant that has many of them leave threads to the others."""

from __future__ import annotations

import asyncio
import gc
from collections.abc import Callable
from pathlib import Path
from threading import Event
from typing import Any

import httpx
import pytest
from starlette.types import ASGIApp

from opencasb.api.feed.app import CONCURRENT_READS, FeedApi
from opencasb.api.reporting import odata
from opencasb.api.reporting.app import ReportApi
from opencasb.api.tenant_lines import TenantLines
from opencasb.app import Casb
from opencasb.model.roles import Role
from opencasb.settings import Settings
from opencasb.store.records import Records

MANY = 60
"""More requests than there are threads."""


class Blocked:
    """Blocks the work for one tenant until ``may_end`` is set."""

    def __init__(self, tenant_id: int) -> None:
        self.tenant_id = tenant_id
        self.at_work: list[int] = []
        self.is_full = Event()
        self.may_end = Event()

    def meet(self, tenant_id: int) -> None:
        """Count and block the work of the tenant."""
        if tenant_id == self.tenant_id:
            self.at_work.append(tenant_id)
            if len(self.at_work) == CONCURRENT_READS:
                self.is_full.set()
            assert self.may_end.wait(30)


def authorization(casb: Casb, tenant_id: int) -> dict[str, str]:
    """Return the header of a new administrator."""
    user = casb.users.create(tenant_id, f"admin@t{tenant_id}.example", Role.GLOBAL_ADMINISTRATOR)
    token = casb.identity.credentials.new_api_token(tenant_id, user.user_id, "test").value
    return {"authorization": f"Token {token}"}


async def beside(app: ASGIApp, path: str, blocked: Blocked, busy: dict[str, str], other: dict[str, str]) -> list[int]:
    """Return the statuses of one request of ``other`` and, after it, of many of the blocked tenant."""
    transport = httpx.ASGITransport(app, client=("127.0.0.1", 4711))
    async with httpx.AsyncClient(transport=transport, base_url="https://localhost") as client:
        many = [asyncio.create_task(client.get(path, headers=busy)) for _ in range(MANY)]
        assert await asyncio.to_thread(blocked.is_full.wait, 30)
        first = await client.get(path, headers=other)
        assert len(blocked.at_work) == CONCURRENT_READS
        blocked.may_end.set()
        return [first.status_code, *{each.status_code for each in await asyncio.gather(*many)}]


def test_others_are_answered_beside_many_requests_of_one_tenant(
    tmp_path: Path, clock: Callable[[], int], monkeypatch: pytest.MonkeyPatch
) -> None:
    """In the change feed and the report feeds; the tenant's own requests wait their turn and are answered, too."""
    casb = Casb.open(Settings(data=tmp_path, feed_requests_per_minute=0), clock)
    tenants = [casb.tenants.create(name).tenant_id for name in ("Busy", "Other")]
    busy, other = (authorization(casb, tenant_id) for tenant_id in tenants)
    blocked = Blocked(tenants[0])
    since, answer = Records.since, odata.answer

    def blocked_since(records: Records, tenant_id: int, *given: Any) -> Any:
        blocked.meet(tenant_id)
        return since(records, tenant_id, *given)

    def blocked_answer(asked: Any) -> Any:
        blocked.meet(asked.reader.tenant_id)
        return answer(asked)

    monkeypatch.setattr(Records, "since", blocked_since)
    monkeypatch.setattr(odata, "answer", blocked_answer)
    assert asyncio.run(beside(FeedApi(casb), "/feed/v1/activities", blocked, busy, other)) == [200, 200]
    blocked = Blocked(tenants[0])
    assert asyncio.run(beside(ReportApi(casb), "/odata/v1/apps", blocked, busy, other)) == [200, 200]
    casb.close()


def test_a_line_without_anybody_is_forgotten() -> None:
    """Tenants come and go."""
    lines = TenantLines(1)

    async def run() -> None:
        assert await asyncio.gather(*(lines.run(tenant_id, lambda: 7) for tenant_id in (1, 1, 2))) == [7, 7, 7]

    asyncio.run(run())
    gc.collect()
    assert not lines._lines
