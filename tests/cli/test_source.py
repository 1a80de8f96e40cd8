"""``opencasb source``: data sources and their receivers."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from opencasb.app import Casb
from opencasb.cli.options import actor
from opencasb.cli.output import moment
from opencasb.settings import Settings
from tests.cli.commands import Shell
from tests.discovery.logs import squid


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
    shell.text("report", "list")  # creates the Global View, which is a report but no source
    for name in ("fw1", "Global View"):
        assert "no data source" in shell.refused("source", "delete", name)


def test_a_list_shows_which_source_has_stopped_sending(tmp_path: Path) -> None:
    """By the time when data last arrived."""
    shell, log = Shell(tmp_path / "data"), tmp_path / "a.log"
    shell.text("source", "create", "--name", "silent", "--source", "SQUID_NATIVE")
    log.write_bytes(squid(when=time.time() - 60))
    shell.text("upload", "--name", "edge", "--source", "SQUID_NATIVE", str(log))
    received = {each["display_name"]: each["last_data_received"] for each in shell.json("source", "list")}
    heading, *lines = shell.text("source", "list").splitlines()
    assert heading.endswith("last data")
    last = {line.split()[1]: line for line in lines}
    assert last["silent"].endswith("never")
    assert last["edge"].endswith(moment(received["edge"]))


def test_a_port_has_one_protocol_over_tcp(tmp_path: Path) -> None:
    """Any number of sources with one protocol share it, and UDP is separate; the message names the other source."""
    shell = Shell(tmp_path / "data")

    def words(name: str, kind: str, port: int = 6514) -> tuple[str, ...]:
        what = ("--name", name, "--source", "SQUID", "--receiver", f"syslog-{kind}", "--port", str(port))
        return ("source", "create", *what)

    for name, kind in (("plain", "tcp"), ("beside", "tcp"), ("apart", "udp")):
        shell.text(*words(name, kind))
    taken = "6514 is the port of 'plain', a syslog-tcp receiver"
    assert taken in " ".join(shell.refused(*words("safe", "tls"), code=2).split())
    assert taken in " ".join(shell.refused("source", "set", "apart", "--receiver", "syslog-tls", code=2).split())
    shell.text(*words("safe", "tls", 6515))
    shell.text("source", "delete", "beside", "--yes")
    shell.text("source", "set", "plain", "--receiver", "syslog-tls")
    assert len(shell.json("source", "list")) == 3


def test_making_and_deleting_is_on_record(tmp_path: Path) -> None:
    """The audit log records who did it, and to which source."""
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
    """Exit code 2, with the option or value."""
    assert said in Shell(tmp_path / "data").refused("source", "create", *words, code=2)


def test_a_name_is_taken_once(tmp_path: Path) -> None:
    """A second source with the same name is rejected."""
    shell = Shell(tmp_path / "data")
    shell.text("source", "create", "--name", "a", "--source", "SQUID")
    assert "taken" in shell.refused("source", "create", "--name", "a", "--source", "SQUID")


def test_what_is_given_is_changed_and_the_rest_stays(tmp_path: Path) -> None:
    """A receiver sets its port or directory and clears that of the previous one; the change is audited."""
    shell = Shell(tmp_path / "data")
    shell.text(
        *("source", "create", "--name", "fw1", "--source", "SQUID", "--anonymize-users"),
        *("--receiver", "syslog-udp", "--port", "5514"),
    )
    (moved,) = shell.json("source", "set", "fw1", "--port", "5515", "--timezone", "Europe/Berlin")
    assert (moved["port"], moved["receiver"], moved["timezone"]) == (5515, "syslog-udp", "Europe/Berlin")
    folder = str(tmp_path / "logs")
    (watched,) = shell.json("source", "set", "fw1", "--name", "drop", "--receiver", "folder", "--folder", folder)
    assert (watched["display_name"], watched["folder"], watched["port"]) == ("drop", folder, None)
    words = ("source", "set", "drop", "--receiver", "upload", "--no-anonymize-users", "--source", "102")
    (plain,) = shell.json(*words, "--comment", "old proxy")
    expected = {"receiver": "", "folder": "", "anonymize_users": False, "source": "BLUECOAT", "comment": "old proxy"}
    assert expected.items() <= plain.items()
    assert (plain["stream_id"], plain["timezone"]) == (moved["stream_id"], "Europe/Berlin")
    casb = Casb.open(Settings(data=shell.data))
    entries = casb.identity.audit_log.latest(casb.tenants.all()[0].tenant_id)
    assert [each.target for each in entries if each.action == "data_source.update"] == ["drop", "fw1", "fw1"]
    casb.close()


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (("missing", "--comment", "x"), 1, "no data source 'missing'"),
        (("a", "--name", "b"), 1, "--name: 'b' is taken"),
        (("a",), 2, "nothing to change"),
        (("a", "--receiver", "syslog-tcp"), 2, "--port"),
        (("a", "--port", "514"), 2, "a receiver 'upload' has no port"),
        (("a", "--folder", "logs"), 2, "a receiver 'upload' has no directory"),
        (("a", "--name", "c d"), 2, "--name"),
        (("a", "--source", "BANANA"), 2, "BANANA"),
    ],
)
def test_what_cannot_be_changed_says_why(tmp_path: Path, words: tuple[str, ...], code: int, said: str) -> None:
    """The message names the option, its value and what is allowed; nothing changes."""
    shell = Shell(tmp_path / "data")
    for name in ("a", "b"):
        shell.text("source", "create", "--name", name, "--source", "SQUID")
    before = shell.json("source", "list")
    assert said in shell.refused("source", "set", *words, code=code)
    assert shell.json("source", "list") == before


def test_a_comment_is_no_book(shell: Shell) -> None:
    """The length is limited on creation and on change."""
    made = ("source", "create", "--name", "branch", "--source", "SQUID_NATIVE")
    for words in (made, ("source", "set", "edge")):
        told = shell.refused(*words, "--comment", "c" * 2001, code=2)
        assert "--comment: comment may have at most 2000 characters; this one has 2001" in told
