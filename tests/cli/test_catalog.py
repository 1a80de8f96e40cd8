"""``opencasb catalog``."""

from __future__ import annotations

from pathlib import Path

import pytest

from opencasb.catalog.catalog import Catalog
from opencasb.cli.catalog import command
from tests.catalog.builder.synthetic import write_sources
from tests.cli.commands import Commands

SHAREALIKE_APP = 47942


CATALOG = Commands(command)


def test_match_names_apps_customers_and_unlisted_domains() -> None:
    """Hosts and addresses work alike; an internal name belongs to nothing."""
    drive, bucket, address, unlisted, inside = CATALOG.json(
        "match", "drive.google.com", "b.s3.amazonaws.com", "140.82.112.3", "www.nobody-knows-this.de", "intranet"
    )
    assert (drive["name"], drive["domain"]) == ("Google Drive", "google.com")
    assert (bucket["name"], bucket["instance"]) == ("Amazon Web Services", "b.s3.amazonaws.com")
    assert (address["name"], address["domain"]) == ("GitHub", None)
    assert (unlisted["app_id"], unlisted["name"]) == (None, "nobody-knows-this.de")
    assert (inside["name"], inside["domain"]) == (None, None)
    assert "Google Drive" in CATALOG.text("match", "drive.google.com")


def test_match_takes_what_people_paste() -> None:
    """URLs, ports and bracketed IPv6 addresses are accepted; the record repeats the input."""
    pasted = [
        "https://Drive.Google.com/drive/x?y=1",
        "drive.google.com:443",
        "[2606:50c0:8000::153]:443",
        "https://[::1",
    ]
    found = CATALOG.json("match", *pasted, "140.82.112.3:443", "2606:50c0:8000::153")
    assert [each["name"] for each in found] == ["Google Drive", "Google Drive", "GitHub", None, "GitHub", "GitHub"]
    assert [each["host"] for each in found[:4]] == pasted


def test_only_the_layers_of_the_settings_are_used(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The setting comes from the file in the data directory or from the environment; an invalid layer is reported."""
    (tmp_path / "core").mkdir()
    (tmp_path / "core" / "opencasb.toml").write_text('catalog_layers = ["core"]\n', "utf-8")
    none, core = ("--data", str(tmp_path / "none")), ("--data", str(tmp_path / "core"))
    assert [app["app_id"] for app in CATALOG.json("search", "Course Hero", *none)] == [SHAREALIKE_APP]
    assert CATALOG.json("match", "coursehero.com", *none)[0]["app_id"] == SHAREALIKE_APP
    assert CATALOG.json("explain", "coursehero.com", *none)["app_id"] == SHAREALIKE_APP
    assert CATALOG.json("search", "Course Hero", *core) == []
    assert CATALOG.json("match", "coursehero.com", *core)[0]["app_id"] is None
    assert not (tmp_path / "none").exists()
    monkeypatch.setenv("OPENCASB_CATALOG_LAYERS", '["core"]')
    assert CATALOG.json("match", "coursehero.com", *none)[0]["app_id"] is None
    assert "no id, name or domain of an app" in CATALOG.refused("explain", "coursehero.com", *none)
    monkeypatch.setenv("OPENCASB_CATALOG_LAYERS", '["most"]')
    assert "allowed: 'core', 'sharealike' (got " in CATALOG.refused("search", "Course Hero", *none, code=2)


def test_search_shows_the_closest_app_first() -> None:
    """The results are printed as text and JSON; an empty result is reported on stderr."""
    assert CATALOG.json("search", "dropbox")[0]["app_id"] == 11627
    assert CATALOG.text("search", "dropbox").splitlines()[1].startswith("11627")
    result = CATALOG.run("search", "no app is called so")
    assert (result.exit_code, result.stdout) == (0, "")
    assert "no app matches" in result.stderr


def test_build_writes_a_catalog(tmp_path: Path) -> None:
    """It is written into the given folder."""
    sources = write_sources(tmp_path / "sources")
    counts = CATALOG.json("build", str(sources), "--out", str(tmp_path / "out"))
    assert counts["apps"] > 900  # the reviewed apps alone
    assert (tmp_path / "out/core/apps.parquet").exists()
    assert counts["layers"]["core"]["facts"] > 0
    assert str(tmp_path / "out") in CATALOG.text("build", str(sources), "--out", str(tmp_path / "out"))


def test_build_refuses_a_register_that_contradicts_a_well_known_id(tmp_path: Path) -> None:
    """The message names the id and both apps."""
    (tmp_path / "ids.csv").write_text("app_id,key\n10489,else.com\n", "utf-8")
    why = CATALOG.refused("build", str(tmp_path), "--out", str(tmp_path))
    assert "10489" in why
    assert "else.com" in why


def test_the_catalog_of_the_package_is_not_built_of_a_part(tmp_path: Path) -> None:
    """It would lose most of its apps; the message names the missing sources and what to do."""
    before = Catalog.shipped().apps.height
    (tmp_path / "twofactorauth").mkdir()
    why = CATALOG.refused("build", str(tmp_path))
    assert "give --out" in why
    assert "passkeys" in why
    assert "twofactorauth" not in why
    assert Catalog.shipped().apps.height == before


@pytest.mark.parametrize("arguments", [["match"], ["search"], ["build", "absent"]])
def test_wrong_usage_is_told(arguments: list[str]) -> None:
    """Exit code 2."""
    CATALOG.refused(*arguments, code=2)
