"""Pages of the current usage."""

from __future__ import annotations

from collections.abc import Callable

import msgspec

from opencasb.model.saas import AppRow, Integration, RunStream
from opencasb.store.database import Database
from opencasb.store.saas_integrations import SaasIntegrations
from opencasb.store.saas_runs import SaasRuns
from opencasb.store.saas_usage import SaasUsage

MADE = Integration(tenant_id=1, name="graph", directory_id="d", client_id="c", sealed_secret=b"", state="ready")


def test_pages_are_cut_from_one_order(database: Database, clock: Callable[[], int]) -> None:
    """By users, then uploaded bytes, descending; of one stream or merged; empty before the first run."""
    integrations, runs, usage = SaasIntegrations(database, clock), SaasRuns(database, clock), SaasUsage(database)
    integrations.add(MADE, by="test")
    assert usage.page(MADE, limit=5) == (0, [])
    leased = integrations.lease(MADE, "me", lambda _owner: False)
    assert leased is not None
    run = runs.begin(leased, "hand")
    stream = RunStream(tenant_id=1, integration="graph", run=1, stream_id="s1", position=0, name="Edge")
    runs.put_streams(leased, run, [stream])
    rows = [
        AppRow(app_id=str(n), display_name="x", user_count=n // 2, upload_bytes=n, risk_score=None) for n in range(10)
    ]
    runs.keep(leased, run, msgspec.structs.replace(stream, state="read"), rows[:4], spent=(1, 0))
    ended = msgspec.structs.replace(run, outcome="completed")
    runs.finish(leased, ended, [(each, 1) for each in rows], [], keep_from=0)
    now = integrations.get(1, "graph")
    assert now is not None
    total, first = usage.page(now, limit=3)
    assert (total, [each["app_id"] for each in first]) == (10, ["9", "8", "7"])
    assert [each["app_id"] for each in usage.page(now, limit=3, skip=8)[1]] == ["1", "0"]
    assert (first[0]["streams"], first[0]["device_count"]) == (1, None)
    total, some = usage.page(now, limit=9, stream_id="s1")
    assert (total, [each["app_id"] for each in some]) == (4, ["3", "2", "1", "0"])
    assert usage.page(now, limit=9, stream_id="s2") == (0, [])
    assert usage.page(msgspec.structs.replace(now, tenant_id=2), limit=9) == (0, [])
