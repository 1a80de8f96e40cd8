"""Individual tokens of an issuer."""

from __future__ import annotations

import base64
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from opencasb.identity.errors import Explained, InvalidToken
from opencasb.identity.trust.foreign_tokens import FOR_GRAPH, LARGEST, check, directory_of
from opencasb.identity.trust.issuer_keys import IssuerKeys
from opencasb.model.trusted_issuer import TrustedIssuer
from tests.conftest import NOW
from tests.identity.trust.directory import APP, DIRECTORY, Directory


@pytest.fixture
def directory() -> Directory:
    """A directory."""
    return Directory()


@pytest.fixture
def keys(directory: Directory) -> IssuerKeys:
    """Its keys, for our REST API."""
    return IssuerKeys(TrustedIssuer(tenant_id=1, issuer=DIRECTORY, audiences=(APP,)), directory.fetch, lambda: NOW)


def test_a_token_says_which_directory_it_comes_from(directory: Directory) -> None:
    """With the guid in any case; nothing is verified yet."""
    assert directory_of(directory.sign(directory.claims(NOW, tid=DIRECTORY.upper()))) == DIRECTORY


@given(st.text(max_size=40) | st.binary(max_size=40).map(lambda content: f".{base64.b64encode(content).decode()}."))
def test_any_text_names_no_directory(token: str) -> None:
    """It does not raise."""
    assert directory_of(token) == ""


def test_the_claims_are_those_that_were_signed(directory: Directory, keys: IssuerKeys) -> None:
    """The client id has a different claim in each version; the type may be that of access tokens (RFC 9068)."""
    assert check(directory.sign(directory.claims(NOW)), "mdca", keys, NOW).client_id
    user = check(directory.sign(directory.for_user(NOW), typ="at+jwt"), "mdca", keys, NOW)
    assert (user.client_id, user.scp, user.is_guest) == (user.azp, "Discovery.Read Discovery.Manage", False)


def test_a_token_for_graph_is_told_apart_before_any_key_is_asked_for(directory: Directory, keys: IssuerKeys) -> None:
    """Its key id does not cause a fetch."""
    with pytest.raises(Explained, match="Microsoft Graph"):
        check(directory.sign(directory.claims(NOW), nonce="x"), "graph", keys, NOW)
    assert directory.asked == []
    assert FOR_GRAPH.isascii()
    assert '"' not in FOR_GRAPH


@pytest.mark.parametrize("claim", ["appid", "oid"])
@pytest.mark.parametrize("value", ["", "a\nb"])
def test_a_token_says_who_asked_for_whom(directory: Directory, keys: IssuerKeys, claim: str, value: str) -> None:
    """In texts that can be written to a log."""
    token = directory.sign(directory.claims(NOW, **{claim: value}))
    with pytest.raises(InvalidToken, match="no access token"):
        check(token, "mdca", keys, NOW)


@pytest.mark.parametrize("header", [{"typ": "JWS"}, {"crit": []}, {"kid": "other"}])
def test_headers_that_are_not_understood_refuse_a_token(
    directory: Directory, keys: IssuerKeys, header: dict[str, Any]
) -> None:
    """A text that is too long is rejected, too."""
    with pytest.raises(InvalidToken):
        check(directory.sign(directory.claims(NOW), **header), "mdca", keys, NOW)
    long = directory.sign(directory.claims(NOW, more="x" * LARGEST))
    assert json.loads(base64.urlsafe_b64decode(long.split(".")[1] + "==="))["tid"] == DIRECTORY
    with pytest.raises(InvalidToken, match="too long"):
        check(long, "mdca", keys, NOW)
