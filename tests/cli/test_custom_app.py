"""``opencasb custom-app``."""

from __future__ import annotations

import pytest

from opencasb.cli.custom_app import command
from tests.cli.commands import Commands
from tests.cli.installation import Installation, Opening

FLEET = ("create", "--name", "Fleet board", "--domain", "Fleet.example", "--network", "192.0.2.0/24")


@pytest.fixture
def commands(installation: Installation) -> Commands:
    """Run ``opencasb custom-app …``."""
    return Commands(command, Opening(installation))


def test_creating_and_listing(commands: Commands) -> None:
    """A category works without its prefix, too; the list shows the created apps."""
    more = ("--category", "transportation_and_travel", "--score", "7", "--vendor", "Fleet Inc", "--notes", "Rented.")
    made = commands.json(*FLEET, *more)
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
    assert commands.json("list") == [made]
    assert "fleet.example 192.0.2.0/24" in commands.text("list")
    assert commands.text("list", "--tenant", "Fabrikam") == ""


def test_an_app_needs_little(installation: Installation, commands: Commands) -> None:
    """A name and one domain or network suffice; category and score are then unknown."""
    assert commands.text("create", "--name", "Wiki", "--domain", "wiki.example") == "custom app Wiki: 500000000\n"
    (app,) = installation.custom_apps.all(installation.contoso)
    assert (app.category, app.score) == ("SAASDB_CATEGORY_UNCLASSIFIED", None)
    assert "unscored" in commands.text("list")


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
    installation: Installation, commands: Commands, words: tuple[str, ...], code: int, message: str
) -> None:
    """The message on stderr names the option or argument, its value and what is allowed."""
    commands.run(*FLEET)
    assert message in commands.refused(*words, code=code)
    assert len(installation.custom_apps.all(installation.contoso)) == 1


@pytest.mark.parametrize("app", ["500000000", "fleet board"])
def test_deleting(installation: Installation, commands: Commands, app: str) -> None:
    """By id, or by name in any case, only within the tenant."""
    commands.run(*FLEET)
    commands.refused("delete", app, "--tenant", "Fabrikam")
    commands.text("delete", app)
    assert installation.custom_apps.all(installation.contoso) == []


def test_changing(commands: Commands) -> None:
    """Given values replace the previous ones, the others stay; a score can be removed."""
    commands.run(*FLEET, "--score", "7", "--notes", "Rented.")
    words = ("set", "fleet board", "--name", "Fleet", "--domain", "a.example", "--domain", "b.example")
    assert commands.text(*words) == "custom app Fleet: 500000000\n"
    assert commands.json("set", "500000000", "--unscored", "--category", "crm") == {
        "app_id": 500_000_000,
        "name": "Fleet",
        "category": "SAASDB_CATEGORY_CRM",
        "domains": ["a.example", "b.example"],
        "networks": ["192.0.2.0/24"],
        "score": None,
        "vendor": None,
        "notes": "Rented.",
    }
