"""``opencasb catalog attest`` and related commands."""

from __future__ import annotations

from pathlib import Path

import pytest

from opencasb.cli import catalog_corrections
from tests.cli.commands import Shell

LINK = ("--link", "https://box.example/trust")


@pytest.fixture
def shell(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Shell:
    """Return a shell for the user Ana."""
    monkeypatch.setattr(catalog_corrections, "actor", lambda: "ana")
    return Shell(tmp_path / "data")


@pytest.fixture(scope="module")
def unchanged(tmp_path_factory: pytest.TempPathFactory) -> Shell:
    """Return a shell for tests that change nothing."""
    return Shell(tmp_path_factory.mktemp("unchanged"))


def catalog(*words: str) -> tuple[str, ...]:
    """Return the arguments of a command."""
    return ("catalog", *words)


def test_a_fact_is_attested_listed_and_withdrawn(shell: Shell) -> None:
    """With its author, date and expiry."""
    evidence = (*LINK, "--by", "Cid of Box", "--on", "2025-01-31", "--expires", "2999-12-31")
    made = shell.json(*catalog("attest", "box", "data_center", "DE, US", *evidence))
    assert (made["app"], made["key"], made["value"]) == ("Box", "data_center", ["DE", "US"])
    assert (made["author"], made["attested_by"], made["attested_on"]) == ("ana", "Cid of Box", "2025-01-31")
    assert shell.json(*catalog("attestations")) == [made]
    table = shell.text(*catalog("attestations", "--app", "box.com", "--kind", "fact"))
    assert "data_center DE, US" in table
    assert shell.text(*catalog("attestations", "--orphans")) == ""
    number = made["id"]
    assert shell.text(*catalog("withdraw", number, "--reason", "moved")) == f"fact {number}: withdrawn\n"
    assert shell.text(*catalog("attestations")) == ""
    (record,) = shell.json(*catalog("attestations", "--state", "withdrawn"))
    assert record["reason"] == "moved"


def test_domains_names_and_categories_are_corrected(shell: Shell) -> None:
    """Each correction is effective at once in commands that take an app."""
    assert shell.json(*catalog("correct-domain", "boxcdn.net", "--app", "Dropbox"))["app"] == "Dropbox"
    assert shell.json(*catalog("correct-domain", "db.tt", "--no-app"))["app_id"] is None
    assert shell.json(*catalog("correct-app", "Box", "--name", "Boxes"))["value"] == "Boxes"
    assert shell.json(*catalog("correct-app", "Boxes", "--category", "crm"))["value"] == "SAASDB_CATEGORY_CRM"
    assert shell.json(*catalog("correct-app", "boxcdn.net", "--name", "Drop"))["app_id"] == 11627
    assert "none" in shell.text(*catalog("attestations", "--kind", "domain"))


def test_notes(shell: Shell) -> None:
    """Notes are set, shown, replaced and removed."""
    assert "there is no note on 'Box'" in shell.refused(*catalog("note", "Box"))
    shell.text(*catalog("note", "Box", "ask Cid"))
    shell.text(*catalog("note", "Box", "ask\nDan"))
    assert shell.text(*catalog("note", "Box")) == "ask\nDan\n"
    assert shell.json(*catalog("note", "Box"))["value"] == "ask\nDan"
    assert "ask Dan" in shell.text(*catalog("attestations"))
    assert "withdrawn" in shell.text(*catalog("note", "Box", "--remove"))
    shell.refused(*catalog("note", "Box", "--remove"))


def test_somebody_else_reviews(shell: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    """If the installation requires it; a rejection needs a reason."""
    monkeypatch.setenv("OPENCASB_CATALOG_REVIEW", "true")
    first = shell.json(*catalog("attest", "box", "founded", "2005", *LINK))["id"]
    second = shell.json(*catalog("attest", "dropbox", "founded", "2007", *LINK))["id"]
    assert "somebody else has to review" in shell.refused(*catalog("review", first, "--accept"))
    monkeypatch.setattr(catalog_corrections, "actor", lambda: "ben")
    assert shell.json(*catalog("review", first, "--accept"))["decided_by"] == "ben"
    assert shell.json(*catalog("review", second, "--reject", "no"))["reason"] == "no"
    assert "is rejected" in shell.refused(*catalog("review", second, "--accept"))


@pytest.mark.parametrize(
    ("words", "code", "message"),
    [
        (("attest", "no-such-app-here", "founded", "2005"), 1, "APP: 'no-such-app-here' is no id, name or domain"),
        (("attest", "box", "founded", "soon", *LINK), 1, "catalog: value: founded 'soon' must be a year"),
        (("attest", "box", "founded", "2005"), 1, "catalog: link: a fact needs a link"),
        (("correct-domain", "*.box.com", "--no-app"), 1, "catalog: key '*.box.com' must be a domain"),
        (("correct-domain", "box.com"), 2, "give either --app or --no-app"),
        (("correct-domain", "box.com", "--app", "box", "--no-app"), 2, "give either --app or --no-app"),
        (("correct-app", "box"), 2, "give either --name or --category"),
        (("note", "box", "x", "--remove"), 2, "give either TEXT or --remove"),
        (("review", "f" * 24), 2, "give either --accept or --reject REASON"),
        (("review", "f" * 24, "--reject", " "), 2, "--reject: a reason is needed"),
        (("review", "f" * 24, "--accept"), 1, "is not the id of a correction"),
        (("withdraw", "f" * 24), 1, "is not the id of a correction"),
    ],
)
def test_what_cannot_be_done_says_why(unchanged: Shell, words: tuple[str, ...], code: int, message: str) -> None:
    """The message names the option or argument, its value and what is allowed."""
    assert message in unchanged.refused(*catalog(*words), code=code)
