"""Regular expressions proposed for lines in sentences."""

from __future__ import annotations

import random
import re
from collections.abc import Callable
from contextlib import suppress
from functools import cache
from typing import Any, Final

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from opencasb.discovery.custom.checks import check
from opencasb.discovery.custom.document import read_document
from opencasb.discovery.custom.preview import parsed
from opencasb.discovery.formats.base import ParseContext
from opencasb.discovery.formats.wrappers import HEADER
from opencasb.discovery.inference.free_text import LEAST_COVERED, escaped, free_text
from opencasb.discovery.inference.propose import NothingFound, Proposal, propose
from opencasb.discovery.inference.tokens import LONGEST, tokens
from tests.discovery.formats.parsed import RECEIVED
from tests.discovery.inference import sentence_logs
from tests.discovery.inference.traffic import Request, traffic

CONTEXT: Final = ParseContext(RECEIVED)
LOGS: Final[dict[str, Callable[[Request], str]]] = {
    "arrow": sentence_logs.arrow,
    "told": sentence_logs.told,
    "asked": sentence_logs.asked,
    "visited": sentence_logs.visited,
}


def lines_of(name: str, requests: list[Request]) -> list[str]:
    """Return the lines of a log."""
    return "\n".join(map(LOGS[name], requests)).split("\n")


@cache
def proposed(name: str) -> Proposal:
    """Return the proposal for a log."""
    return propose(lines_of(name, traffic()), CONTEXT)


def frame_of(lines: list[str]) -> pl.DataFrame:
    """Return lines as the frame in which shapes are searched."""
    return pl.DataFrame(
        {"line": range(1, len(lines) + 1), HEADER: [None] * len(lines), "text": lines},
        schema={"line": pl.Int64, HEADER: pl.String, "text": pl.String},
    )


def read(name: str, requests: list[Request]) -> list[dict[str, Any]]:
    """Return the transactions of requests, parsed by the proposal made from others."""
    return parsed(proposed(name).definition, lines_of(name, requests), CONTEXT)[1].to_dicts()


@pytest.mark.parametrize("name", LOGS)
def test_sentences_are_read(name: str) -> None:
    """Users, addresses, hosts and bytes are parsed in requests that the proposal was not made from."""
    requests = traffic(400, seed=8)
    found = read(name, requests)
    assert len(found) == len(requests)
    for request, row in zip(requests, found, strict=True):
        refused = name == "told" and request.blocked
        wanted = {
            "source_ip": request.ip,
            "user": None if name == "arrow" and request.n % 5 == 0 else request.user,
            "destination_host": request.host,
            "uploaded_bytes": None if refused or name == "asked" else request.sent,
            "downloaded_bytes": None if refused else request.received,
            "timestamp": request.epoch * 1000,
        }
        assert {key: row[key] for key in wanted} == wanted


@pytest.mark.parametrize("name", ["arrow", "told"])
def test_refusals_are_found(name: str) -> None:
    """Including those with their own sentence."""
    requests = traffic(400, seed=8)
    assert [row["action"] == "block" for row in read(name, requests)] == [request.blocked for request in requests]


@pytest.mark.parametrize("name", LOGS)
def test_a_proposal_loads(name: str) -> None:
    """It is of kind regex, and its document is equivalent."""
    found = proposed(name)
    assert found.definition.kind == "regex"
    assert read_document(found.document) == found.definition
    assert found.preview.fits >= LEAST_COVERED


def test_what_varies_is_a_group_and_what_does_not_is_text() -> None:
    """Groups are named after the words around them."""
    first = proposed("arrow").definition.patterns[0]
    assert re.findall(r"\(\?P<(\w+)>", first) == [
        "verdict", "address", "host", "number", "user", "bytes_in", "bytes_out", "time",
    ]  # fmt: skip
    assert r"\s+->\s+" in first
    assert "user=" in first


def test_separators_and_names_come_first() -> None:
    """A log that they split gets no regular expression, whatever its words."""
    requests = traffic()
    table = [f"{r.ip};{r.user};{r.host};{r.sent};{r.received};from a to b at the port" for r in requests]
    pairs = [f"src={r.ip} dst={r.host} user={r.user} in={r.received} msg=from a to b at the port" for r in requests]
    assert propose(table, CONTEXT).definition.kind == "delimiter"
    assert propose(pairs, CONTEXT).definition.kind == "pairs"


def test_lines_that_are_too_different_have_no_proposal() -> None:
    """A proposal that matches fewer than half of the other lines is discarded."""
    chance = random.Random(3)  # noqa: S311 -- not for secrets
    strange = ["".join(chance.choices("abcdefg (),:;->", k=60)) for _ in range(200)]
    traffic_lines = lines_of("told", traffic(60))
    with pytest.raises(NothingFound):
        propose([*strange, *traffic_lines], CONTEXT)
    assert propose([*strange[:40], *traffic_lines], CONTEXT).preview.fits == pytest.approx(0.6)


def test_few_lines_have_no_proposal() -> None:
    """With few lines, a constant cannot be told from a value."""
    with pytest.raises(NothingFound):
        propose(["Allowed by rule (10.1.2.3), asked for www.example.com"] * 7, CONTEXT)


def test_tokens_make_up_the_line() -> None:
    """A time, an address, a host and a quoted text are one token each."""
    line = "2025-11-20 10:20:30 10.1.2.3:443 -> www.example.com 'a b' anna@10.1.2.3 bob@example.org 17"
    found = tokens(line)
    assert found is not None
    assert "".join(token.text for token in found) == line
    assert [token.kind for token in found if token.kind not in {"blank", "mark"}] == [
        "time", "address", "number", "host", "quoted", "word", "address", "value", "number",
    ]  # fmt: skip
    assert tokens("x" * (LONGEST + 1)) is None
    assert tokens("a " * 200) is None


@given(st.text(max_size=300))
def test_any_line_is_cut_into_tokens_and_escaped(text: str) -> None:
    """Nothing is lost between tokens, and an escaped text matches itself in the regex engine."""
    found = tokens(text)
    assert found is None or "".join(token.text for token in found) == text
    assert pl.Series([text]).str.contains(f"^(?s:{escaped(text)})$").to_list() == [True]


PIECES: Final = st.sampled_from(
    ["Allowed", "Denied", " ", "10.1.2.3", "to", "a.example.com", ":443", "user=", "ann", "'", '"', "[", "(", "\\", "<"]
) | st.text(max_size=5)  # fmt: skip


@settings(max_examples=60, deadline=None)
@given(st.lists(st.lists(PIECES, max_size=14).map("".join), min_size=8, max_size=30))
def test_any_lines_end_in_expressions_that_load(lines: list[str]) -> None:
    """Whatever characters they contain; a proposal is a valid definition."""
    for shape in free_text(frame_of(lines), syslog=True):
        assert shape.columns is not None
    with suppress(NothingFound):
        check(propose([f"from the {line}" for line in lines], CONTEXT).definition)


@pytest.mark.parametrize(
    ("line", "shapes"),
    [
        ('"' * 2000, 0),
        ("a." * 900, 2),
        ("1.1." * 480, 2),
        ("/" * 1900, 2),
        (":" * 1900, 2),
        ("x='y" * 480, 0),
        ("10.0.0.1 a " * 60, 0),
        ("é" * 900, 2),
    ],
)
def test_hostile_lines_come_to_an_end(line: str, shapes: int) -> None:
    """No expression tries all ways to divide a line, which would never end; one of too many tokens is not looked at."""
    found = free_text(frame_of([f"from 10.1.2.{n % 250} to the {line}{n}" for n in range(250)]), syslog=True)
    assert len(found) == shapes
