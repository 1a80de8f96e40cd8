"""A discovery report as text."""

from __future__ import annotations

import re
import sys

import msgspec
import pytest

from opencasb.cli.terminal_report import show
from tests.discovery.reported import DROPBOX, EMPTY, ODD, REPORT, app

STEERING = "\x1b]0;owned\x07[red]\u202e"


def plain(text: str) -> str:
    """Return ``text`` without the bold and colour codes for terminals."""
    return re.sub(r"\x1b\[[\d;]*m", "", text)


def test_the_report_in_a_pipe(capsys: pytest.CaptureFixture[str]) -> None:
    """Line counts, the period, apps in plain columns, and notable findings."""
    show(REPORT, 30)
    lines = [line.rstrip() for line in capsys.readouterr().out.splitlines()]
    assert lines == [
        "SQUID: 1,600 lines, 1,500 used, 60 ignored, 40 not understood",
        "2025-11-19 12:00Z to 2025-11-20 12:00Z, 3 apps",
        "",
        "app                     category       score  users  addresses  transactions  blocked  uploaded  total",
        "Dropbox                 Cloud storage  3      12     14         1,400         7        6.0 GB    6.0 GB",
        "odd.example (unlisted)  Cloud storage  -      12     14         1,400         7        2.0 GB    6.0 GB",
        "ChatGPT                 Generative AI  8      40     14         1,400         7        90 MB     6.0 GB",
        "scores: 10 is safe, 0 is risky; -: too little is known for one",
        "",
        "* Most data went up to Dropbox: 6.0 GB, 74 % of all uploads.",
        "* 1 app outside the catalog took 2.0 GB of uploads: odd.example.",
        "* 1 app with a score of 3 or less: Dropbox.",
        "* 1 app of generative AI, the most used by 40 people: ChatGPT.",
        "* 2 % of the lines were not understood, most often: too few fields.",
    ]


def test_apps_that_a_sentence_does_not_name_are_counted(capsys: pytest.CaptureFixture[str]) -> None:
    """Seven apps outside the catalog: five names, and two more."""
    many = [app(number, f"n{number}", listed=False, score=None, uploaded_bytes=number) for number in range(1, 8)]
    show(msgspec.structs.replace(REPORT, apps=many), 30)
    assert "uploads: n7, n6, n5, n4, n3 and 2 more.\n" in capsys.readouterr().out


def test_a_score_that_rests_on_few_facts_is_marked(capsys: pytest.CaptureFixture[str]) -> None:
    """With what to do about it; the footnote appears only with the mark."""
    few = [msgspec.structs.replace(app, flags=("low-evidence",)) if app.id == 11627 else app for app in REPORT.apps]
    show(msgspec.structs.replace(REPORT, apps=few), 30)
    lines = capsys.readouterr().out.splitlines()
    assert [line.split()[3] for line in lines if line.startswith("Dropbox")] == ["3*"]
    assert "*: the score rests on fewer than 8 facts; opencasb catalog explain APP shows them" in lines
    show(REPORT, 30)
    assert "*:" not in capsys.readouterr().out


@pytest.mark.parametrize(("width", "shown"), [(140, True), (80, False)])
def test_the_report_on_a_terminal(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, width: int, shown: bool
) -> None:
    """A wide terminal has every column, a narrow one the most important; each app stays on one line."""
    monkeypatch.setenv("COLUMNS", str(width))
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True)
    show(REPORT, 30)
    lines = plain(capsys.readouterr().out).splitlines()
    (dropbox,) = [line for line in lines if line.startswith("Dropbox")]
    assert dropbox.split()[-1:] == ["GB"]
    assert ("Cloud storage" in dropbox) is shown
    assert max(map(len, lines)) <= width


@pytest.mark.parametrize("width", [60, 40])
def test_names_can_be_read_on_a_narrow_terminal(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, width: int
) -> None:
    """Numeric columns give way to them."""
    monkeypatch.setenv("COLUMNS", str(width))
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True)
    show(REPORT, 30)
    lines = plain(capsys.readouterr().out).splitlines()
    (odd,) = [line for line in lines if line.startswith("odd.example (unlisted)")]
    assert odd.split()[-2:] == ["6.0", "GB"]
    assert len(odd) <= width


@pytest.mark.parametrize("terminal", [True, False])
def test_a_log_cannot_steer_the_terminal(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, terminal: bool
) -> None:
    """Escape sequences, direction marks and the table library's markup are shown literally."""
    monkeypatch.setenv("COLUMNS", "160")
    monkeypatch.setattr(sys.stdout, "isatty", lambda: terminal)
    hostile = app(1, STEERING, category=STEERING, listed=False)
    show(msgspec.structs.replace(REPORT, source=STEERING, apps=[hostile]), 30)
    out = plain(capsys.readouterr().out)
    assert r"\x1b]0;owned\x07[red]\u202e (unlisted)" in out
    assert not {"\x1b", "\x07", "\u202e"} & set(out)


def test_what_is_cut_off_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    """The first apps are shown, the others counted."""
    show(
        msgspec.structs.replace(REPORT, apps=[DROPBOX, ODD, *(app(number, f"n{number}") for number in range(1_500))]), 2
    )
    out = capsys.readouterr().out
    assert "and 1,500 more apps; --limit, --html or --json show them" in out
    assert "n7" not in out.split("and 1,500")[0]


def test_an_empty_report_is_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    """Nothing is printed in columns."""
    show(EMPTY, 30)
    assert capsys.readouterr().out == "SQUID: 0 lines, 0 used, 0 ignored, 0 not understood\n"
