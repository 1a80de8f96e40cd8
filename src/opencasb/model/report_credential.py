"""Credentials for reporting tools, which can read the report feeds and nothing else (saas-management §6.3)."""

from __future__ import annotations

from typing import Any, Literal

import msgspec


class ReportCredential(msgspec.Struct, frozen=True, kw_only=True):
    """The metadata of a credential, whose value is shown only once. Times are ms since the epoch UTC.

    ``user_data`` tells whether feeds reveal users and addresses to its holder.
    """

    tenant_id: int
    credential_id: str
    name: str
    hint: str
    user_data: bool
    created: int
    created_by: str
    expires: int
    last_used: int | None = None

    def state(self, now: int) -> Literal["Valid", "Expired"]:
        """Return whether the credential is still valid."""
        return "Valid" if now < self.expires else "Expired"

    def record(self, now: int) -> dict[str, Any]:  # JSON
        """Return the displayed fields, with the state at ``now``."""
        return {
            "id": self.credential_id,
            "name": self.name,
            "hint": self.hint,
            "user_data": self.user_data,
            "state": self.state(now),
            "created": self.created,
            "created_by": self.created_by,
            "expires": self.expires,
            "last_used": self.last_used,
        }
