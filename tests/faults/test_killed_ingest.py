"""A delivery interrupted by a kill keeps what was stored, and can be sent again as a whole (design rule 5)."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa

from opencasb.app import Casb
from opencasb.settings import load
from opencasb.store.activities import ACTIVITIES
from opencasb.store.migrate import complete_metadata
from tests.activities.example import wire

BATCH = 100
"""Records per transaction of the killed command."""

LINES = 2 * BATCH + 50
PEOPLE, FILES = 2, 1
"""What the activities refer to: an account and its person, and a file."""

KILLED_COMMAND = """
import os, signal, sys
from opencasb.activities import ingest
from opencasb.activities.inventory import Inventory
from opencasb.activities.people import People
from opencasb.program import main
from opencasb.store.records import Records

owners = {"Ingest": ingest.Ingest, "Inventory": Inventory, "People": People, "Records": Records}
point, when, turn, ingest.BATCH = sys.argv.pop(1), sys.argv.pop(1), int(sys.argv.pop(1)), int(sys.argv.pop(1))
owner, name = owners[point.partition(".")[0]], point.partition(".")[2]
original, turns = getattr(owner, name), []

def killed(*arguments, **named):
    turns.append(1)
    last = len(turns) == turn
    if last and when == "before":
        os.kill(os.getpid(), signal.SIGKILL)
    found = original(*arguments, **named)
    if last:
        os.kill(os.getpid(), signal.SIGKILL)
    return found

setattr(owner, name, killed)
main()
"""


@pytest.fixture
def casb(tmp_path: Path) -> Iterator[Casb]:
    """An installation with one tenant, and a file of activities to deliver."""
    opened = Casb.open(load(tmp_path))
    complete_metadata().create_all(opened.database.engine)
    opened.tenants.create("Example")
    lines = (json.dumps(wire(number)) for number in range(LINES))
    (tmp_path / "activities.jsonl").write_text("".join(f"{line}\n" for line in lines))
    yield opened
    opened.close()


def ingest(casb: Casb, *code: str) -> subprocess.CompletedProcess[str]:
    """Run the command in a separate process, wrapped in other code."""
    file = casb.settings.data / "activities.jsonl"
    words = ["ingest", "activities", str(file), "--data", str(casb.settings.data), "--json"]
    script = code or ("from opencasb.program import main; main()",)
    return subprocess.run([sys.executable, "-c", *script, *words], check=False, capture_output=True, text=True)


def rows(casb: Casb, table: sa.Table) -> int:
    """Return the number of rows in a table."""
    with casb.database.read() as connection:
        return int(connection.execute(sa.select(sa.func.count()).select_from(table)).scalar_one())


@pytest.mark.parametrize(
    ("point", "when", "turn", "batches"),
    [
        ("Records.added", "before", 1, 0),
        ("People.seen", "before", 2, 1),
        ("Inventory.seen", "after", 3, 2),
        ("Ingest._add_activities", "after", 1, 1),
    ],
)
def test_every_activity_is_there_once_wherever_ingest_is_killed(
    casb: Casb, point: str, when: str, turn: int, batches: int
) -> None:
    """Whole batches are stored, with their values and people; the next run adds the missing ones."""
    done = ingest(casb, KILLED_COMMAND, point, when, str(turn), str(BATCH))
    assert done.returncode == -signal.SIGKILL, done.stderr
    stored = batches * BATCH
    assert rows(casb, ACTIVITIES.table) == stored
    values = rows(casb, ACTIVITIES.values)
    again = ingest(casb)
    assert again.returncode == 0, again.stderr
    report = json.loads(again.stdout)
    assert report == {"read": LINES, "accepted": LINES - stored, "repeated": stored, "rejected": 0, "errors": []}
    assert rows(casb, ACTIVITIES.table) == LINES
    tenant = casb.tenants.all()[0].tenant_id
    changes = casb.activities.since(tenant, 0, 2 * LINES)
    assert [change.seq for change in changes] == list(range(1, LINES + 1))
    assert {change.record_id for change in changes} == {wire(number)["_id"] for number in range(LINES)}
    assert rows(casb, ACTIVITIES.values) * batches * BATCH == values * LINES
    accounts = casb.entities.page(tenant, order="last_seen", ascending=True)
    files = casb.files.page(tenant, order="modified", ascending=True)
    assert (len(accounts), len(files)) == (PEOPLE, FILES)
