"""Documents of directories: which keys are used, and what is rejected."""

from __future__ import annotations

import json
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from hypothesis import given
from hypothesis import strategies as st

from opencasb.identity.trust.documents import MOST_KEYS, BadDocument, issuers_of, read_keys, read_metadata
from opencasb.model.trusted_issuer import TrustedIssuer
from tests.identity.standin import spare_key
from tests.identity.trust.directory import DIRECTORY, Directory, jwk

ISSUER = TrustedIssuer(tenant_id=1, issuer=DIRECTORY)
KEY = spare_key()


def keys(*found: Any) -> set[str]:  # any JSON
    """Return the ids of the usable keys in a set."""
    try:
        return set(read_keys(json.dumps({"keys": found}).encode(), issuers_of(ISSUER)))
    except BadDocument:
        return set()


@pytest.mark.parametrize(
    ("changed", "is_used"),
    [
        ({}, True),
        ({"use": None}, True),
        ({"alg": "RS256"}, True),
        ({"issuer": "https://login.microsoftonline.com/{tenantid}/v2.0"}, True),
        ({"issuer": f"https://login.microsoftonline.com/{DIRECTORY}/v2.0"}, True),
        ({"issuer": "https://sts.windows.net/{tenantid}/"}, True),
        ({"issuer": "https://login.microsoftonline.com/9188040d-6c67-4c5b-b112-36a304b66dad/v2.0"}, False),
        ({"issuer": "https://evil.example/{tenantid}/v2.0"}, False),
        ({"use": "enc"}, False),
        ({"alg": "RS512"}, False),
        ({"alg": "RSA-OAEP"}, False),
        ({"kty": "EC"}, False),
        ({"kid": None}, False),
        ({"kid": ""}, False),
        ({"n": "!"}, False),
        ({"n": ""}, False),
        ({"e": ""}, False),
        ({"n": 5}, False),
    ],
)
def test_keys_of_this_issuer_for_signatures_are_used(changed: dict[str, Any], is_used: bool) -> None:
    """A key's issuer may have a placeholder for the directory; a key of another directory is ignored."""
    assert keys(jwk("one", KEY) | changed) == ({"one"} if is_used else set())


def test_a_key_is_long_enough_and_not_too_long() -> None:
    """1024 bits can be broken, 16384 would take too much time."""
    short = rsa.generate_private_key(public_exponent=65537, key_size=1024)  # noqa: S505 -- the subject of the test
    long = jwk("long", KEY) | {"n": "_" * 2730 + "8"}
    assert keys(jwk("short", short), long, jwk("right", KEY)) == {"right"}


def test_a_set_of_too_many_keys_is_refused() -> None:
    """Whatever they are."""
    with pytest.raises(BadDocument, match="at most"):
        read_keys(json.dumps({"keys": [{}] * (MOST_KEYS + 1)}).encode(), issuers_of(ISSUER))


def test_issuers_of_known_clouds_are_known_without_metadata() -> None:
    """Any other authority signs both versions under its own name."""
    assert issuers_of(ISSUER) == {Directory().v1, Directory().v2}
    own = TrustedIssuer(tenant_id=1, issuer=DIRECTORY, authority="casb.example:8443")
    assert issuers_of(own) == {
        f"https://casb.example:8443/{DIRECTORY}/",
        f"https://casb.example:8443/{DIRECTORY}/v2.0",
    }


@pytest.mark.parametrize(
    ("version", "issuer", "is_right"),
    [
        (1, f"https://sts.windows.net/{DIRECTORY}/", True),
        (1, "https://sts.windows.net/{tenantid}/", True),
        (1, f"https://sts.windows.net/{DIRECTORY}/?x/", False),
        (1, f"http://sts.windows.net/{DIRECTORY}/", False),
        (1, f"https://sts.windows.net/{DIRECTORY}", False),
        (1, "https://sts.windows.net/00000000-1111-4222-8333-444444444444/", False),
        (2, f"https://login.microsoftonline.com/{DIRECTORY}/v2.0", True),
        (2, f"https://evil.example/{DIRECTORY}/v2.0", False),
        (2, f"https://login.microsoftonline.com/{DIRECTORY}/", False),
        (2, "https://[/", False),
    ],
)
def test_metadata_is_about_the_directory(version: Any, issuer: str, is_right: bool) -> None:
    """The v1.0 issuer may have another host, but nothing else may differ."""
    content = json.dumps({"issuer": issuer, "jwks_uri": "https://login.microsoftonline.com/keys"}).encode()
    if is_right:
        assert DIRECTORY in read_metadata(content, ISSUER, version).issuer
        return
    with pytest.raises(BadDocument, match="issuer"):
        read_metadata(content, ISSUER, version)


@given(st.binary(max_size=60) | st.just(b"[" * 200_000))
def test_any_bytes_are_read_or_refused(content: bytes) -> None:
    """Only the documented exception is raised."""
    for read in (
        lambda: read_keys(content, issuers_of(ISSUER)),
        lambda: read_metadata(content, ISSUER, 1),
        lambda: read_metadata(content, ISSUER, 2),
    ):
        with pytest.raises(BadDocument):
            read()
