"""``opencasb catalog weights``, ``override``, ``history`` and ``explain``."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import polars as pl
import pytest
from click.testing import CliRunner, Result

from opencasb.cli.catalog import command
from opencasb.lake.usage import KEY, SUMS
from opencasb.model.factors import SCORED
from opencasb.model.score_settings import DEFAULT, shown
from opencasb.model.stream import StreamType
from opencasb.store.audit_log import AuditLog
from opencasb.store.unlisted_apps import FIRST_ID
from tests.catalog.scored import BOX, DROPBOX, MFA, SAML, TEAMS, catalog
from tests.cli.installation import Installation, Opening
from tests.lake.rows import names, usage


@pytest.fixture
def installation(tmp_path: Path) -> Iterator[Installation]:
    """Return an installation with a scored catalog, whose people used Box, Dropbox and an unlisted app."""
    made = Installation(tmp_path)
    made.__dict__["catalog"] = catalog()
    source = made.streams.create(made.contoso, "edge", StreamType.INPUT)
    made.unlisted_apps.ids(made.contoso, ["files.example"])
    rows = usage(stream_id=source.stream_id)
    outside = rows.head(1).with_columns(pl.lit(FIRST_ID, pl.Int32).alias("app_id"))
    both = pl.concat([rows, outside]).select(*KEY, *SUMS, "first_seen", "last_seen")
    made.lake.append(made.contoso, both, names(), "first")
    yield made
    made.close()


def run(installation: Installation, *words: str) -> Result:
    """Run ``opencasb catalog`` with these words."""
    data = ("--data", str(installation.settings.data))
    return CliRunner().invoke(command, [*words, *data], obj=Opening(installation))


def said(installation: Installation, *words: str) -> str:
    """Run a command that must succeed and return what it prints."""
    done = run(installation, *words)
    assert done.exit_code == 0, done.output
    return done.stdout


def machine(installation: Installation, *words: str) -> Any:  # any JSON
    """Run a command with ``--json`` and return what it says."""
    return json.loads(said(installation, *words, "--json"))


def refused(installation: Installation, *words: str, code: int = 1) -> str:
    """Run a command that must fail and return why."""
    done = run(installation, *words)
    assert done.exit_code == code, done.output
    return done.stderr


def test_weights_are_set_listed_and_reset(installation: Installation) -> None:
    """Factors by any of their names, groups, unknown values; the audit log says who."""
    words = ("weights", "set", "isSupportsSaml", "Multi-factor authentication", "legal")
    told = machine(installation, *words, "--importance", "Very High")
    assert told == machine(installation, "weights", "list")
    factors = {each["factor"]: each for each in told["factors"]}
    assert {factors[key]["importance"] for key in (SAML, MFA)} == {"very high"}
    assert [each["importance"] for each in told["groups"]] == ["medium", "medium", "medium", "very high"]
    assert machine(installation, "weights", "set", SAML, "--include-na")["factors"] != told["factors"]
    assert len(installation.score_settings.get(installation.contoso).counted) == 1
    machine(installation, "weights", "set", "all", "--include-na")
    assert len(installation.score_settings.get(installation.contoso).counted) == len(SCORED)
    machine(installation, "weights", "set", "all", "--leave-out-na")
    text = said(installation, "weights", "list")
    assert "is_supports_saml" in text
    assert "counted as 0" not in text
    said(installation, "weights", "reset")
    assert not installation.tenant_catalogs.scoring(installation.contoso)
    entries = AuditLog(installation.database, installation.clock).latest(installation.contoso)
    assert [entry.action for entry in entries].count("score.weigh") == 4
    assert machine(installation, "weights", "list") == shown(DEFAULT)


WRONG: Final = [
    (("set", "colour", "--importance", "low"), "NAME: 'colour' is no risk factor that counts"),
    (("set", "vendor", "--importance", "low"), "NAME: 'vendor' is information only"),
    (("set", SAML, "--importance", "huge"), "NAME: 'huge' is no importance; allowed are ignored, low"),
    (("set", "legal", "--include-na"), "NAME: 'legal' is a group"),
]


def test_wrong_weights_are_refused(installation: Installation) -> None:
    """The message names what is wrong; nothing changes."""
    for words, why in WRONG:
        assert why in refused(installation, "weights", *words)
    assert not installation.tenant_catalogs.scoring(installation.contoso)


def test_a_change_without_a_change_is_wrong_usage(installation: Installation) -> None:
    """Exit code 2."""
    assert "give --importance or --include-na" in refused(installation, "weights", "set", SAML, code=2)


def test_overrides_come_and_go(installation: Installation) -> None:
    """By id, name and domain, also outside the catalog; each with its note."""
    assert said(installation, "override", "set", "box.com", "2", "--note", "no contract") == f"Box ({BOX}): 2\n"
    made = machine(installation, "override", "set", "files.example", "9")
    assert (made["app_id"], made["score"], made["note"]) == (FIRST_ID, 9, "")
    assert [each["app_id"] for each in machine(installation, "override", "list")] == [BOX, FIRST_ID]
    table = said(installation, "override", "list")
    assert "no contract" in table
    assert "files.example" in table
    said(installation, "override", "remove", "Box")
    assert "has no override" in refused(installation, "override", "remove", "Box")
    assert "no id, name or domain" in refused(installation, "override", "set", "Bax", "2")
    refused(installation, "override", "set", "Box", "11", code=2)
    assert "note" in refused(installation, "override", "set", "Box", "1", "--note", "\x07")


def test_the_history_says_what_changed_and_why(installation: Installation) -> None:
    """Of all discovered apps, or one."""
    said(installation, "override", "set", "Box", "2")
    said(installation, "weights", "set", SAML, "--importance", "ignored")
    changes = machine(installation, "history")
    assert {(each["app_id"], each["before"], each["after"], each["cause"]) for each in changes} == {
        (BOX, 6, 2, "override"),
        (DROPBOX, 8, 10, "weights changed"),
    }
    assert [each["app_id"] for each in machine(installation, "history", "Dropbox")] == [DROPBOX]
    assert len(machine(installation, "history", "--limit", "1")) == 1
    table = said(installation, "history")
    assert "weights changed" in table
    assert said(installation, "history", "Microsoft Teams") == ""


def test_a_score_is_explained(installation: Installation) -> None:
    """Facts that count, with who says so; unknown factors when they are asked for."""
    text = said(installation, "explain", "Box")
    assert text.splitlines()[1].startswith("Box is a cloud storage app. It offers SAML single sign-on and ")
    assert text.startswith(f"Box ({BOX}): 6.4, low evidence: 5 of 80 factors known\n")
    assert "https://10489.example/is_supports_saml" in text
    assert "SOC 2" not in text
    assert "SOC 2" in said(installation, "explain", "Box", "--all")
    unscored = said(installation, "explain", "Microsoft Teams")
    assert "unscored: only 1 fact is known that can count; 3 are needed" in unscored
    assert "not scored:" in unscored
    assert "IE, NL" in unscored
    told = machine(installation, "explain", str(DROPBOX))
    assert (told["score"], told["known"], told["app_id"]) == (8, 4, DROPBOX)
    assert machine(installation, "explain", str(TEAMS))["unscored_because"]


def test_an_override_is_explained(installation: Installation) -> None:
    """Who gave it and why, and what the facts make."""
    said(installation, "override", "set", "Box", "2", "--note", "no contract")
    first = said(installation, "explain", "Box").splitlines()[0]
    assert first.endswith("(no contract); by its facts 6.4, low evidence: 5 of 80 factors known")
    assert f"Box ({BOX}): 2, given by cli" in first
    custom = installation.custom_apps.create(installation.contoso, "Wiki", domains=["wiki.example"], score=9)
    assert said(installation, "explain", "Wiki").startswith(
        f"Wiki ({custom.app_id}): 9, as the custom app was defined; by its facts unscored"
    )


def test_the_shipped_catalog_is_explained_without_a_data_directory(tmp_path: Path) -> None:
    """Nothing is made for it."""
    nowhere = tmp_path / "nowhere"
    done = CliRunner().invoke(command, ["explain", "Dropbox", "--json", "--data", str(nowhere)])
    told = json.loads(done.stdout)
    assert (told["name"], told["score_from"], told["override"]) == ("Dropbox", "facts", None)
    assert told["known"] >= 8
    assert not nowhere.exists()
