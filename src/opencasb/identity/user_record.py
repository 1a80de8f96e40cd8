"""A user as shown by the command line and the administration API."""

from __future__ import annotations

from typing import Any

from opencasb.identity.role_scopes import shown
from opencasb.model.user import User


def user_record(user: User) -> dict[str, Any]:  # JSON
    """Return everything about a user that may be shown; ``created`` is in ms since the epoch UTC."""
    return {
        "id": user.user_id,
        "name": user.upn,
        "display_name": user.display_name,
        "role": user.role.value,
        "active": user.active,
        "guest": user.is_guest,
        "password_expired": user.password_expired,
        "created": user.created,
        "reports": None if user.stream_ids is None else sorted(user.stream_ids),
        "scope": shown(user),
    }
