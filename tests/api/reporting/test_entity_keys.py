"""Row keys in URLs."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from opencasb.api.graph.errors import BadRequest
from opencasb.api.reporting import entity_keys
from opencasb.reporting.schema import APP_DOMAINS, APP_USAGE, APPS, STREAMS


def test_keys_are_single_or_named() -> None:
    """In any order; apostrophes are doubled, commas and equals signs are literal inside quotes."""
    assert entity_keys.read(APPS, "10489") == {"AppId": 10489}
    assert entity_keys.read(STREAMS, "StreamId='it''s, a=b'") == {"StreamId": "it's, a=b"}
    assert entity_keys.read(APP_USAGE, "AppId=5 , Period='P7D',AsOfDate=2025-11-20") == {
        "AsOfDate": date(2025, 11, 20),
        "Period": "P7D",
        "AppId": 5,
    }


@pytest.mark.parametrize("text", ["", "AppId=", "x", "AppId=1,AppId=2", "AppId=1,Domain='x", "1,2", "AppId=1,Domain=5"])
def test_other_keys_are_refused(text: str) -> None:
    """The error has the key columns, or the type."""
    with pytest.raises(BadRequest, match=r"AppId, Domain|must be an Edm\."):
        entity_keys.read(APP_DOMAINS, text)


@given(st.text(max_size=40))
def test_any_text_is_read_or_refused(text: str) -> None:
    """Only the rejection is raised."""
    try:
        found = entity_keys.read(APP_DOMAINS, text)
    except BadRequest:
        return
    assert set(found) == set(APP_DOMAINS.key)


@pytest.mark.parametrize("pump", [" ", "a'", "''", "a ", "a=", "a= ", "a=1,"])
def test_a_hostile_key_takes_linear_time(pump: str) -> None:
    """Nothing is tried again and again."""
    with pytest.raises(BadRequest):
        entity_keys.read(APP_DOMAINS, f"a{pump * 50_000}!")
