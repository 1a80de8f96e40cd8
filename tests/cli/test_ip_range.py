"""``opencasb ip-range``."""

from __future__ import annotations

import pytest

from opencasb.cli.ip_range import command
from tests.cli.commands import Commands
from tests.cli.installation import Installation, Opening


@pytest.fixture
def commands(installation: Installation) -> Commands:
    """Run ``opencasb ip-range …``."""
    return Commands(command, Opening(installation))


def test_ranges_are_added_listed_and_deleted(commands: Commands) -> None:
    """By id, or by name in any case; text has words, JSON the record of the REST API."""
    said = commands.text("add", "Lisbon", "10.0.0.1/8", "::1", "--category", "vpn", "--tag", "tor")
    (made,) = commands.json("list")
    assert said == f"IP range Lisbon: {made['_id']}\n"
    assert (made["category"], made["tags"][0]["name"]) == (4, "Tor")
    row = commands.text("list").splitlines()[1].split()
    assert row == [made["_id"], "Lisbon", "vpn", "10.0.0.1/8", "::1", "Tor"]
    other = commands.json("add", "Porto", "192.0.2.1", "--organization", "Example")
    assert (other["category"], other["organization"]) == (6, "Example")
    commands.text("delete", "lisbon")
    commands.text("delete", other["_id"])
    assert commands.text("list", "--json") == "[]\n"


def test_another_tenant(installation: Installation, commands: Commands) -> None:
    """``--tenant`` selects the tenant."""
    commands.run("add", "Lisbon", "10.0.0.0/8", "--tenant", "Fabrikam")
    assert commands.text("list") == ""
    assert [each["name"] for each in installation.ip_ranges.all(installation.fabrikam)] == ["Lisbon"]


@pytest.mark.parametrize(
    ("words", "code", "message"),
    [
        (("add", "Porto", "10.1.0.0/16"), 1, "ip-range: subnets: '10.1.0.0/16' overlaps IP range 'Lisbon'"),
        (("add", "LISBON", "192.0.2.1"), 1, "name: 'LISBON' is the name of another IP range"),
        (("add", "Porto", "x"), 1, "subnets: 'x' is not an address or block"),
        (("delete", "Faro"), 1, "RANGE: 'Faro' is no id or name of an IP range"),
        (("add", "Faro"), 2, "Missing argument 'ADDRESS...'"),
    ],
)
def test_what_cannot_be_done_says_why(
    installation: Installation, commands: Commands, words: tuple[str, ...], code: int, message: str
) -> None:
    """One sentence on stderr, and nothing changes."""
    commands.run("add", "Lisbon", "10.0.0.0/8")
    assert message in commands.refused(*words, code=code)
    assert len(installation.ip_ranges.all(installation.contoso)) == 1
