"""``opencasb custom-app``."""

from __future__ import annotations

import json

import pytest
from click.testing import CliRunner, Result

from opencasb.cli.custom_app import command
from tests.cli.installation import Installation, Opening

FLEET = ("create", "--name", "Fleet board", "--domain", "Fleet.example", "--network", "192.0.2.0/24")


def run(installation: Installation, *words: str) -> Result:
    """Run ``opencasb custom-app`` with these words."""
    return CliRunner().invoke(command, words, obj=Opening(installation))


def test_creating_and_listing(installation: Installation) -> None:
    """A category goes without its prefix, too; what was created is what is listed."""
    more = (
        "--category",
        "transportation_and_travel",
        "--score",
        "7",
        "--vendor",
        "Fleet Inc",
        "--notes",
        "Rented.",
        "--json",
    )
    made = json.loads(run(installation, *FLEET, *more).stdout)
    assert made == {
        "app_id": 500_000_000,
        "name": "Fleet board",
        "category": "SAASDB_CATEGORY_TRANSPORTATION_AND_TRAVEL",
        "domains": ["fleet.example"],
        "networks": ["192.0.2.0/24"],
        "score": 7,
        "vendor": "Fleet Inc",
        "notes": "Rented.",
    }
    assert json.loads(run(installation, "list", "--json").stdout) == [made]
    assert "fleet.example 192.0.2.0/24" in run(installation, "list").stdout
    assert run(installation, "list", "--tenant", "Fabrikam").stdout == ""


def test_an_app_needs_little(installation: Installation) -> None:
    """A name and one domain or network; category and score are unknown then."""
    result = run(installation, "create", "--name", "Wiki", "--domain", "wiki.example")
    assert (result.exit_code, result.stdout) == (0, "custom app Wiki: 500000000\n")
    (app,) = installation.custom_apps.all(installation.contoso)
    assert (app.category, app.score) == ("SAASDB_CATEGORY_UNCLASSIFIED", None)
    assert "unscored" in run(installation, "list").stdout


@pytest.mark.parametrize(
    ("words", "code", "message"),
    [
        (("create", "--domain", "wiki.example"), 2, "--name"),
        (("create", "--name", "Wiki"), 1, "custom-app: app 'Wiki' needs at least one domain or network"),
        (("create", "--name", "Wiki", "--domain", "*.example"), 1, "domain '*.example' must be a host name"),
        (("create", "--name", "Wiki", "--domain", "w.example", "--score", "11"), 2, "11 is not in the range"),
        (("create", "--name", "fleet BOARD", "--domain", "w.example"), 1, "name 'fleet BOARD' is taken"),
        (("set", "Wiki", "--score", "3"), 1, "APP: 'Wiki' is no id or name of a custom app"),
        (("set", "Fleet board"), 2, "nothing to change"),
        (("set", "Fleet board", "--domain", "*.example"), 1, "domain '*.example' must be a host name"),
        (("delete", "Wiki"), 1, "APP: 'Wiki' is no id or name of a custom app"),
        (("delete", "11627"), 1, "APP: '11627' is no id or name of a custom app"),
    ],
)
def test_what_cannot_be_done_says_why(
    installation: Installation, words: tuple[str, ...], code: int, message: str
) -> None:
    """The option or argument, its value and what is allowed, on stderr."""
    run(installation, *FLEET)
    result = run(installation, *words)
    assert (result.exit_code, result.stdout) == (code, "")
    assert message in result.stderr
    assert len(installation.custom_apps.all(installation.contoso)) == 1


@pytest.mark.parametrize("app", ["500000000", "fleet board"])
def test_deleting(installation: Installation, app: str) -> None:
    """By id or by name in any case, in the own tenant only."""
    run(installation, *FLEET)
    assert run(installation, "delete", app, "--tenant", "Fabrikam").exit_code == 1
    assert run(installation, "delete", app).exit_code == 0
    assert installation.custom_apps.all(installation.contoso) == []


def test_changing(installation: Installation) -> None:
    """What is given replaces what was there, the rest stays; a score can be taken away."""
    run(installation, *FLEET, "--score", "7", "--notes", "Rented.")
    changed = run(
        installation, "set", "fleet board", "--name", "Fleet", "--domain", "a.example", "--domain", "b.example"
    )
    assert (changed.exit_code, changed.stdout) == (0, "custom app Fleet: 500000000\n")
    words = ("set", "500000000", "--unscored", "--category", "crm", "--json")
    assert json.loads(run(installation, *words).stdout) == {
        "app_id": 500_000_000,
        "name": "Fleet",
        "category": "SAASDB_CATEGORY_CRM",
        "domains": ["a.example", "b.example"],
        "networks": ["192.0.2.0/24"],
        "score": None,
        "vendor": None,
        "notes": "Rented.",
    }
