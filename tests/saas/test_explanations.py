"""Explanations of an authority's errors."""

from __future__ import annotations

import pytest

from opencasb.model.saas import Integration
from opencasb.saas.errors import RetryLater
from opencasb.saas.explanations import refusal
from tests.saas.standin import CLIENT, DIRECTORY, SECRET_ID

INTEGRATION = Integration(
    tenant_id=1,
    name="graph",
    directory_id=DIRECTORY,
    client_id=CLIENT,
    sealed_secret=b"",
    authority="https://a.example",
)


@pytest.mark.parametrize(
    ("number", "code"),
    [
        (7000215, "secret_wrong"),
        (7000222, "secret_expired"),
        (7000218, "secret_missing"),
        (90002, "directory_unknown"),
        (900023, "directory_unknown"),
        (700016, "app_unknown"),
        (7000112, "app_disabled"),
        (90033, "authority_busy"),
        (90055, "authority_busy"),
        (53003, "policy"),
        (500011, "graph_unknown"),
        (99999, "token_refused"),
    ],
)
def test_a_number_is_found_in_the_list_and_in_the_text(number: int, code: str) -> None:
    assert refusal({"error": "temporarily_unavailable"}, INTEGRATION, "value").code == "authority_busy"
    text = f"AADSTS{number}: Some text. Trace ID: t"
    for answer in ({"error_codes": [number], "error_description": "x"}, {"error": "e", "error_description": text}):
        found = refusal(answer, INTEGRATION, "value")
        assert (found.code, isinstance(found, RetryLater)) == (code, code == "authority_busy")


def test_a_refusal_names_application_directory_and_authority() -> None:
    assert f"{CLIENT} in the directory {DIRECTORY}" in str(refusal({"error_codes": [700016]}, INTEGRATION, "v"))
    assert "https://a.example" in str(refusal({"error_codes": [90002]}, INTEGRATION, "v"))


def test_a_secret_that_is_an_id_is_known_as_such() -> None:
    assert "was given is the secret's id" in str(refusal({"error_codes": [7000215]}, INTEGRATION, SECRET_ID))
    assert "was given is the secret's id" not in str(refusal({"error_codes": [7000215]}, INTEGRATION, "value"))


@pytest.mark.parametrize("answer", [{}, {"error_codes": ["x"]}, {"error_codes": 3}, {"error_description": ["\0", 1]}])
def test_any_answer_has_a_sentence(answer: dict[str, object]) -> None:
    """Unprintable characters are removed from hostile text."""
    assert str(refusal(answer, INTEGRATION, "v")).isprintable()


def test_unknown_refusals_are_quoted_shortly() -> None:
    found = refusal({"error": "e", "error_description": "AADSTS1: " + "x" * 500 + "\r\nTrace"}, INTEGRATION, "v")
    assert str(found) == "The authority gives no token: AADSTS1: " + "x" * 291
