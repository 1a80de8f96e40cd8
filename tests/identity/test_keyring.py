"""Signing keys and their life cycle."""

from __future__ import annotations

import base64
from itertools import pairwise

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import rsa
from structlog.testing import capture_logs

from opencasb.identity.keyring import BITS, RELOAD_AFTER, RETIRE_AFTER, ROTATE_AFTER, Keyring, new_rsa_key
from opencasb.identity.vault import Vault
from opencasb.model.durations import DAY
from opencasb.store.audit_log import SERVER
from opencasb.store.signing_keys import SealedKey, SigningKeys
from tests.identity.standin import HandClock, StandIn


@pytest.fixture
def keyring(casb: StandIn) -> Keyring:
    """Return the keyring of ``casb``."""
    return casb.identity.keyring


def test_the_first_use_makes_the_current_key_and_the_next(keyring: Keyring, hand: HandClock) -> None:
    """Two keys are published from the start; the later one does not sign yet."""
    current, upcoming = keyring.published()
    assert keyring.signer() is current
    assert (current.active_from, upcoming.active_from) == (hand.now, hand.now + ROTATE_AFTER)
    assert keyring.find(upcoming.key_id) is upcoming


def test_the_id_of_a_key_is_the_thumbprint_of_its_certificate(keyring: Keyring) -> None:
    """The certificate is self-signed, has the public key, and its SHA-1 is the key id."""
    key = keyring.signer()
    certificate = x509.load_der_x509_certificate(key.certificate)
    certificate.verify_directly_issued_by(certificate)
    digest = certificate.fingerprint(hashes.SHA1())  # noqa: S303 - the format of key ids
    assert base64.urlsafe_b64decode(key.key_id + "=") == digest
    public = certificate.public_key()
    assert isinstance(public, rsa.RSAPublicKey)
    assert key.public.as_dict(private=False)["n"] == key.private.as_dict(private=False)["n"]


def test_keys_of_production_have_3072_bits() -> None:
    """New keys have the documented length."""
    assert BITS == 3072
    assert new_rsa_key().key_size == BITS


def test_a_year_of_rotation_never_surprises_a_client(keyring: Keyring, hand: HandClock) -> None:
    """Day by day: at least two keys, a signer published a day before, and old keys kept for two days."""
    seen: dict[str, int] = {}
    signers: list[str] = []
    for _ in range(365):
        signer = keyring.signer()
        published = [key.key_id for key in keyring.published()]
        assert len(published) >= 2
        assert signer.key_id in published
        assert not signers or seen[signer.key_id] <= hand.now - DAY or signers[-1] == signer.key_id
        if signers and signers[-1] != signer.key_id:
            assert keyring.find(signers[-1]) is not None
        for key_id in published:
            seen.setdefault(key_id, hand.now)
        signers.append(signer.key_id)
        hand.now += DAY
    assert len(dict.fromkeys(signers)) == 5
    assert sum(one != two for one, two in pairwise(signers)) == 4
    assert keyring.find(signers[0]) is None


def test_a_replaced_key_is_published_until_its_tokens_are_gone(keyring: Keyring, hand: HandClock) -> None:
    """It is removed a day after the last token has expired, not before."""
    old = keyring.signer()
    hand.now += ROTATE_AFTER + RETIRE_AFTER
    assert keyring.signer() is not old
    assert old in keyring.published()
    hand.now += 1
    assert old not in keyring.published()
    assert keyring.find(old.key_id) is None


def test_an_early_rotation_waits_until_every_client_can_know_the_key(keyring: Keyring, hand: HandClock) -> None:
    """On the first day the next key starts a day after its creation; repeating the command changes nothing."""
    first, upcoming = keyring.published()
    made = hand.now
    moved = keyring.rotate(by="cli:ann")
    assert (moved.key_id, moved.created, moved.active_from) == (upcoming.key_id, made, made + DAY)
    hand.now += DAY // 2
    assert keyring.rotate().active_from == made + DAY
    assert keyring.signer().key_id == first.key_id
    hand.now = made + DAY
    assert keyring.signer().key_id == upcoming.key_id
    assert keyring.find(first.key_id) is not None


def test_a_key_long_published_signs_at_once_when_rotated(keyring: Keyring, casb: StandIn, hand: HandClock) -> None:
    """Other processes see it within seconds, a new next key is published, and the rotation is audited."""
    _, upcoming = keyring.published()
    other = casb.again().identity.keyring
    other.signer()
    hand.now += 30 * DAY
    assert keyring.rotate(by="cli:ann").active_from == hand.now
    assert [key.active_from - hand.now for key in keyring.published()] == [-30 * DAY, 0, ROTATE_AFTER]
    hand.now += RELOAD_AFTER
    assert other.signer().key_id == keyring.signer().key_id == upcoming.key_id
    assert "cli:ann" in {entry.actor for entry in casb.identity.audit_log.latest(SERVER)}


def test_an_emergency_replaces_every_key_at_once(keyring: Keyring, casb: StandIn) -> None:
    """No earlier key is found any more, and the rotation is audited."""
    before = keyring.published()
    keyring.emergency(by="cli:ann")
    assert not {key.key_id for key in before} & {key.key_id for key in keyring.published()}
    assert all(keyring.find(key.key_id) is None for key in before)
    assert len(keyring.published()) == 2
    assert casb.identity.audit_log.latest(SERVER)[0].action in {"signing_keys.emergency", "signing_keys.rotate"}
    assert "cli:ann" in {entry.actor for entry in casb.identity.audit_log.latest(SERVER)}


def test_other_processes_follow(keyring: Keyring, casb: StandIn, hand: HandClock) -> None:
    """They share the keys, find a new one when they encounter it, and drop a removed one within seconds."""
    other = casb.again().identity.keyring
    assert other.signer().key_id == keyring.signer().key_id
    old = keyring.signer().key_id
    keyring.emergency()
    assert other.find(keyring.signer().key_id) is not None
    hand.now += RELOAD_AFTER
    assert other.find(old) is None


def test_a_key_that_somebody_wrote_into_the_database_is_not_trusted(keyring: Keyring, casb: StandIn) -> None:
    """Without our key file a row is ignored, even if well-formed."""
    keyring.maintain()
    stranger = Keyring(SigningKeys(casb.database), Vault(casb.data / "other"), casb.clock)
    smuggled = stranger.signer().key_id
    assert keyring.find(smuggled) is None
    assert smuggled not in {key.key_id for key in keyring.published()}


def test_a_key_without_its_file_is_replaced(keyring: Keyring, casb: StandIn) -> None:
    """If the key file is lost, new keys are created and tokens can be issued again; the log names the remedy."""
    lost = keyring.signer().key_id
    vault = casb.data / "keys" / "vault"
    vault.unlink()
    restarted = casb.again().identity.keyring
    with capture_logs() as logged:
        assert restarted.signer().key_id != lost
    told = {line["remedy"] for line in logged if line.get("kid") == lost}
    assert told == {f"restore {vault} from a backup and restart, or obtain new tokens"}


def test_private_keys_are_not_in_the_database(keyring: Keyring, casb: StandIn) -> None:
    """The stored data do not contain the prime factors in any common form."""
    number = str(keyring.signer().private.as_dict(private=True)["p"])
    factor = base64.urlsafe_b64decode(number + "==")
    stored = b"".join(key.sealed_private_key + key.certificate for key in SigningKeys(casb.database).all())
    assert factor not in stored
    assert b"PRIVATE KEY" not in stored


def test_a_row_whose_id_was_changed_does_not_open(keyring: Keyring, casb: StandIn) -> None:
    """The id is sealed with the key, so a private key cannot be renamed."""
    keyring.maintain()
    [first, *_] = SigningKeys(casb.database).all()
    renamed = SealedKey(
        key_id="renamed",
        active_from=first.active_from,
        certificate=first.certificate,
        sealed_private_key=first.sealed_private_key,
    )
    SigningKeys(casb.database).change(casb.clock(), add=[renamed], reason="test")
    assert keyring.find("renamed") is None
