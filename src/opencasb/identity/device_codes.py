"""Device codes: issued to a device, typed in by its user, approved on a page (identity §5.2)."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

from opencasb.identity.errors import OAuthError
from opencasb.identity.opaque import NO_TENANT, new_token, tenant_of
from opencasb.identity.pepper import Pepper
from opencasb.model.delegation import ScopeRequest, SignedIn
from opencasb.model.tenant import Tenant
from opencasb.store import device_codes as store
from opencasb.store.conflict import Conflict

LIFETIME: Final = 15 * 60
"""Lifetime in seconds."""
INTERVAL: Final = 5
"""Seconds between two polls of a device."""
ALPHABET: Final = "BCDFGHJKLMNPQRSTVWXZ23456789"
"""No vowels, so that no words appear, and no characters that look alike."""
_LENGTH: Final = 9
_DEVICE_CODE: Final = "device code"
_USER_CODE: Final = "user code"


@dataclass(frozen=True, slots=True)
class PendingDevice:
    """A device waiting for its user: the application it runs, and what that requests."""

    code: store.DeviceCode
    client_id: str
    scope_request: ScopeRequest


class DeviceCodes:
    """Issues device codes and records what their users decide."""

    def __init__(self, repository: store.DeviceCodes, pepper: Pepper, clock: Callable[[], int], base: str) -> None:
        self._repository = repository
        self._pepper = pepper
        self._clock = clock
        self._page = f"{base.rstrip('/')}/common/oauth2/deviceauth"

    def issue(self, tenant: Tenant | None, client_id: str, scope_request: ScopeRequest) -> dict[str, Any]:  # any JSON
        """Return the response to a device; ``tenant`` is None if it asked at an alias."""
        tenant_id = NO_TENANT if tenant is None else tenant.tenant_id
        value = new_token(tenant_id)
        user_code = self._add(tenant_id, value, client_id, scope_request)
        answer = {
            "user_code": user_code,
            "device_code": value,
            "verification_uri": self._page,
            "expires_in": LIFETIME,
            "interval": INTERVAL,
            "message": f"To sign in, open {self._page} in a web browser and enter the code {user_code}.",
        }
        if scope_request.version == 2:
            return answer
        # ADAL, the library of v1, reads the name that the drafts of RFC 8628 had, and numbers as text.
        return {**answer, "verification_url": self._page, "expires_in": str(LIFETIME), "interval": str(INTERVAL)}

    def pending(self, tenant_id: int, user_code: str) -> PendingDevice | None:
        """Return the device that shows this code to a user of the tenant, ignoring case and separators, or None."""
        plain = "".join(letter for letter in user_code.upper() if letter.isalnum())
        code = self._repository.by_user_code((tenant_id, NO_TENANT), self._pepper.digest(_USER_CODE, plain))
        if code is None or code.state != "pending" or code.expires <= self._clock():
            return None
        return PendingDevice(code, code.client_id, ScopeRequest.kept(code))

    def approve(self, device: PendingDevice, signed_in: SignedIn) -> bool:
        """Approve the device; return whether it was still waiting."""
        return self._repository.change(
            device.code,
            "approved",
            user_tenant_id=signed_in.tenant_id,
            user_id=signed_in.user_id,
            amr=" ".join(signed_in.amr),
            session_id=signed_in.session_id,
            signed_in=signed_in.at,
        )

    def decline(self, device: PendingDevice) -> bool:
        """Decline the device; return whether it was still waiting."""
        return self._repository.change(device.code, "declined")

    def approved(self, value: str, client_id: str) -> store.DeviceCode:
        """Return a client's approved code.

        Raises 70018, 70000 (another client's), 70020 (expired), 70016 (pending), 65004 (declined) and 54005.
        """
        tenant_id = tenant_of(value)
        digest = self._pepper.digest(_DEVICE_CODE, value)
        code = None if tenant_id is None else self._repository.get(tenant_id, digest)
        if code is None:
            raise OAuthError(70018, "The device code is not known.")
        if code.client_id != client_id.lower():
            raise OAuthError(70000, "The device code was issued to another client.")
        if code.state == "declined":
            raise OAuthError(65004, "The user declined.")
        if code.expires <= self._clock():
            raise OAuthError(70020, "The device code has expired. Ask for a new one.")
        if code.state == "pending":
            raise OAuthError(70016, "The user has not decided yet. Ask again after the interval.")
        if code.state == "redeemed":
            raise OAuthError(54005, "The device code was already redeemed.")
        return code

    def redeem(self, code: store.DeviceCode) -> None:
        """Redeem an approved code. Raises 54005 for all but one of concurrent callers."""
        if not self._repository.change(code, "redeemed"):
            raise OAuthError(54005, "The device code was already redeemed.")

    def _add(self, tenant_id: int, value: str, client_id: str, scope_request: ScopeRequest) -> str:
        while True:
            user_code = "".join(secrets.choice(ALPHABET) for _ in range(_LENGTH))
            code = store.DeviceCode(
                tenant_id=tenant_id,
                digest=self._pepper.digest(_DEVICE_CODE, value),
                user_code=self._pepper.digest(_USER_CODE, user_code),
                client_id=client_id,
                version=scope_request.version,
                scope=scope_request.scope,
                resource=scope_request.resource,
                expires=self._clock() + LIFETIME * 1000,
            )
            try:
                self._repository.add(code)
            except Conflict:
                continue  # another device shows this code right now
            return user_code
