"""Client assertions: real signatures, the variants of real libraries, and rejected ones."""

from __future__ import annotations

import base64
import json
import uuid
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import jwt
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from opencasb.identity import assertions
from opencasb.identity.assertions import Assertions
from opencasb.identity.errors import OAuthError
from opencasb.identity.registrations import read_certificate
from opencasb.model.permissions import MDCA
from opencasb.model.registration import Certificate
from opencasb.store.used_assertions import UsedAssertions
from tests.conftest import NOW
from tests.identity.flows import Flow
from tests.identity.standin import PUBLIC_URL, HandClock, spare_key

Key = rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey


def certificate_of(key: Key, now: int, days: int = 30) -> bytes:
    """Return a self-signed certificate in PEM."""
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "client")])
    start = datetime.fromtimestamp(now / 1000, UTC) - timedelta(days=1)
    builder = x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number()).not_valid_before(start)
    certificate = builder.not_valid_after(start + timedelta(days=days)).sign(key, hashes.SHA256())
    return certificate.public_bytes(serialization.Encoding.PEM)


@pytest.fixture
def key() -> rsa.RSAPrivateKey:
    """Return the application's private key."""
    return spare_key()


@pytest.fixture
def certificate(flow: Flow, key: rsa.RSAPrivateKey, hand: HandClock) -> Certificate:
    """Register the application's certificate, whose thumbprint has characters of both base64 alphabets."""
    content = certificate_of(key, hand.now)
    while not all("-" in each or "_" in each for each in _thumbprints(content)):
        content = certificate_of(key, hand.now)
    return flow.casb.identity.registrations.add_certificate(flow.application, content, by="test")


def _thumbprints(content: bytes) -> list[str]:
    made = read_certificate(content, description="", now=0)
    return [made.sha1, made.sha256]


Sign = Callable[..., dict[str, str]]


@pytest.fixture
def sign(flow: Flow, key: rsa.RSAPrivateKey, certificate: Certificate, hand: HandClock) -> Sign:
    """Return a function that creates forms with an assertion; claims and header can be changed, None omits one."""

    def signed(
        algorithm: str = "PS256", by: Key = key, header: dict[str, Any] | None = None, **changed: Any
    ) -> dict[str, str]:
        now = hand.now / 1000
        claims = {
            "iss": flow.application.client_id,
            "sub": flow.application.client_id,
            "aud": f"{PUBLIC_URL}/contoso.example/oauth2/v2.0/token",
            "exp": now + 600.5,
            "iat": now,
            "jti": str(uuid.uuid4()),
            **changed,
        }
        claims = {name: value for name, value in claims.items() if value is not None}
        token = jwt.encode(claims, by, algorithm, headers=header or {"x5t#S256": certificate.sha256 + "="})
        return {
            "grant_type": "client_credentials",
            "scope": f"{MDCA.app_id}/.default",
            "client_secret": "",
            "client_assertion": token,
            "client_assertion_type": assertions.TYPE,
        }

    return signed


@pytest.mark.parametrize(
    ("algorithm", "names"),
    [
        ("PS256", "x5t#S256"),
        ("RS256", "x5t"),
        ("RS256", "kid"),
        ("PS256", "hex kid"),
        ("RS256", "small hex kid"),
        ("PS256", "standard x5t#S256"),
        ("RS256", "standard x5t"),
        ("RS256", "standard kid"),
    ],
)
def test_an_assertion_stands_for_a_secret(
    flow: Flow, sign: Sign, certificate: Certificate, algorithm: str, names: str
) -> None:
    """By either thumbprint, padded or not, in either alphabet, or by key id; tokens have the method used."""
    sha256, sha1 = (base64.urlsafe_b64decode(each + "==") for each in (certificate.sha256, certificate.sha1))
    headers = {
        "x5t#S256": {"x5t#S256": certificate.sha256 + "="},
        "x5t": {"x5t": certificate.sha1},
        "kid": {"kid": certificate.key_id},
        "hex kid": {"kid": sha1.hex().upper()},
        "small hex kid": {"kid": sha1.hex()},
        "standard x5t#S256": {"x5t#S256": base64.b64encode(sha256).decode()},
        "standard x5t": {"x5t": base64.b64encode(sha1).decode()},
        "standard kid": {"kid": base64.b64encode(sha256).decode()},
    }
    body = flow.ask(sign(algorithm, header=headers[names]))
    claims = jwt.decode(body["access_token"], options={"verify_signature": False})
    assert claims["appidacr"] == "2"


def test_a_whole_certificate_in_the_header_does_no_harm(flow: Flow, sign: Sign, certificate: Certificate) -> None:
    """Libraries include theirs; it may be long, and is not read."""
    content = x509.load_pem_x509_certificate(certificate.pem.encode()).public_bytes(serialization.Encoding.DER)
    x5c = [base64.b64encode(content).decode()] * 3
    assert flow.ask(sign(header={"x5t#S256": certificate.sha256, "x5c": x5c}))["access_token"]


def test_padded_parts_are_signed_as_they_stand(
    flow: Flow, sign: Sign, key: rsa.RSAPrivateKey, certificate: Certificate
) -> None:
    """Asynchronous azure-identity keeps the ``=``, which the signature covers."""
    form = sign()
    claims = jwt.utils.base64url_decode(form["client_assertion"].split(".")[1])
    header = {"alg": "PS256", "x5t#S256": certificate.sha256, "pad": ""}
    while len(json.dumps(header)) % 3 != 1 or len(claims) % 3 == 0:
        header["pad"] += " "
        claims += b" "
    signed = b".".join(map(base64.urlsafe_b64encode, (json.dumps(header).encode(), claims)))
    assert b"=." in signed
    hashed = hashes.SHA256()
    signature = key.sign(signed, padding.PSS(padding.MGF1(hashed), hashed.digest_size), hashed)
    proof = (signed + b"." + base64.urlsafe_b64encode(signature)).decode()
    assert flow.refused({**form, "client_assertion": proof.replace("=", "")}).code == 700027
    assert flow.ask({**form, "client_assertion": proof})["access_token"]


def test_extensions_that_must_be_understood_are_not(flow: Flow, sign: Sign, certificate: Certificate) -> None:
    """``crit`` is rejected, even with a valid signature."""
    header = {"x5t#S256": certificate.sha256, "crit": ["b64"], "b64": True}
    assert flow.refused(sign(header=header)).code == 50012


def test_the_client_id_may_be_left_to_the_assertion(flow: Flow, sign: Sign) -> None:
    """It has the client id."""
    assert flow.ask({**sign(), "client_id": ""})["access_token"]


@pytest.mark.parametrize(
    "audience",
    [
        "/{guid}/oauth2/token",
        "/{guid}/v2.0",
        "/{guid}/",
        "/CONTOSO.example/v2.0",
        "/{guid}/oauth2/token?api-version=1.0",
    ],
)
def test_every_name_of_the_endpoint_is_an_audience(flow: Flow, sign: Sign, audience: str) -> None:
    """Endpoint or issuer, with any name of the tenant."""
    form = sign(aud=PUBLIC_URL + audience.format(guid=flow.tenant.guid))
    assert flow.ask(form, segment="CONTOSO.example")["access_token"]


@pytest.mark.parametrize("base", ["https://127.0.0.1:8443", "https://[::1]:8443", "https://localhost:8443"])
def test_every_name_in_our_certificate_is_in_an_audience(flow: Flow, sign: Sign, base: str) -> None:
    """Including this machine's IP address."""
    assert flow.ask(sign(aud=f"{base}/contoso.example/oauth2/v2.0/token"))["access_token"]


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"aud": "https://127.0.0.1:8444/contoso.example/oauth2/v2.0/token"}, 50012),
        ({"aud": "http://127.0.0.1:8443/contoso.example/oauth2/v2.0/token"}, 50012),
        ({"aud": "https://login.elsewhere.example/contoso.example/oauth2/v2.0/token"}, 50012),
        ({"iss": "somebody"}, 50048),
        ({"exp": None}, 50012),
        ({"exp": 1_000_000}, 50012),
        ({"exp": 99_999_999_999}, 50012),
        ({"nbf": 99_999_999_999}, 50012),
        ({"iat": 99_999_999_999}, 50012),
        ({"header": {"x5t": "AAAA"}}, 700027),
        ({"header": {"alg": "RS256"}}, 700027),
        ({"header": {"x5t": "\u00e9"}}, 700027),
        ({"header": {"x5t#S256": "\u00e9"}}, 700027),
        ({"header": {"kid": "\u00e9"}}, 700027),
        ({"by": rsa.generate_private_key(public_exponent=65537, key_size=2048)}, 700027),
        ({"by": ec.generate_private_key(ec.SECP256R1()), "algorithm": "ES256"}, 700027),
    ],
)
def test_each_mistake_has_its_code(flow: Flow, sign: Sign, change: dict[str, Any], code: int) -> None:
    """Wrong audience, times, certificate or signature."""
    assert flow.refused(sign(**change)).code == code


def test_no_algorithm_but_ours(flow: Flow, sign: Sign, certificate: Certificate) -> None:
    """Neither ``none`` nor a MAC with the public certificate as key (RFC 8725 §2.1)."""
    claims = jwt.decode(sign()["client_assertion"], options={"verify_signature": False})
    header = {"x5t": certificate.sha1}
    for token in (
        jwt.encode(claims, "", "none", headers=header),
        jwt.encode(claims, certificate.sha256, "HS256", headers=header),
    ):
        assert flow.refused({**sign(), "client_assertion": token}).code == 50012


def test_an_assertion_is_repeated_by_its_client_and_expires(flow: Flow, sign: Sign, hand: HandClock) -> None:
    """Libraries reuse one for some minutes, for any request; afterwards it is rejected."""
    form = sign()
    assert flow.ask(form)["access_token"]
    assert flow.ask({**form, "scope": "https://graph.microsoft.com/.default"})["access_token"]
    hand.now += 1000 * (600 + assertions.LEEWAY + 1)
    assert flow.refused(form).code == 50012


def test_an_identifier_is_that_of_one_assertion(flow: Flow, sign: Sign) -> None:
    """The same ``jti`` with other claims or another signature is always rejected."""
    first = sign(jti="one")
    assert flow.ask(first)["access_token"]
    for other in (sign(jti="one"), sign(jti="one", exp=NOW / 1000 + 60)):
        assert flow.refused(other).code == 50012
        assert flow.refused(other).code == 50012
        assert flow.ask(first)["access_token"]
    assert flow.ask(sign(jti="two"))["access_token"]


def test_an_expired_certificate_signs_nothing(flow: Flow, sign: Sign, hand: HandClock) -> None:
    """It can only be used while it is valid."""
    hand.now += 31 * 24 * 3600 * 1000
    assert flow.refused(sign()).code == 700027


def test_elliptic_keys_sign_too(flow: Flow, hand: HandClock, sign: Sign) -> None:
    """ES256, with a certificate on the curve P-256."""
    key = ec.generate_private_key(ec.SECP256R1())
    content = certificate_of(key, hand.now)
    kept = flow.casb.identity.registrations.add_certificate(flow.application, content, by="test")
    assert flow.ask(sign("ES256", key, {"x5t#S256": kept.sha256}))["access_token"]


@given(st.one_of(st.text(), st.binary().map(lambda raw: jwt.utils.base64url_encode(raw).decode() + ".e30.x")))
def test_no_text_makes_the_reader_fail(text: str) -> None:
    """Everything else is rejected as malformed."""
    with pytest.raises(OAuthError) as refusal:
        assertions.read(text)
    assert refusal.value.code in {50012, 50048}


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60)
@given(data=st.data())
def test_no_changed_assertion_is_taken(flow: Flow, sign: Sign, certificate: Certificate, data: st.DataObject) -> None:
    """Any changed character, header or claim with the old signature is rejected with its error number."""
    text = sign()["client_assertion"]
    head, payload, signature = text.split(".")
    changed = data.draw(st.sampled_from(["letter", "header", "claims", "cut"]))
    if changed == "letter":
        place = data.draw(st.integers(0, len(text) - 1).filter(lambda number: text[number] != "."))
        letter = data.draw(st.sampled_from("AZaz09-_=.~").filter(lambda each: each != text[place]))
        text = text[:place] + letter + text[place + 1 :]
    elif changed == "cut":
        text = text[: data.draw(st.integers(0, len(text) - 1))]
    else:
        names = st.sampled_from(["alg", "kid", "x5t#S256", "crit", "jwk", "iss", "sub", "aud", "exp", "jti"])
        values = st.sampled_from(["none", "HS256", "RS256", "", None, 1, ["x"], 1e400, flow.application.client_id])
        part = head if changed == "header" else payload
        known = json.loads(jwt.utils.base64url_decode(part))
        other = {**known, **data.draw(st.dictionaries(names, values, min_size=1))}
        assume(other != known)
        again = jwt.utils.base64url_encode(json.dumps(other).encode()).decode()
        text = f"{again}.{payload}.{signature}" if changed == "header" else f"{head}.{again}.{signature}"
    checker = Assertions(UsedAssertions(flow.casb.database), flow.casb.clock)
    audience = {f"{PUBLIC_URL}/contoso.example/oauth2/v2.0/token"}
    with pytest.raises(OAuthError) as refusal:
        checker.check(assertions.read(text), [certificate], audience, tenant_id=flow.tenant.tenant_id)
    assert refusal.value.code in {50012, 50048, 700027}
