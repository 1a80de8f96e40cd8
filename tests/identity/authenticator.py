"""A software security key: produces what a browser sends for a real one (WebAuthn, without attestation)."""

from __future__ import annotations

import base64
import hashlib
import json
import secrets
import struct
from typing import Any

import cbor2
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec

ORIGIN = "https://localhost:8443"


def text(content: bytes) -> str:
    """Return base64url without padding."""
    return base64.urlsafe_b64encode(content).rstrip(b"=").decode()


class Authenticator:
    """One key, which counts its uses."""

    def __init__(self, host: str = "localhost", origin: str = ORIGIN) -> None:
        self.key = ec.generate_private_key(ec.SECP256R1())
        self.credential_id = secrets.token_bytes(16)
        self.host = host
        self.origin = origin
        self.count = 0

    def create(self, options: str) -> str:
        """Return the result of ``navigator.credentials.create``."""
        asked = json.loads(options)
        numbers = self.key.public_key().public_numbers()
        public = cbor2.dumps({1: 2, 3: -7, -1: 1, -2: numbers.x.to_bytes(32), -3: numbers.y.to_bytes(32)})
        credential = bytes(16) + struct.pack(">H", len(self.credential_id)) + self.credential_id + public
        attestation = {"fmt": "none", "attStmt": {}, "authData": self._facts(0x41) + credential}
        client_data = self._client_data("webauthn.create", asked["challenge"])
        response = {"clientDataJSON": text(client_data), "attestationObject": text(cbor2.dumps(attestation))}
        return self._answer(response)

    def get(self, options: str, **changed: Any) -> str:  # any JSON
        """Return the result of ``navigator.credentials.get``; ``changed`` are forged values."""
        self.count += 1
        facts = self._facts(0x01)
        client_data = self._client_data("webauthn.get", changed.get("challenge", json.loads(options)["challenge"]))
        signature = self.key.sign(facts + hashlib.sha256(client_data).digest(), ec.ECDSA(hashes.SHA256()))
        return self._answer(
            {"clientDataJSON": text(client_data), "authenticatorData": text(facts), "signature": text(signature)}
        )

    def _facts(self, flags: int) -> bytes:
        return hashlib.sha256(self.host.encode()).digest() + bytes([flags]) + struct.pack(">I", self.count)

    def _client_data(self, kind: str, challenge: str) -> bytes:
        return json.dumps({"type": kind, "challenge": challenge, "origin": self.origin}).encode()

    def _answer(self, response: dict[str, str]) -> str:
        named = text(self.credential_id)
        return json.dumps({"id": named, "rawId": named, "type": "public-key", "response": response})
