"""Error responses: their JSON body and texts."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from opencasb.api.graph.errors import MethodNotAllowed, TooManyRequests, body, quoted
from tests.api.graph.contract import CONTRACT

IDS = {"request-id": "8d3b5a0e-6a5e-4f0e-9d80-6f6a1f0d8a11", "client-request-id": "x"}


def test_the_body_is_the_graph_error_object() -> None:
    """The body has date and ids in innerError, the date in seconds UTC without a zone."""
    made = body("BadRequest", "no", 1_763_640_000_123, IDS)
    CONTRACT.check_value("error", made)
    assert made == {
        "error": {"code": "BadRequest", "message": "no", "innerError": {"date": "2025-11-20T12:00:00", **IDS}}
    }


def test_errors_carry_the_headers_of_their_status() -> None:
    """405 has the allowed verb, 429 the time to wait."""
    assert MethodNotAllowed("PATCH", "GET").headers == {"Allow": "GET"}
    assert TooManyRequests("slow", 7).headers == {"Retry-After": "7"}


@given(st.text(max_size=300))
def test_quoted_text_is_short_and_printable(text: str) -> None:
    """Hostile text in a message is truncated, without control characters."""
    shown = quoted(text)
    assert len(shown) <= 65
    assert shown.isprintable()
