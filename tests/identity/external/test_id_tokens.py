"""Arbitrary ID tokens and configurations."""

from __future__ import annotations

import json
from typing import Any

import jwt as pyjwt
import pytest
from hypothesis import given
from hypothesis import strategies as st
from joserfc.jwk import RSAKey

from opencasb.identity.errors import InvalidToken
from opencasb.identity.external.id_tokens import IdClaims, check_id_token, read_configuration
from opencasb.identity.trust.documents import BadDocument
from tests.conftest import NOW
from tests.identity.standin import spare_key

KEY = spare_key()
KEYS = {"k": RSAKey.import_key(KEY.public_key())}
ABOUT = {"iss": "i", "sub": "s", "aud": "c", "exp": NOW // 1000 + 60, "iat": NOW // 1000, "nonce": "n"}


def check(token: str) -> IdClaims:
    """Check a token for one particular sign-in."""
    return check_id_token(token, KEYS, NOW, issuer="i", client_id="c", nonce="n")


def signed(claims: dict[str, Any], **header: Any) -> str:
    """Return a token signed by the provider."""
    return pyjwt.PyJWS().encode(json.dumps(claims).encode(), KEY, "RS256", {"kid": "k", **header})


def test_headers_that_are_not_understood_refuse_a_token() -> None:
    """A key embedded in the token has no effect."""
    assert check(signed(ABOUT, jwk={"kty": "RSA"}, jku="https://evil.example/")).sub == "s"
    for header in ({"crit": ["exp"]}, {"kid": "other"}):
        with pytest.raises(InvalidToken):
            check(signed(ABOUT, **header))


@given(
    st.text(max_size=30)
    | st.dictionaries(
        st.sampled_from([*ABOUT, "amr", "azp", "email", "email_verified"]),
        st.none() | st.booleans() | st.integers() | st.text(max_size=3) | st.lists(st.text(max_size=2), max_size=2),
    )
)
def test_any_token_is_taken_or_refused(made: str | dict[str, Any]) -> None:
    """No other exception is raised; an accepted token is for this sign-in."""
    token = made if isinstance(made, str) else signed(ABOUT | made)
    try:
        claims = check(token)
    except InvalidToken:
        return
    assert (claims.iss, claims.nonce) == ("i", "n")


@given(st.binary(max_size=40) | st.just(b"[" * 200_000))
def test_any_bytes_are_no_configuration(content: bytes) -> None:
    """They are rejected as invalid."""
    with pytest.raises(BadDocument):
        read_configuration(content, "https://id.example")


def test_a_name_is_relied_on_only_where_the_provider_can_know_it() -> None:
    """Verified as a boolean, or as the text that some providers write."""
    facts: dict[str, Any] = {**ABOUT, "upn": "u", "preferred_username": "p", "email": "e"}
    plain = IdClaims(**facts)
    assert [plain.name(claim) for claim in ("upn", "preferred_username", "email", "", "sub")] == ["u", "p", "", "", ""]
    assert IdClaims(**facts, email_verified="true").name("email") == "e"
    assert IdClaims(**facts, idp="https://other.example").name("upn") == ""
    assert IdClaims(**{**facts, "upn": "\0"}).name("upn") == ""
