"""Client authentication."""

from __future__ import annotations

import base64
from urllib.parse import quote_plus

import pytest
from hypothesis import given
from hypothesis import strategies as st

from opencasb.identity import assertions
from opencasb.identity.clients import ClientCredential, presented
from opencasb.identity.errors import OAuthError


def _basic(client_id: str, secret: str) -> str:
    return "Basic " + base64.b64encode(f"{client_id}:{secret}".encode()).decode()


@given(client_id=st.text(min_size=1).filter(lambda text: text == text.strip()), secret=st.text(min_size=1))
def test_basic_credentials_are_form_encoded(client_id: str, secret: str) -> None:
    """Id and secret are each decoded once, so they may contain any character."""
    header = _basic(quote_plus(client_id), quote_plus(secret))
    assert presented({}, header) == ClientCredential(client_id, secret)


@pytest.mark.parametrize(
    ("form", "authorization", "expected"),
    [
        ({"client_id": "a", "client_secret": "s+/% "}, None, ClientCredential("a", "s+/% ")),
        ({"client_id": "a"}, None, ClientCredential("a", None)),
        ({"client_id": "a", "client_secret": ""}, None, ClientCredential("a", None)),
        ({"client_id": "a", "client_secret": "s"}, "Bearer xyz", ClientCredential("a", "s")),
        ({}, _basic("a", "s"), ClientCredential("a", "s")),
        ({}, "bAsIc   " + _basic("a", "s:t")[6:], ClientCredential("a", "s:t")),
        ({}, _basic("a", ""), ClientCredential("a", None)),
        ({"client_id": "A"}, _basic("a", "s"), ClientCredential("a", "s")),
        ({"client_id": "", "client_secret": "", "client_assertion": ""}, _basic("a", "s"), ClientCredential("a", "s")),
        ({"client_id": "a", "client_secret": "s", "client_assertion": ""}, None, ClientCredential("a", "s")),
    ],
)
def test_a_credential_is_read_from_body_or_header(
    form: dict[str, str], authorization: str | None, expected: ClientCredential
) -> None:
    """Only one of them; other schemes in the header are ignored here."""
    assert presented(form, authorization) == expected


@pytest.mark.parametrize(
    ("form", "authorization", "code"),
    [
        ({}, None, 900144),
        ({"client_secret": "s"}, None, 900144),
        ({"client_id": "a", "client_secret": "s"}, _basic("a", "s"), 90013),
        ({"client_id": "b"}, _basic("a", "s"), 90013),
        ({"client_id": "a", "client_secret": "s", "client_assertion": "x.y.z"}, None, 90013),
        ({"client_id": "a", "client_assertion": "x.y.z"}, None, 900144),
        ({"client_assertion": "x.y.z", "client_assertion_type": "saml"}, None, 90013),
        ({"client_assertion": "x.y.z", "client_assertion_type": assertions.TYPE}, None, 50012),
        ({}, "Basic", 90013),
        ({}, "Basic !", 90013),
        ({}, "Basic /w==", 90013),
        ({}, _basic("a", "%ff"), 90013),
        ({}, _basic("", "s"), 90013),
        ({}, "Basic " + base64.b64encode(b"no colon").decode(), 90013),
    ],
)
def test_other_credentials_are_refused_with_their_code(
    form: dict[str, str], authorization: str | None, code: int
) -> None:
    """Missing, duplicate and malformed credentials, of every kind."""
    with pytest.raises(OAuthError) as refusal:
        presented(form, authorization)
    assert refusal.value.code == code
