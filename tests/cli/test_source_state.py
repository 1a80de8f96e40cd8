"""``opencasb source show``, ``warnings`` and ``resolve``."""

from __future__ import annotations

from pathlib import Path

from opencasb.app import Casb
from opencasb.settings import Settings
from opencasb.store.receiver_counters import Taken
from tests.cli.commands import Shell


def test_a_source_shows_what_came_and_what_changed(tmp_path: Path) -> None:
    """As text without control characters, and as JSON; resolved warnings are shown on request."""
    shell = Shell(tmp_path / "data")
    shell.text("source", "create", "--name", "edge", "--source", "SQUID", "--receiver", "syslog-udp", "--port", "5514")
    shell.text("source", "set", "edge", "--timezone", "Asia/Tokyo", "--anonymize-users", "--comment", "the branch")
    casb = Casb.open(Settings(data=shell.data))
    stream = casb.streams.listening()[0]
    taken = Taken(tenant_id=stream.tenant_id, stream_id=stream.stream_id, lines=1234, drops=5, last_error="it broke")
    casb.receiver_counters.add([taken])
    with casb.database.write() as connection:
        told = {"kind": "empty field", "text": "user is empty", "before": ["\x1b[31mold"], "after": ["new"]}
        warning = casb.source_shapes.warn(connection, stream.tenant_id, stream.stream_id, **told)
    casb.close()
    shown = shell.text("source", "show", "edge")
    came = ("1234", "it broke", "never", "empty field: user is empty", "\\x1b[31mold", warning.warning_id)
    for part in ("Asia/Tokyo", "anonymize users", "the branch", *came):
        assert part in shown
    state = shell.json("source", "show", "edge")
    assert (state["timezone"], state["anonymize_users"], state["anonymize_machines"]) == ("Asia/Tokyo", True, False)
    assert (state["lines"], state["drops"], [each["id"] for each in state["warnings"]]) == (
        1234,
        5,
        [warning.warning_id],
    )
    for words in ((), ("edge",)):
        assert [each["before"] for each in shell.json("source", "warnings", *words)] == [["\x1b[31mold"]]
    shell.text("source", "resolve", warning.warning_id)
    assert shell.json("source", "warnings") == []
    assert "resolved by cli" in shell.text("source", "warnings", "--resolved")
    assert "no open warning" in shell.refused("source", "resolve", warning.warning_id)
