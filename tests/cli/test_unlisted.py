"""``opencasb unlisted``."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest

from opencasb.app import Casb
from opencasb.model.stream import StreamType
from opencasb.model.trace import HOST, Trace
from opencasb.settings import Settings
from opencasb.store.unlisted_apps import FIRST_ID
from tests.cli.commands import Shell
from tests.conftest import NOW
from tests.lake.rows import names, usage

NEWS, SERVICE = "some-unlisted-news.net", "some-unlisted-service.net"


@pytest.fixture
def shell(tmp_path: Path) -> Shell:
    """A data directory with usage of one service and one news site outside the catalog."""
    made = Shell(tmp_path / "data")
    made.text("report", "list")
    casb = Casb.open(Settings(data=made.data))
    tenant = casb.tenants.default()
    assert tenant is not None
    casb.unlisted_apps.ids(tenant.tenant_id, [NEWS, SERVICE])
    casb.unlisted_apps.traces.note(tenant.tenant_id, [Trace(SERVICE, HOST, f"login.{SERVICE}")], NOW)
    apps = pl.Series([FIRST_ID, FIRST_ID + 1, FIRST_ID + 1], dtype=pl.Int32)
    stream = casb.streams.create(tenant.tenant_id, "proxy", StreamType.INPUT, source="SQUID_NATIVE")
    rows = usage(stream_id=stream.stream_id).with_columns(app_id=apps)
    casb.lake.append(tenant.tenant_id, rows, names(), "one")
    casb.close()
    return made


def test_likely_services_come_first(shell: Shell) -> None:
    """With the most important reason; a minimum confidence can be given."""
    first, second = shell.json("unlisted", "list")
    assert (first["domain"], first["confidence"], first["users"]) == (SERVICE, 50, 2)
    assert second["domain"] == NEWS
    text = shell.text("unlisted", "list", "--confidence", "50")
    assert "hosts for signing in: login.some-unlisted-service.net" in text
    assert "news" not in text
    assert shell.text("unlisted", "list", "--limit", "1").endswith("and 1 more; --limit or --json show them\n")


def test_one_domain_is_shown_with_every_reason(shell: Shell) -> None:
    """By domain or id; an unknown domain is rejected."""
    text = shell.text("unlisted", "show", SERVICE)
    assert text.splitlines() == [
        "some-unlisted-service.net: confidence 50 of 100 that it is a cloud app",
        " +30  hosts for signing in: login.some-unlisted-service.net",
        "hosts: login.some-unlisted-service.net",
    ]
    found = shell.json("unlisted", "show", SERVICE)
    assert found == shell.json("unlisted", "show", str(found["app_id"]))
    assert "opencasb unlisted list" in shell.refused("unlisted", "show", "dropbox.com")


def test_promotion_takes_one_step(shell: Shell) -> None:
    """The custom app has the domain and its usage; the domain is no longer unlisted."""
    words = ("--name", "Fleet", "--category", "crm", "--score", "7", "--vendor", "Fleet Inc")
    made = shell.json("unlisted", "promote", SERVICE, *words)
    assert made["domains"] == [SERVICE]
    assert (made["category"], made["score"], made["vendor"]) == ("SAASDB_CATEGORY_CRM", 7, "Fleet Inc")
    assert made["app_id"] < FIRST_ID
    assert [each["domain"] for each in shell.json("unlisted", "list")] == [NEWS]
    usage = {row["name"]: row["transactions"] for row in shell.json("report", "apps")}
    assert usage == {"Fleet": 5, NEWS: 1}
    assert shell.text("unlisted", "promote", NEWS).startswith(f"custom app {NEWS}: ")
    assert "unlisted" in shell.refused("unlisted", "promote", NEWS)


def test_a_score_given_to_a_domain_goes_along(shell: Shell) -> None:
    """With its note; the domain's former id no longer has it."""
    shell.text("catalog", "override", "set", SERVICE, "1", "--note", "No contract")
    made = shell.json("unlisted", "promote", SERVICE, "--name", "Fleet", "--score", "7")
    (kept,) = shell.json("catalog", "override", "list")
    assert (kept["app_id"], kept["score"], kept["note"]) == (made["app_id"], 1, "No contract")
    (fleet,) = (row for row in shell.json("report", "apps") if row["name"] == "Fleet")
    assert fleet["score"] == 1
