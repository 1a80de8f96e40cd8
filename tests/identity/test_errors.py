"""Error responses as seen by clients."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from opencasb.identity.errors import CODES, OAuthError

TRACE = "11111111-2222-4333-8444-555555555555"
CORRELATION = "99999999-8888-4777-8666-555555555555"


@pytest.mark.parametrize("code", list(CODES))
def test_a_refusal_has_the_documented_body(code: int) -> None:
    """The body has the seven fields, and the description has number, ids and time in the usual order."""
    error = OAuthError(code, "Something is wrong.")
    body = error.body(1_763_640_000_000, TRACE, CORRELATION)
    assert body == {
        "error": CODES[code][0],
        "error_description": f"AADSTS{code}: Something is wrong. Trace ID: {TRACE} Correlation ID: {CORRELATION}"
        " Timestamp: 2025-11-20 12:00:00Z",
        "error_codes": [code],
        "timestamp": "2025-11-20 12:00:00Z",
        "trace_id": TRACE,
        "correlation_id": CORRELATION,
    }
    assert error.status == CODES[code][1]
    assert re.search(r"AADSTS(\d+)", str(error))


def test_no_refusal_is_a_server_error() -> None:
    """Client errors are never 5xx: some libraries would raise instead of reporting them."""
    assert {status for _, status in CODES.values()} == {400, 401, 405, 429}


def test_every_number_can_come_up() -> None:
    """Each is raised somewhere, and named by a test."""
    root = Path(__file__).parents[2]
    source = "".join(path.read_text() for path in (root / "src/opencasb").rglob("*.py") if path.name != "errors.py")
    tests = "".join(path.read_text() for path in (root / "tests").glob("*/**/test_*.py"))
    for code in CODES:
        assert re.search(rf"(?<!\d){code}(?!\d)", source), code
        assert re.search(rf"(?<!\d){code}(?!\d)", tests), code
