"""``opencasb catalog weights``, ``override``, ``history`` and ``explain``."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import polars as pl
import pytest

from opencasb.cli.catalog import command
from opencasb.model.factors import SCORED
from opencasb.model.score_settings import DEFAULT, shown
from opencasb.model.stream import StreamType
from opencasb.store.audit_log import AuditLog
from opencasb.store.unlisted_apps import FIRST_ID
from tests.catalog.scored import BOX, DROPBOX, MFA, SAML, TEAMS, catalog
from tests.cli.commands import Commands
from tests.cli.installation import Installation, Opening
from tests.lake.rows import names, usage


@pytest.fixture
def installation(installation: Installation) -> Installation:
    """Return an installation with a scored catalog, whose users used Box, Dropbox and an unlisted app."""
    installation.__dict__["catalog"] = catalog()
    source = installation.streams.create(installation.contoso, "edge", StreamType.INPUT)
    installation.unlisted_apps.ids(installation.contoso, ["files.example"])
    rows = usage(stream_id=source.stream_id)
    outside = rows.head(1).with_columns(pl.lit(FIRST_ID, pl.Int32).alias("app_id"))
    both = pl.concat([rows, outside])
    installation.lake.append(installation.contoso, both, names(), "first")
    return installation


@pytest.fixture
def commands(installation: Installation) -> Commands:
    """Run ``opencasb catalog …``."""
    return Commands(command, Opening(installation), "--data", str(installation.settings.data))


def test_weights_are_set_listed_and_reset(installation: Installation, commands: Commands) -> None:
    """Factors by any of their names, groups, unknown values; the audit log names the author."""
    words = ("weights", "set", "isSupportsSaml", "Multi-factor authentication", "legal")
    told = commands.json(*words, "--importance", "Very High")
    assert told == commands.json("weights", "list")
    factors = {each["factor"]: each for each in told["factors"]}
    assert {factors[key]["importance"] for key in (SAML, MFA)} == {"very high"}
    assert [each["importance"] for each in told["groups"]] == ["medium", "medium", "medium", "very high"]
    assert commands.json("weights", "set", SAML, "--include-na")["factors"] != told["factors"]
    assert len(installation.score_settings.get(installation.contoso).counted) == 1
    commands.json("weights", "set", "all", "--include-na")
    assert len(installation.score_settings.get(installation.contoso).counted) == len(SCORED)
    commands.json("weights", "set", "all", "--leave-out-na")
    text = commands.text("weights", "list")
    assert "is_supports_saml" in text
    assert "counted as 0" not in text
    commands.text("weights", "reset")
    assert not installation.tenant_catalogs.scoring(installation.contoso)
    entries = AuditLog(installation.database, installation.clock).latest(installation.contoso)
    assert [entry.action for entry in entries].count("score.weigh") == 4
    assert commands.json("weights", "list") == shown(DEFAULT)


WRONG: Final = [
    (("set", "colour", "--importance", "low"), "NAME: 'colour' is not a risk factor that counts"),
    (("set", "vendor", "--importance", "low"), "NAME: 'vendor' is information only"),
    (("set", SAML, "--importance", "huge"), "NAME: 'huge' is not an importance; allowed: ignored, low"),
    (("set", "legal", "--include-na"), "NAME: 'legal' is a group"),
]


def test_wrong_weights_are_refused(installation: Installation, commands: Commands) -> None:
    """The message names the invalid value; nothing changes."""
    for words, why in WRONG:
        assert why in commands.refused("weights", *words)
    assert not installation.tenant_catalogs.scoring(installation.contoso)


def test_a_change_without_a_change_is_wrong_usage(commands: Commands) -> None:
    """Exit code 2."""
    assert "give --importance or --include-na" in commands.refused("weights", "set", SAML, code=2)


def test_overrides_come_and_go(commands: Commands) -> None:
    """By id, name and domain, including apps outside the catalog, each with its note."""
    assert commands.text("override", "set", "box.com", "2", "--note", "no contract") == f"Box ({BOX}): 2\n"
    made = commands.json("override", "set", "files.example", "9")
    assert (made["app_id"], made["score"], made["note"]) == (FIRST_ID, 9, "")
    assert [each["app_id"] for each in commands.json("override", "list")] == [BOX, FIRST_ID]
    table = commands.text("override", "list")
    assert "no contract" in table
    assert "files.example" in table
    commands.text("override", "remove", "Box")
    assert "has no override" in commands.refused("override", "remove", "Box")
    assert "no id, name or domain" in commands.refused("override", "set", "Bax", "2")
    commands.refused("override", "set", "Box", "11", code=2)
    assert "note" in commands.refused("override", "set", "Box", "1", "--note", "\x07")


def test_the_history_says_what_changed_and_why(commands: Commands) -> None:
    """For all discovered apps, or for one."""
    commands.text("override", "set", "Box", "2")
    commands.text("weights", "set", SAML, "--importance", "ignored")
    changes = commands.json("history")
    assert {(each["app_id"], each["before"], each["after"], each["cause"]) for each in changes} == {
        (BOX, 6, 2, "override"),
        (DROPBOX, 8, 10, "weights changed"),
    }
    assert [each["app_id"] for each in commands.json("history", "Dropbox")] == [DROPBOX]
    assert len(commands.json("history", "--limit", "1")) == 1
    table = commands.text("history")
    assert "weights changed" in table
    assert commands.text("history", "Microsoft Teams") == ""


def test_a_score_is_explained(commands: Commands) -> None:
    """The facts that count, with their sources; unknown factors only on request."""
    text = commands.text("explain", "Box")
    assert text.splitlines()[1].startswith("Box is a cloud storage app. It offers SAML single sign-on and ")
    assert text.startswith(f"Box ({BOX}): 6.4, low evidence: 5 of 80 factors known\n")
    assert "https://10489.example/is_supports_saml" in text
    assert "SOC 2" not in text
    assert "SOC 2" in commands.text("explain", "Box", "--all")
    unscored = commands.text("explain", "Microsoft Teams")
    assert "unscored: only 1 fact is known that can count; 3 are needed" in unscored
    assert "not scored:" in unscored
    assert "IE, NL" in unscored
    told = commands.json("explain", str(DROPBOX))
    assert (told["score"], told["known"], told["app_id"]) == (8, 4, DROPBOX)
    assert commands.json("explain", str(TEAMS))["unscored_because"]


def test_the_override_of_an_unlisted_app_is_its_score(commands: Commands) -> None:
    """As in lists and over HTTP, whether the app is named by domain or id."""
    commands.json("override", "set", "files.example", "7")
    for given in ("files.example", str(FIRST_ID)):
        told = commands.json("explain", given)
        assert (told["score"], told["score_from"]) == (7, "override")


def test_an_override_is_explained(installation: Installation, commands: Commands) -> None:
    """With its author and reason, and the score that the facts alone would give."""
    commands.text("override", "set", "Box", "2", "--note", "no contract")
    first = commands.text("explain", "Box").splitlines()[0]
    assert first.endswith("(no contract); by its facts 6.4, low evidence: 5 of 80 factors known")
    assert f"Box ({BOX}): 2, given by cli" in first
    custom = installation.custom_apps.create(installation.contoso, "Wiki", domains=["wiki.example"], score=9)
    assert commands.text("explain", "Wiki").startswith(
        f"Wiki ({custom.app_id}): 9, as the custom app was defined; by its facts unscored"
    )


def test_the_shipped_catalog_is_explained_without_a_data_directory(tmp_path: Path) -> None:
    """No data directory is created."""
    nowhere = tmp_path / "nowhere"
    told = Commands(command).json("explain", "Dropbox", "--data", str(nowhere))
    assert (told["name"], told["score_from"], told["override"]) == ("Dropbox", "facts", None)
    assert told["known"] >= 8
    assert not nowhere.exists()
