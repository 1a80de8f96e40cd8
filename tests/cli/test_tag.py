"""``opencasb tag`` and its argument APP."""

from __future__ import annotations

import pytest

from opencasb.cli.tag import command
from tests.cli.commands import Commands
from tests.cli.installation import Installation, Opening


@pytest.fixture
def commands(installation: Installation) -> Commands:
    """Run ``opencasb tag …``."""
    return Commands(command, Opening(installation))


def test_adding_and_removing(commands: Commands) -> None:
    """JSON output has the app, its current tags, and whether anything changed."""
    added = commands.json("add", "Dropbox", "Finance")
    assert added == {"app_id": 11627, "name": "Dropbox", "tags": ["Finance"], "changed": True}
    assert commands.json("add", "Dropbox", "finance")["changed"] is False
    removed = commands.json("remove", "Dropbox", "finance")
    assert removed == {"app_id": 11627, "name": "Dropbox", "tags": [], "changed": True}
    assert commands.text("remove", "Dropbox", "finance") == "Dropbox (11627): no tags\n"


def test_changes_are_noted_with_who_made_them(installation: Installation, commands: Commands) -> None:
    """The governance log records the change."""
    commands.run("add", "Dropbox", "Unsanctioned")
    (record,) = installation.governance_log.page(installation.contoso)[0]
    assert record["createdBy"].startswith("cli")
    assert record["status"]["templateMessage"]["parameters"]["tagName"] == "Unsanctioned"


def test_listing(commands: Commands) -> None:
    """Text has counts, JSON has everything."""
    commands.run("add", "Dropbox", "Finance")
    lines = commands.text("list").splitlines()
    assert [line.split() for line in lines][-1] == ["Finance", "1"]
    listed = commands.json("list")
    assert [(tag["name"], tag["built_in"], tag["app_ids"]) for tag in listed][-1] == ("Finance", False, [11627])


def test_deleting(commands: Commands) -> None:
    """A tag in use stays, an unused one is deleted, an unknown one is an error."""
    commands.run("add", "Dropbox", "Finance")
    assert "in use" in commands.run("delete", "Finance").stderr
    commands.run("remove", "Dropbox", "Finance")
    commands.text("delete", "Finance")
    result = commands.run("delete", "Finance")
    assert (result.exit_code, result.stderr) == (1, "Error: TAG: 'Finance' is not a tag\n")


def test_another_tenant(installation: Installation, commands: Commands) -> None:
    """``--tenant`` selects the tenant."""
    commands.run("add", "Dropbox", "Finance", "--tenant", "Fabrikam")
    assert installation.tags.by_app(installation.contoso) == {}
    assert installation.tags.by_app(installation.fabrikam) == {11627: ("Finance",)}


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("add", "Dropbx", "Finance"), "APP: 'Dropbx' is no id, name or domain of an app; there is Dropbox"),
        (("add", "Dropbox", "None"), "TAG: tag name 'None' is reserved"),
        (("remove", "Dropbox", "Custom app"), "TAG: tag 'Custom app' belongs"),
        (("add", "purview.example", "Unsanctioned"), "TAG: app 'Microsoft Purview' is needed for security"),
    ],
)
def test_what_cannot_be_done_says_why(commands: Commands, words: tuple[str, ...], message: str) -> None:
    """Exit code 1, one sentence on stderr, nothing on stdout."""
    assert message in commands.refused(*words)
