"""Error responses have the status, body and headers that clients look for (api §2.4, §16)."""

from __future__ import annotations

import pytest

from opencasb.api.v1 import errors
from opencasb.api.v1.errors import (
    BadFilter,
    BadRequest,
    InsufficientStorage,
    MethodNotAllowed,
    NotAuthenticated,
    Throttled,
    Unavailable,
)
from opencasb.filters.errors import InvalidFilter, Problem


@pytest.mark.parametrize(
    ("refusal", "status", "detail"),
    [
        (errors.Forbidden(), 403, "You do not have permission to perform this action."),
        (errors.NotFound(), 404, "Not found."),
        (errors.TooLarge(), 413, "Request entity too large."),
        (errors.InternalError(), 500, "Internal server error."),
        (NotAuthenticated(missing=True, challenge=""), 401, "Authentication credentials were not provided."),
        (NotAuthenticated(missing=False, challenge=""), 401, "Invalid token."),
        (NotAuthenticated(missing=False, challenge="", hint="So."), 401, "Invalid token. So."),
        (MethodNotAllowed("PUT", ["GET"]), 405, 'Method "PUT" not allowed.'),
        (Unavailable("a"), 503, "a; nothing of this was acknowledged, repeat it later"),
        (InsufficientStorage("a"), 507, "a; nothing of this was acknowledged, repeat it later"),
        (Throttled(42), 429, "Request was throttled. Expected available in 42 seconds."),
    ],
)
def test_the_detail_of_each_refusal(refusal: errors.Refusal, status: int, detail: str) -> None:
    """Texts that clients search for are exact."""
    assert (refusal.status, refusal.body) == (status, {"detail": detail})


def test_the_headers_of_refusals() -> None:
    """Schemes for a 401, methods for a 405, seconds for a 429."""
    assert NotAuthenticated(missing=True, challenge='Bearer realm=""').challenges == ("Token", 'Bearer realm=""')
    assert MethodNotAllowed("PUT", {"POST", "GET"}).headers == {"allow": "GET, POST"}
    assert InsufficientStorage("a").headers == {"retry-after": "30"}
    assert Throttled(7).headers == {"retry-after": "7"}


def test_a_bad_request_has_errors_and_a_bad_filter_both_forms() -> None:
    """One client reads ``errors``, the recorded response has ``filters`` (api §6.2)."""
    assert BadRequest("x").body == {"error": True, "errors": [{"error": "x"}]}
    problems = Problem("filter 'score' …", value="banana"), Problem("filter 'colour' …", unknown="colour")
    assert BadFilter(InvalidFilter(*problems)).body == {
        "error": True,
        "errors": [{"error": "filter 'score' …"}, {"error": "filter 'colour' …"}],
        "filters": [
            {
                "error": "banana is not valid",
                "errorMessageCode": "CONSOLE_FORMS_NOT_VALID_VALUE",
                "errorMessageParams": {"value": "banana"},
            },
            {
                "error": "colour is not valid",
                "errorMessageCode": "CONSOLE_FORMS_NOT_VALID_FILTER",
                "errorMessageParams": {"filter": "colour"},
            },
        ],
    }
