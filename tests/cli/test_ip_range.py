"""``opencasb ip-range``."""

from __future__ import annotations

import json

import pytest
from click.testing import CliRunner, Result

from opencasb.cli.ip_range import command
from tests.cli.installation import Installation, Opening


def run(installation: Installation, *words: str) -> Result:
    """Run ``opencasb ip-range`` with these words."""
    return CliRunner().invoke(command, words, obj=Opening(installation))


def test_ranges_are_added_listed_and_deleted(installation: Installation) -> None:
    """By name in any case, or by id; people see words, machines the record of the REST API."""
    said = run(installation, "add", "Lisbon", "10.0.0.1/8", "::1", "--category", "vpn", "--tag", "tor").stdout
    (made,) = json.loads(run(installation, "list", "--json").stdout)
    assert said == f"IP range Lisbon: {made['_id']}\n"
    assert (made["category"], made["tags"][0]["name"]) == (4, "Tor")
    row = run(installation, "list").stdout.splitlines()[1].split()
    assert row == [made["_id"], "Lisbon", "vpn", "10.0.0.1/8", "::1", "Tor"]
    other = json.loads(run(installation, "add", "Porto", "192.0.2.1", "--organization", "Example", "--json").stdout)
    assert (other["category"], other["organization"]) == (6, "Example")
    assert run(installation, "delete", "lisbon").exit_code == 0
    assert run(installation, "delete", other["_id"]).exit_code == 0
    assert run(installation, "list", "--json").stdout == "[]\n"


def test_another_tenant(installation: Installation) -> None:
    """``--tenant`` chooses whose ranges they are."""
    run(installation, "add", "Lisbon", "10.0.0.0/8", "--tenant", "Fabrikam")
    assert run(installation, "list").stdout == ""
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
    installation: Installation, words: tuple[str, ...], code: int, message: str
) -> None:
    """One sentence on stderr, and nothing changed."""
    run(installation, "add", "Lisbon", "10.0.0.0/8")
    result = run(installation, *words)
    assert (result.exit_code, result.stdout) == (code, "")
    assert message in result.stderr
    assert len(installation.ip_ranges.all(installation.contoso)) == 1
