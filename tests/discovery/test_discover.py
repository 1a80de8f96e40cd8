"""The report without a server."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

from opencasb.catalog.catalog import Catalog
from opencasb.discovery.discover import discover
from opencasb.discovery.formats.base import ParseContext
from opencasb.store.unlisted_apps import FIRST_ID
from tests.discovery.test_processing import NOW, squid


def test_several_files_make_one_report(tmp_path: Path, clock: Callable[[], int]) -> None:
    """Lines, apps and days of all files are added up; old events count, progress is told."""
    contents = (squid(20), squid(5, when=1_000_000_000, host="www.some-unlisted-site.com") + b"broken\n")
    paths = [tmp_path / f"{number}.log" for number in range(2)]
    for path, content in zip(paths, contents, strict=True):
        path.write_bytes(content)
    told: list[tuple[int, int]] = []
    report = discover(
        paths,
        context=ParseContext(received_at=clock(), want_url=False),
        catalog=Catalog.shipped(),
        progress=lambda done, whole: told.append((done, whole)),
    )
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


def test_shared_platforms_are_told_from_services(tmp_path: Path, clock: Callable[[], int]) -> None:
    """A customer's place on one counts for the platform, which is marked."""
    log = tmp_path / "a.log"
    log.write_bytes(squid(2, host="d1234.cloudfront.net") + squid(1, host="corp.sharepoint.com"))
    context = ParseContext(received_at=clock(), want_url=False)
    report = discover([log], context=context, catalog=Catalog.shipped())
    assert {app.name: "platform" in app.flags for app in report.apps} == {
        "Amazon Web Services": True,
        "Microsoft SharePoint Online": False,
    }


def test_no_database_is_needed() -> None:
    """Its import alone would be a fifth of the time that a short log takes."""
    program = "import sys, opencasb.discovery.discover; sys.exit('sqlalchemy' in sys.modules)"
    subprocess.run([sys.executable, "-c", program], check=True)
