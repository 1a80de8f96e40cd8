"""Syslog framings: each message becomes exactly one line, however it arrives."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from opencasb.discovery.receivers.framing import MAX_MESSAGE_BYTES, Framer, datagram_lines, one_line

TEXTS = st.binary(min_size=1, max_size=60).filter(
    lambda b: b.strip(b"\r\n\0 ") == b and not any(c in b for c in b"\r\n\0")
)
MESSAGES = st.lists(TEXTS, max_size=8).map(lambda parts: [b"<134>" + part for part in parts])


@given(
    MESSAGES,
    st.lists(st.sampled_from(["count", "line", "nul", "crlf", "both"]), min_size=8, max_size=8),
    st.lists(st.integers(1, 40), max_size=30),
)
def test_messages_survive_any_framing_and_any_cut(messages: list[bytes], framings: list[str], cuts: list[int]) -> None:
    """Framings may alternate (RFC 6587 §3.4), and a read may end anywhere: the lines are the messages."""
    wire = b"".join(framed(message, framing) for message, framing in zip(messages, framings, strict=False))
    assert read(wire, cuts) == messages


@given(
    st.lists(TEXTS, min_size=1, max_size=8),
    st.booleans(),
    st.lists(st.integers(1, 40), max_size=30),
)
def test_counted_messages_may_be_any_text(messages: list[bytes], ended: bool, cuts: list[int]) -> None:
    """On a connection that begins with a count, wherever a read ends; some senders count, and also end the line."""
    wire = b"".join(framed(message, "both" if ended else "count") for message in messages)
    assert read(wire, cuts) == messages


@given(
    st.lists(
        st.sampled_from([b"1763812345.123 100 10.0.0.1 TCP_MISS/200", b"%d seconds left", b"%d 17 9 5"]), max_size=8
    ),
    st.integers(200, 10**12),
    st.lists(st.integers(1, 40), max_size=30),
)
def test_lines_that_begin_with_a_number_are_not_counted(forms: list[bytes], number: int, cuts: list[int]) -> None:
    """Wherever a read ends: the number exceeds the rest of its line, or is not a count."""
    lines = [form % number if b"%" in form else form for form in forms]
    assert read(b"".join(line + b"\n" for line in lines), cuts) == lines


@pytest.mark.parametrize(
    "lines",
    [[b"5 GET /200 123", b"6 GET /a/404 1"], [b"12 hello world", b"next"], [b"11 hello world", b"a"], [b"7 a", b"b"]],
)
def test_a_count_that_fits_by_chance_makes_no_message(lines: list[bytes]) -> None:
    """What follows must fit, too."""
    assert read(b"".join(line + b"\n" for line in lines), []) == lines


def test_counts_before_any_text_end_where_they_fit_no_more() -> None:
    """A line may still follow; part of a counted message is not a message."""
    assert read(b"1 0\n1 0\n", [5]) == [b"0", b"0"]
    framer = Framer()
    assert framer.feed(b"5 abcde") == b"abcde\n"
    assert framer.feed(b"3 abc2 ") == b"abc\n"
    assert framer.feed(b"xy12 a line of its own\n3 de") == b"xy\n12 a line of its own\n"
    assert framer.finish() == b""
    assert framer.feed(b"4") + framer.finish() == b""
    assert framer.feed(b"17 seconds left\n") + framer.finish() == b"17 seconds left\n"


def read(wire: bytes, cuts: list[int]) -> list[bytes]:
    """Return the messages of a connection whose reads end at the cuts."""
    framer, lines = Framer(), b""
    for cut in cuts:
        lines += framer.feed(wire[:cut])
        wire = wire[cut:]
    lines += framer.feed(wire) + framer.finish()
    return [line.rstrip(b"\r") for line in lines.split(b"\n") if line]


def framed(message: bytes, framing: str) -> bytes:
    """Return a message in a framing that senders use."""
    counted = b"%d %s" % (len(message), message)
    ends = {"line": b"\n", "nul": b"\0", "crlf": b"\r\n"}
    return {"count": counted, "both": counted + b"\n"}.get(framing) or message + ends[framing]


@given(st.lists(st.binary(max_size=200), max_size=20))
def test_no_bytes_break_the_framer(chunks: list[bytes]) -> None:
    """Whatever arrives, only whole lines are returned."""
    framer = Framer()
    for chunk in chunks:
        lines = framer.feed(chunk)
        assert not lines or lines.endswith(b"\n")


def test_an_endless_message_is_cut_and_the_next_is_read() -> None:
    """An endless message does not fill the memory, and its rest is not a message."""
    framer = Framer()
    lines = framer.feed(b"x" * MAX_MESSAGE_BYTES)
    assert len(lines) == MAX_MESSAGE_BYTES + 1
    assert framer.feed(b"rest") == b""
    assert framer.feed(b"of it\nnext\n") == b"next\n"


@pytest.mark.parametrize("before", [[], [b"<1>one", b"<1>two"]])
def test_a_long_line_may_come_byte_by_byte(before: list[bytes]) -> None:
    """Nobody looks at all of it each time, for that would stop the server."""
    framer = Framer()
    line = b"<134>" + b"a" * (MAX_MESSAGE_BYTES - 3_000)
    assert framer.feed(b"".join(framed(each, "count") for each in before) + line) == b"".join(
        each + b"\n" for each in before
    )
    assert {framer.feed(b"b") for _ in range(2_000)} == {b""}
    assert framer.feed(b"\n<1>next\n") == line + b"b" * 2_000 + b"\n<1>next\n"


def test_a_counted_message_that_is_too_long_is_cut_and_the_next_is_read() -> None:
    """The count tells where the next one begins."""
    framer = Framer()
    message = b"<1>" + b"x" * (2 * MAX_MESSAGE_BYTES)
    wire = b"%d %s" % (len(message), message) + b"8 <1>after" + b"<2>last\n"
    lines = b"".join(framer.feed(wire[at : at + 100_000]) for at in range(0, len(wire), 100_000))
    assert [len(line) for line in lines.splitlines()] == [MAX_MESSAGE_BYTES, 8, 7]


def test_counted_events_without_a_syslog_header_are_read() -> None:
    """Some senders count CEF and LEEF without a priority; a line that begins with a number is not counted."""
    framer = Framer()
    lines = framer.feed(b"15 CEF:0|a|b|c|d|e9 LEEF:2.0|17 seconds left\n")
    assert lines == b"CEF:0|a|b|c|d|e\nLEEF:2.0|\n17 seconds left\n"


def test_line_ends_inside_a_message_become_blanks() -> None:
    """A datagram is one line; an empty one is none."""
    assert one_line(b"<1>a\r\nb\n") == b"<1>a  b\n"
    assert one_line(b"\n") == b""


@pytest.mark.parametrize(
    ("datagram", "lines"),
    [
        (b"<134>one line\n", [b"<134>one line\n"]),
        (b"<134>first\r\nsecond\n", [b"<134>first  second\n"]),
        (b"<134>first\n<134>second\n", [b"<134>first\n", b"<134>second\n"]),
        (b"CEF:0|a|msg=two\nlines\nCEF:0|b|\n", [b"CEF:0|a|msg=two lines\n", b"CEF:0|b|\n"]),
        (
            b"1763639940.1 5 10.0.0.1 a\n\n1763639941.2 6 10.0.0.2 b\r\n",
            [b"1763639940.1 5 10.0.0.1 a\n", b"1763639941.2 6 10.0.0.2 b\n"],
        ),
        (b"\n\0", []),
    ],
)
def test_a_datagram_is_a_message_or_lines_without_a_header(datagram: bytes, lines: list[bytes]) -> None:
    """Squid packs as many log lines into a datagram as fit."""
    assert datagram_lines(datagram) == lines
