"""``opencasb audit-log``."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import pytest

from opencasb.cli import audit_log
from opencasb.model.tenant import Tenant
from tests.cli.commands import Commands
from tests.identity.standin import HandClock, StandIn

HOSTILE = '=HYPERLINK("https://evil.example")'


@pytest.fixture
def tenant(casb: StandIn, hand: HandClock, monkeypatch: pytest.MonkeyPatch) -> Tenant:
    """Create a tenant with five entries besides its own, and use pages of two entries."""
    monkeypatch.setattr(audit_log, "PAGE", 2)
    made = casb.tenants.create("Contoso")
    other = casb.tenants.create("Fabrikam")
    casb.identity.audit_log.add(other.tenant_id, "not.ours", by="eve")
    for number in range(5):
        hand.now += 1
        casb.identity.audit_log.add(made.tenant_id, "thing.change", by=HOSTILE, target=f"thing {number}", number=number)
    return made


@pytest.fixture
def log(casb: StandIn) -> Commands:
    """Runs ``audit-log … --tenant Contoso``."""
    return Commands(audit_log.command, casb, "--tenant", "Contoso")


def test_every_entry_is_exported_once(casb: StandIn, log: Commands, tenant: Tenant, tmp_path: Path) -> None:
    """Independent of the page size, newest first, only the tenant's entries, in the form of the API."""
    out = tmp_path / "log.ndjson"
    told = log.run("export", "--out", str(out)).stderr
    records = [json.loads(line) for line in out.read_text("utf-8").splitlines()]
    stored = casb.identity.audit_log.latest(tenant.tenant_id, 100)
    assert [record["id"] for record in records] == [entry.entry_id for entry in stored]
    assert [record["details"] for record in records[:5]] == [{"number": number} for number in (4, 3, 2, 1, 0)]
    assert told == f"{len(stored)} entries exported\n"
    assert "not.ours" not in out.read_text("utf-8")


@pytest.mark.usefixtures("tenant")
def test_what_concerns_the_server_is_shown_apart(casb: StandIn, log: Commands) -> None:
    """With several tenants, server entries are in none of their logs."""
    casb.identity.keyring.emergency(by="ann")
    assert "signing_keys" not in log.text("export")
    for arguments in (("list", "--json"), ("export",)):
        shown = Commands(audit_log.command, casb).text(*arguments, "--server")
        assert '"actor":"ann","action":"signing_keys.emergency"' in shown
        assert "thing" not in shown
    assert "exclude each other" in log.refused("list", "--server", code=2)


def test_no_entry_is_a_formula(casb: StandIn, log: Commands, tenant: Tenant) -> None:
    """Names in entries come from outside, so spreadsheet formulas are neutralised."""
    rows = list(csv.reader(io.StringIO(log.text("export", "--format", "csv"))))
    assert rows[0] == ["time", "actor", "action", "target", "details"]
    assert rows[1][1:] == [f"'{HOSTILE}", "thing.change", "thing 4", '{"number":4}']
    assert len(rows) == 1 + len(casb.identity.audit_log.latest(tenant.tenant_id, 100))


@pytest.mark.usefixtures("tenant")
def test_the_newest_entries_are_listed(log: Commands) -> None:
    """As columns for people and as records for machines."""
    assert "thing 4" in log.text("list")
    [newest] = log.json("list", "--limit", "1")
    assert (newest["target"], newest["actor"]) == ("thing 4", HOSTILE)
