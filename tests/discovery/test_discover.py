"""The report without a server."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from opencasb.catalog.catalog import Catalog
from opencasb.discovery.compression import ExpandsTooMuch, LogError
from opencasb.discovery.discover import discover
from opencasb.discovery.formats.base import ParseContext
from opencasb.discovery.reading import read_log
from opencasb.model.report import DiscoveryReport
from opencasb.store.unlisted_apps import FIRST_ID
from tests.conftest import NOW
from tests.discovery.logs import squid

CONTEXT = ParseContext(received_at=NOW, want_url=False)


def reported(*paths: Path, **how: Any) -> DiscoveryReport:
    """Return the report for files."""
    return discover(paths, context=CONTEXT, catalog=Catalog.shipped(), **how)


def test_several_files_make_one_report(tmp_path: Path) -> None:
    """Lines, apps and days of all files are combined; old events count, and progress is reported."""
    contents = (squid(20), squid(5, when=1_000_000_000, host="www.some-unlisted-site.com") + b"broken\n")
    paths = [tmp_path / f"{number}.log" for number in range(2)]
    for path, content in zip(paths, contents, strict=True):
        path.write_bytes(content)
    told: list[tuple[int, int | None]] = []
    report = reported(*paths, progress=lambda done, whole: told.append((done, whole)))
    assert report.source == "SQUID_NATIVE"
    assert (report.lines.read, report.lines.used, report.lines.ignored, report.lines.rejected) == (26, 25, 0, 1)
    assert [(app.name, app.listed, app.users, app.transactions) for app in report.apps] == [
        ("Dropbox", True, 5, 20),
        ("some-unlisted-site.com", False, 5, 5),
    ]
    assert report.apps[1].id == FIRST_ID
    assert [(each.domain, each.hosts) for each in report.unlisted] == [
        ("some-unlisted-site.com", ("www.some-unlisted-site.com",))
    ]
    assert [(day.day, day.transactions) for day in report.daily] == [("2001-09-09", 5), ("2025-11-20", 20)]
    assert report.first_seen == 1_000_000_000_000
    assert report.last_seen is not None
    assert report.last_seen < NOW
    assert [(Path(sample.file).name, sample.line, sample.text) for sample in report.rejected_samples] == [
        ("1.log", 6, "broken")
    ]
    assert told[-1] == (sum(map(len, contents)), sum(map(len, contents)))


def test_a_file_that_is_no_log_is_left_out(tmp_path: Path) -> None:
    """It is reported; if no file is a log there is no report, and each file is reported."""
    contents = {"empty.log": b"", "a.log": squid(20), "words.log": b"hello\n" * 9, "image.log": b"\x89PNG\0\1"}
    for name, content in contents.items():
        (tmp_path / name).write_bytes(content)
    report = reported(*(tmp_path / name for name in contents))
    assert (report.lines.read, report.source, len(report.problems)) == (20, "SQUID_NATIVE", 3)
    assert report.problems[0] == f"{tmp_path}/empty.log: the file is empty"
    bad = [tmp_path / name for name in ("empty.log", "image.log")]
    with pytest.raises(LogError, match=r"no file is a log: .*empty\.log: the file is empty; .*image\.log: .*image"):
        reported(*bad)
    with pytest.raises(LogError, match=r"^the file is empty$"):
        reported(bad[0])


def test_hidden_apps_are_missing_from_the_days_as_well(tmp_path: Path) -> None:
    """The page's sums per day are those of its apps; a day with nothing else is gone."""
    trackers = squid(7, host="www.criteo.com") + squid(2, when=1_000_000_000, host="www.criteo.com")
    (tmp_path / "all.log").write_bytes(squid(20) + trackers)
    (tmp_path / "work.log").write_bytes(squid(20))
    whole, work = reported(tmp_path / "all.log"), reported(tmp_path / "work.log")
    assert [day.transactions for day in whole.daily] == [2, 27]
    assert whole.without("tracker").daily == work.daily


def test_a_file_that_expands_too_much_ends_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Some of its lines may already be counted, so it cannot be skipped."""
    paths = [tmp_path / "a.log", tmp_path / "b.log"]
    for path in paths:
        path.write_bytes(squid(20))
    monkeypatch.setattr("opencasb.discovery.discover.read_log", partial(read_log, max_expanded_bytes=100))
    with pytest.raises(ExpandsTooMuch, match=r"a\.log: the file expands"):
        reported(*paths)


def test_a_pipe_is_read_as_a_file_is(tmp_path: Path) -> None:
    """Progress has the bytes read, without a total."""
    pipe, content = tmp_path / "pipe", squid(20)
    os.mkfifo(pipe)
    writer = threading.Thread(target=pipe.write_bytes, args=(content,))
    writer.start()
    told: list[tuple[int, int | None]] = []
    report = reported(pipe, progress=lambda done, whole: told.append((done, whole)))
    writer.join()
    assert report.lines.used == 20
    assert told[-1] == (len(content), None)


def test_a_log_is_reported_as_what_it_was_read_as(tmp_path: Path) -> None:
    """The given source type stays visible."""
    log = tmp_path / "a.log"
    log.write_bytes(squid(40))
    report = reported(log, source="BLUECOAT")
    assert (report.source, report.named_source, report.lines.used) == ("SQUID_NATIVE", "BLUECOAT", 40)
    assert reported(log, source="SQUID_NATIVE").named_source is None


def test_wrong_clocks_are_reported(tmp_path: Path) -> None:
    """Transactions that no right clock dates count, with a warning; those of yesteryear and tomorrow have none."""
    path = tmp_path / "a.log"
    path.write_bytes(squid(2, when=NOW / 1000 + 86_400) + squid(3, when=1_000_000_000))
    assert reported(path).problems == ()
    path.write_bytes(squid(3) + squid(2, when=1_900_000_000) + squid(1, when=2_000_000_000))
    assert reported(path).problems == (
        "3 transactions lie in the future, up to 2033-05-18: check the clock of the appliance and the time zone",
    )
    path.write_bytes(squid(1, when=946_684_860))
    assert reported(path).problems == (
        "1 transaction lies before 2000-02-01, from 2000-01-01 on: check the clock of the appliance",
    )


def test_shared_platforms_are_told_from_services(tmp_path: Path) -> None:
    """A customer's space on one counts for the platform, which is flagged."""
    log = tmp_path / "a.log"
    log.write_bytes(squid(2, host="d1234.cloudfront.net") + squid(1, host="corp.sharepoint.com"))
    report = reported(log)
    assert {app.name: "platform" in app.flags for app in report.apps} == {
        "Amazon Web Services": True,
        "Microsoft SharePoint Online": False,
    }


def test_no_database_is_needed() -> None:
    """Importing it would take a fifth of the time for a short log."""
    program = "import sys, opencasb.discovery.discover; sys.exit('sqlalchemy' in sys.modules)"
    subprocess.run([sys.executable, "-c", program], check=True)
