"""``opencasb reports``: files, credentials, the connection file and the HTML page."""

from __future__ import annotations

import json
from pathlib import Path

import polars as pl

from tests.cli.commands import Shell


def test_a_dump_is_a_folder_of_parquet_for_each_table(shell: Shell, tmp_path: Path) -> None:
    """Users are included on request; an unknown table or target is named."""
    out = tmp_path / "out"
    written = shell.json("reports", "dump", str(out), "--users")
    assert {each["table"]: each["rows"] for each in written} | {"app_info": 1} == {
        "streams": 1,
        "apps": 1,
        "app_domains": written[2]["rows"],
        "app_tags": 0,
        "app_info": 1,
        "app_usage": 3,
        "app_usage_by_stream": 3,
        "daily_usage": 5,
    }
    daily = pl.read_parquet(out / "daily_usage", hive_partitioning=True)
    assert sorted(daily["UserName"]) == [f"user{number}" for number in range(5)]
    assert daily["TotalEvents"].sum() == 20
    few = shell.text("reports", "dump", str(tmp_path / "few"), "--table", "streams", "--table", "apps")
    assert [line.split()[0] for line in few.splitlines()] == ["table", "streams", "apps"]
    assert "there are streams, apps" in shell.refused("reports", "dump", str(out), "--table", "nothing")
    (tmp_path / "file").write_text("x")
    assert "cannot be written" in shell.refused("reports", "dump", str(tmp_path / "file"))
    assert "cannot be written" in shell.refused("reports", "dump", "nowhere://x")


def test_days_limit_what_is_dumped(shell: Shell, tmp_path: Path) -> None:
    """Both ends are included."""
    written = shell.json("reports", "dump", str(tmp_path / "out"), "--to", "2020-01-31", "--table", "daily_usage")
    assert written[0]["rows"] == 0


def test_the_connection_file_names_the_feed(shell: Shell, tmp_path: Path) -> None:
    """With the public URL or another one; it contains no credential."""
    out = tmp_path / "casb.pbids"
    shell.text("reports", "pbids", "--out", str(out), "--url", "https://casb.example/")
    (connection,) = json.loads(out.read_text())["connections"]
    assert connection["details"] == {"protocol": "odata", "address": {"url": "https://casb.example/odata/v1/"}}
    assert "https://localhost:8443/odata/v1/" in shell.text("reports", "pbids")
    assert "--out" in shell.refused("reports", "pbids", "--out", str(tmp_path / "no" / "where"))


def test_the_page_has_charts_of_a_tenant(shell: Shell, tmp_path: Path) -> None:
    """Apps over time, unsanctioned and risky apps, and generative AI, but nothing about how a log was parsed."""
    shell.text("tag", "add", "11627", "Unsanctioned")
    out = tmp_path / "report.html"
    shell.text("reports", "html", "--out", str(out), "--days", "30")
    page = out.read_text()
    for heading in ("Apps per day", "Unsanctioned and risky", "Generative AI", "Where data goes", "Categories", "Risk"):
        assert heading in page
    assert "How the log was read" not in page
    assert "Default, Global View" in page
    assert "Dropbox" in page.partition('id="watched"')[2].partition('id="generative"')[0]
    assert "known:" in shell.refused("reports", "html", "--report", "nothing")


def test_credentials_are_made_listed_and_revoked(shell: Shell) -> None:
    """The secret is shown once."""
    made = shell.json("reports", "credential", "create", "--name", "Power BI", "--days", "7", "--user-data")
    assert made["secret"].startswith("rpt_")
    (listed,) = shell.json("reports", "credential", "list")
    assert listed == {name: value for name, value in made.items() if name != "secret"}
    table = shell.text("reports", "credential", "list")
    assert "Power BI" in table
    assert made["secret"] not in table
    shell.text("reports", "credential", "revoke", made["id"])
    assert shell.json("reports", "credential", "list") == []
    assert "there is no credential" in shell.refused("reports", "credential", "revoke", made["id"])
    assert "1 to 730 days" in shell.refused("reports", "credential", "create", "--name", "x", "--days", "0")
