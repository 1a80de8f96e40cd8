"""``opencasb source``: data sources and their receivers."""

from __future__ import annotations

from pathlib import Path

import pytest

from opencasb.app import Casb
from opencasb.cli.options import actor
from opencasb.settings import Settings
from tests.cli.commands import Shell


def test_sources_are_made_listed_and_deleted(tmp_path: Path) -> None:
    """A syslog source keeps its port, a folder source its absolute directory."""
    shell = Shell(tmp_path / "data")
    shell.text(
        *("source", "create", "--name", "fw1", "--source", "fortigate_syslog"),
        *("--receiver", "syslog-udp", "--port", "5514", "--anonymize-users"),
    )
    folder = str(tmp_path / "logs")
    shell.text("source", "create", "--name", "drop", "--source", "102", "--receiver", "folder", "--folder", folder)
    found = {each["display_name"]: each for each in shell.json("source", "list")}
    assert (found["fw1"]["source"], found["fw1"]["port"], found["fw1"]["anonymize_users"]) == (
        "FORTIGATE_SYSLOG",
        5514,
        True,
    )
    assert (found["drop"]["source"], found["drop"]["folder"]) == ("BLUECOAT", folder)
    shell.text("source", "delete", "fw1", "--yes")
    assert [each["display_name"] for each in shell.json("source", "list")] == ["drop"]
    assert "syslog-udp" not in shell.text("source", "list")
    shell.text("report", "list")  # makes the global view, which is a report and no source
    for name in ("fw1", "Global View"):
        assert "no data source" in shell.refused("source", "delete", name, "--yes")


def test_making_and_deleting_is_on_record(tmp_path: Path) -> None:
    """The audit log says who did it to which source."""
    shell = Shell(tmp_path / "data")
    shell.text("source", "create", "--name", "fw1", "--source", "SQUID")
    shell.text("source", "delete", "fw1", "--yes")
    casb = Casb.open(Settings(data=shell.data))
    entries = casb.identity.audit_log.latest(casb.tenants.all()[0].tenant_id)
    made = [(each.action, each.target, each.actor) for each in entries if each.action.startswith("data_source.")]
    assert sorted(made) == [("data_source.create", "fw1", actor()), ("data_source.delete", "fw1", actor())]
    casb.close()


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--name", "a b", "--source", "SQUID"), "--name"),
        (("--name", "a", "--source", "BANANA"), "BANANA"),
        (("--name", "a", "--source", "SQUID", "--receiver", "syslog-tcp"), "--port"),
        (("--name", "a", "--source", "SQUID", "--receiver", "folder"), "--folder"),
        (("--name", "a", "--source", "SQUID", "--timezone", "Mars/Base"), "Mars/Base"),
    ],
)
def test_a_wrong_value_is_named(tmp_path: Path, words: tuple[str, ...], said: str) -> None:
    """Exit code 2 and the option or value."""
    assert said in Shell(tmp_path / "data").refused("source", "create", *words, code=2)


def test_a_name_is_taken_once(tmp_path: Path) -> None:
    """The second source of a name is refused."""
    shell = Shell(tmp_path / "data")
    shell.text("source", "create", "--name", "a", "--source", "SQUID")
    assert "taken" in shell.refused("source", "create", "--name", "a", "--source", "SQUID")
