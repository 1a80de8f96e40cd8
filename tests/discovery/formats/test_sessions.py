"""Joining web records with their sessions."""

from __future__ import annotations

from typing import Any

import polars as pl
from hypothesis import given, settings
from hypothesis import strategies as st

from opencasb.discovery.formats.normalise import normalise
from opencasb.discovery.formats.sessions import RECORD, SESSION, Sessions
from tests.discovery.formats.reading import CONTEXT


def records(*specs: dict[str, Any]) -> pl.DataFrame:
    """Return accepted rows with line, record, session and any differences from an allowed record of 10 + 20 bytes."""
    raw = [
        {
            "line": spec["line"],
            "timestamp": 1_763_600_000_000 + spec.get("second", 0) * 1000,
            "source": "10.0.0.1",
            "server": "203.0.113.1",
            "authority": spec.get("host"),
            "sent": "10",
            "received": "20",
            "blocked": spec.get("blocked", False),
            "user": spec.get("user"),
        }
        for spec in specs
    ]
    schema = {"line": pl.Int64, "timestamp": pl.Int64, "authority": pl.String, "user": pl.String, "blocked": pl.Boolean}
    rows = normalise(pl.DataFrame(raw, schema_overrides=schema), CONTEXT)
    return rows.with_columns(
        pl.Series(SESSION, [spec["session"] for spec in specs], dtype=pl.UInt64),
        pl.Series(RECORD, [spec["record"] for spec in specs], dtype=pl.String),
    )


def web(line: int, session: int | None, host: str, **more: Any) -> dict[str, Any]:
    return {"line": line, "session": session, "record": "web", "host": host, **more}


def end(line: int, session: int | None, record: str = "end", **more: Any) -> dict[str, Any]:
    return {"line": line, "session": session, "record": record, **more}


def run(sessions: Sessions, *batches: list[dict[str, Any]]) -> list[dict[str, Any]]:
    frames = [sessions.feed(records(*batch)) for batch in batches]
    return pl.concat([*frames, sessions.finish()]).sort("line").to_dicts()


def counted(rows: list[dict[str, Any]]) -> list[tuple[int, str | None, str, int | None]]:
    return [
        (row["line"], row["destination_host"], row["action"], row["total_bytes"])
        for row in rows
        if row["ignored"] is None
    ]


def test_the_session_takes_host_and_verdict_of_the_web_record_and_keeps_its_bytes() -> None:
    rows = run(Sessions(), [web(1, 7, "a.example", blocked=True, user="ann"), end(2, 7)])
    assert counted(rows) == [(2, "a.example", "block", 30)]
    assert rows[1]["user"] == "ann"
    assert rows[0]["ignored"] == "counted with its session"
    assert rows[0]["total_bytes"] is None


def test_a_session_is_awaited_from_batch_to_batch() -> None:
    rows = run(Sessions(), [web(1, 7, "a.example"), end(2, 8)], [end(3, 9)], [end(4, 7)])
    assert counted(rows) == [(2, None, "allow", 30), (3, None, "allow", 30), (4, "a.example", "allow", 30)]


def test_a_web_record_without_a_session_stands_for_itself() -> None:
    """Also one after the record of its session, which is complete by then, and one without an id."""
    rows = run(Sessions(), [end(1, 7), web(2, 7, "a.example"), web(3, None, "b.example"), end(4, None)])
    assert counted(rows) == [
        (1, None, "allow", 30),
        (2, "a.example", "allow", 30),
        (3, "b.example", "allow", 30),
        (4, None, "allow", 30),
    ]


def test_web_records_of_one_host_are_one_transaction_and_of_another_have_no_bytes() -> None:
    rows = run(
        Sessions(),
        [web(1, 7, "b.example"), web(2, 7, "a.example", blocked=True), web(3, 7, "a.example"), end(4, 7)],
    )
    assert counted(rows) == [(1, "b.example", "allow", None), (4, "a.example", "block", 30)]


def test_a_long_session_keeps_its_host_until_its_end() -> None:
    rows = run(
        Sessions(),
        [web(1, 7, "a.example"), end(2, 7, "interim"), end(3, 7, "interim")],
        [end(4, 7, "interim"), end(5, 7)],
        [end(6, 7)],
    )
    assert [row[:2] for row in counted(rows)] == [
        (2, "a.example"),
        (3, "a.example"),
        (4, "a.example"),
        (5, "a.example"),
        (6, None),
    ]


def test_what_waits_is_bounded() -> None:
    """The oldest records are emitted separately; a continuing session is not counted twice."""
    sessions = Sessions(limit=2)
    first = sessions.feed(records(web(1, 1, "a.example"), web(2, 2, "b.example"), web(3, 3, "c.example")))
    assert counted(first.to_dicts()) == [(1, "a.example", "allow", 30)]
    second = sessions.feed(records(end(4, 2, "interim"), web(5, 5, "d.example"), web(6, 6, "e.example")))
    assert counted(second.sort("line").to_dicts()) == [(3, "c.example", "allow", 30), (4, "b.example", "allow", 30)]
    assert counted(sessions.finish().to_dicts()) == [(5, "d.example", "allow", 30), (6, "e.example", "allow", 30)]


KINDS = st.sampled_from(["web", "interim", "end"])


@settings(max_examples=30)
@given(
    st.lists(st.tuples(KINDS, st.integers(1, 3), st.sampled_from("ab"), st.booleans()), max_size=12), st.integers(1, 4)
)
def test_every_record_comes_out_once_and_no_session_byte_is_lost(
    specs: list[tuple[str, int, str, bool]], size: int
) -> None:
    rows = [
        {"line": line, "session": session, "record": kind, "host": host if kind == "web" else None, "blocked": blocked}
        for line, (kind, session, host, blocked) in enumerate(specs, 1)
    ]
    out = run(Sessions(limit=3), *(rows[start : start + size] for start in range(0, len(rows), size)), [end(99, None)])
    assert [row["line"] for row in out] == [*range(1, len(rows) + 1), 99]
    kept = {row["line"]: row for row in out if row["ignored"] is None}
    for row in rows:
        if row["record"] != "web":
            assert kept[row["line"]]["total_bytes"] == 30


def newest_first(*specs: dict[str, Any]) -> list[dict[str, Any]]:
    """Give records descending times, after some of other sessions that show this order."""
    others = [end(line, 100 + line, second=900 - line) for line in range(1, 7)]
    return [*others, *({**spec, "second": 900 - spec["line"]} for spec in specs)]


def test_a_log_with_the_newest_line_first() -> None:
    """There, the session's record precedes that of the request."""
    batch = newest_first(end(7, 1), end(8, 2), web(9, 2, "b.example"), web(10, 1, "a.example"), web(11, 3, "c.example"))
    assert counted(run(Sessions(), batch))[6:] == [
        (7, "a.example", "allow", 30),
        (8, "b.example", "allow", 30),
        (11, "c.example", "allow", 30),
    ]
    assert counted(run(Sessions(), batch[:8], batch[8:])) == counted(run(Sessions(), batch))


def test_parts_of_a_log_with_the_newest_line_first() -> None:
    sessions = Sessions(limit=8)
    assert sessions.feed(records(*newest_first())).is_empty()
    assert sessions.feed(records(end(7, 1), web(8, 1, "a.example"))).height == 8
    assert sessions.finish().is_empty()
