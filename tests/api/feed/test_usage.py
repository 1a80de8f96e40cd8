"""The feed of discovery usage over HTTP."""

from __future__ import annotations

import io
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from opencasb.api.feed.answers import PARQUET
from opencasb.api.feed.app import GONE, FeedApi
from opencasb.api.feed.usage import KEYS, UsageFeed
from opencasb.lake import changes, maintenance
from opencasb.model.principal import Principal
from opencasb.model.roles import Role
from opencasb.model.stream import Stream, StreamType
from tests.api.feed.conftest import House
from tests.conftest import NOW
from tests.discovery.logs import squid
from tests.lake.rows import names, usage

SOURCE: dict[str, Any] = {"source": "SQUID_NATIVE"}


def source(house: House, name: str = "edge", **fields: Any) -> Stream:
    """Return a data source of the tenant."""
    return house.casb.streams.obtain(house.tenant_id, name, StreamType.INPUT, **{**SOURCE, **fields})


def bring(house: House, stream: Stream, *batches: str) -> None:
    """Store three rows with six transactions per batch."""
    for batch in batches:
        house.casb.lake.append(stream.tenant_id, usage(stream_id=stream.stream_id), names(), batch)


def log(house: House, stream: Stream, **given: Any) -> None:
    """Process a log file through the queue."""
    path = house.casb.settings.data / "a.log"
    path.write_bytes(squid(**given))
    house.casb.intake.enqueue(stream, path, origin="api", filename="a.log")
    leased = house.casb.uploads.lease("me")
    assert leased is not None
    house.casb.processing.run(leased)


def transactions(lines: list[dict[str, Any]]) -> int:
    """Return the total of transactions."""
    return sum(line["record"]["transactions"] for line in lines)


def test_a_log_is_told_as_usage(house: House) -> None:
    """One row per user with app, source and times; both formats agree with each other and the contract."""
    stream = source(house)
    assert house.read("usage")[0] == []
    _, empty = house.read("usage?cursor=now")
    log(house, stream, when=NOW / 1000 - 60)
    lines, cursor = house.read("usage")
    assert (len(lines), transactions(lines)) == (5, 20)
    record = min((line["record"] for line in lines), key=lambda each: str(each["user"]))
    assert {key: record[key] for key in ("day", "streamId", "appName", "user", "ipAddress", "device")} == {
        "day": "2025-11-20",
        "streamId": stream.stream_id,
        "appName": "Dropbox",
        "user": "user0",
        "ipAddress": "10.0.0.1",
        "device": None,
    }
    assert record["firstSeen"] == NOW - 60_000
    assert house.read(f"usage?wait=1&cursor={empty}")[0][0]["record"]["user"] is not None
    answer = house.get("usage", Accept=PARQUET)
    table = pl.read_parquet(io.BytesIO(answer.content))
    assert table.columns == ["sequence", *KEYS]
    assert table["user"].to_list() == [line["record"]["user"] for line in lines]
    assert table.schema["first_seen"] == pl.Datetime("ms", "UTC")
    assert house.read(f"usage?cursor={cursor}")[0] == []
    log(house, stream, when=NOW / 1000 - 50, lines=5)
    again, _ = house.read(f"usage?cursor={cursor}")
    assert transactions(again) == 5
    assert again[0]["sequence"] > lines[-1]["sequence"]


def test_a_reader_killed_anywhere_is_told_every_row_once(house: House) -> None:
    """A new server after each response, whose cursor may be lost; batches and a compaction happen in between."""
    stream = source(house)
    bring(house, stream, *"abcdef")
    kept: list[dict[str, Any]] = []
    path, cursor = "usage?limit=2", ""
    for step in range(60):
        house.app = FeedApi(house.casb)
        lines, new = house.read(path)
        if step % 3 == 1:  # killed before processing the response: it is repeated
            assert house.read(path)[0] == lines
            continue
        kept += lines
        cursor = new
        path = f"usage?limit=2&cursor={cursor}"
        if step == 6:
            maintenance.compact(house.casb.lake, house.tenant_id)
            bring(house, stream, "g", "h")
        if not lines:
            break
    assert transactions(kept) == 8 * 6
    assert len({line["record"]["_id"] for line in kept}) == len(kept) == 24
    sequences = [line["sequence"] for line in kept]
    assert sequences == sorted(sequences)


def test_pseudonyms_stay_pseudonyms(small: Callable[..., House]) -> None:
    """The response has nothing that identifies a user of an anonymised source."""
    house = small()
    log(house, source(house, anonymize_users=True))
    text = house.get("usage").text
    assert "user0" not in text
    assert text.count('"user":"User_') == 5


def test_rights_and_scopes_hold(house: House) -> None:
    """403 without discovery permissions; a report admin gets the usage of their reports, without deleted sources."""
    edge, branch, gone = source(house), source(house, "branch"), source(house, "gone")
    view = house.casb.streams.global_view(house.tenant_id)
    bring(house, edge, "a")
    bring(house, branch, "b")
    bring(house, gone, "c")
    other = house.token_of(house.other_id, Role.GLOBAL_ADMINISTRATOR)
    assert house.read("usage", token=other)[0] == []
    reader = house.token_of(house.tenant_id, Role.POWER_BI_ADMINISTRATOR)
    assert house.refusal("usage", 403, token=reader).startswith("You do not have permission")
    house.casb.streams.delete(house.tenant_id, gone.stream_id)

    def seen(*streams: Stream) -> list[str | None]:
        allowed = frozenset(each.stream_id for each in streams)
        principal = Principal(house.tenant_id, "x", frozenset({"discovery.read"}), stream_ids=allowed)
        feed, found = UsageFeed(house.casb), []
        position = feed.beginning(house.tenant_id)
        while (answer := feed.read(principal, position, 2)).position > position:
            assert len(answer) <= 2
            found += answer.rows["stream_id"].to_list()
            position = answer.position
        return sorted(found, key=str)

    assert seen() == []
    assert seen(edge) == [edge.stream_id] * 3
    assert seen(view) == [None] * 6
    assert seen(view, edge) == sorted([*[edge.stream_id] * 3, *[None] * 3], key=str)
    assert {line["record"]["streamId"] for line in house.read("usage")[0]} == {edge.stream_id, branch.stream_id}


def expire(house: House) -> None:
    """Compact files and delete the old ones, as upkeep does over days."""
    maintenance.compact(house.casb.lake, house.tenant_id)
    table = house.casb.lake.snapshot(house.tenant_id, "usage")
    assert table is not None
    table.vacuum(retention_hours=0, dry_run=False, enforce_retention_duration=False)


def test_a_reader_that_was_away_too_long_is_told_how_to_go_on(small: Callable[..., House]) -> None:
    """410 with the days to drop and the cursor to continue with, in either format.

    Then the reader has everything once.
    """
    house = small()
    stream = source(house)
    bring(house, stream, *"abc")
    first, cursor = house.read("usage")
    assert transactions(first) == 18
    bring(house, stream, *"defg")
    expire(house)
    answer = house.get(f"usage?cursor={cursor}", Accept=PARQUET)
    assert answer.status_code == 410
    assert answer.json() == {"detail": GONE, "cursor": answer.headers["next-cursor"], "days": ["2025-11-20"]}
    lines, cursor = house.read(f"usage?cursor={answer.json()['cursor']}")
    assert transactions(lines) == 7 * 6
    assert {line["record"]["_id"] for line in lines}.isdisjoint(line["record"]["_id"] for line in first)
    assert house.read(f"usage?cursor={cursor}")[0] == []
    bring(house, stream, "h")
    assert transactions(house.read(f"usage?cursor={cursor}")[0]) == 6


def test_a_beginning_that_took_too_long_begins_anew(small: Callable[..., House]) -> None:
    """None of it can be kept: all days are to be dropped."""
    house = small()
    bring(house, source(house), *"abcdef")
    _, cursor = house.read("usage?limit=1")
    expire(house)
    answer = house.get(f"usage?cursor={cursor}")
    assert (answer.status_code, answer.json()["days"]) == (410, None)
    assert transactions(house.read(f"usage?cursor={answer.json()['cursor']}")[0]) == 36


def test_a_reader_goes_on_where_only_commits_are_gone_that_brought_nothing(
    small: Callable[..., House], monkeypatch: pytest.MonkeyPatch
) -> None:
    """However long it was away, nothing is missing, so nothing is rejected."""
    house = small()
    stream = source(house)
    bring(house, stream, "a")
    _, cursor = house.read("usage")
    table = house.casb.lake.snapshot(house.tenant_id, "usage")
    assert table is not None
    table.alter.set_table_properties({"delta.checkpointInterval": "51"})
    table.alter.set_table_properties({"delta.checkpointInterval": "50"})
    table.create_checkpoint()
    for path in sorted(Path(house.casb.lake.location(house.tenant_id, "usage")).glob("_delta_log/*.json"))[:-1]:
        path.unlink()
    monkeypatch.setattr(changes, "SLOWEST_COMMIT_MS", 0)
    lines, cursor = house.read(f"usage?cursor={cursor}")
    assert lines == []
    bring(house, stream, "b")
    assert transactions(house.read(f"usage?cursor={cursor}")[0]) == 6


def test_a_cursor_of_another_table_is_refused(small: Callable[..., House], tmp_path: Path) -> None:
    """After the table was recreated, or restored from an older state."""
    house = small()
    stream = source(house)
    bring(house, stream, "a")
    shutil.copytree(tmp_path / "lake", tmp_path / "backup")
    bring(house, stream, "b", "c")
    _, cursor = house.read("usage")
    shutil.rmtree(tmp_path / "lake")
    shutil.copytree(tmp_path / "backup", tmp_path / "lake")
    house.casb.lake._tables.clear()
    assert house.refusal(f"usage?cursor={cursor}").startswith("cursor: it is ahead of the feed")
    shutil.rmtree(tmp_path / "lake")
    house.casb.lake._tables.clear()
    bring(house, stream, "anew")
    assert house.refusal(f"usage?cursor={cursor}").startswith("cursor: it was not made for the usage")
    assert transactions(house.read("usage")[0]) == 6
