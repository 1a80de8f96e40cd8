"""The exceptions of identity.

::

    OAuthError          a refused request to the authorization server, with an AADSTS number (identity §8)
    Unauthenticated     an API call without valid credentials: 401 (api §2.4)
    InvalidToken        why a bearer token is rejected: for logs only, the caller just gets the 401
    └── Explained       a reason the caller is told, because it helps only someone who requested the wrong token
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Final, Literal

CODES: Final[Mapping[int, tuple[str, int]]] = {
    50011: ("invalid_request", 400),
    50012: ("invalid_client", 401),
    50020: ("invalid_request", 400),
    50048: ("invalid_client", 401),
    50049: ("invalid_instance", 400),
    50053: ("invalid_grant", 400),
    50055: ("invalid_grant", 400),
    50057: ("invalid_grant", 400),
    50059: ("invalid_request", 400),
    50076: ("interaction_required", 400),
    50079: ("interaction_required", 400),
    50105: ("invalid_grant", 400),
    50126: ("invalid_grant", 400),
    50147: ("invalid_request", 400),
    50173: ("invalid_grant", 400),
    50194: ("invalid_request", 400),
    50196: ("invalid_grant", 400),
    54005: ("invalid_grant", 400),
    65001: ("invalid_grant", 400),
    65004: ("authorization_declined", 400),
    70000: ("invalid_grant", 400),
    70003: ("unsupported_grant_type", 400),
    70007: ("invalid_request", 400),
    70008: ("invalid_grant", 400),
    70011: ("invalid_scope", 400),
    70016: ("authorization_pending", 400),
    70018: ("bad_verification_code", 400),
    70020: ("expired_token", 400),
    90002: ("invalid_request", 400),
    90013: ("invalid_request", 400),
    90055: ("temporarily_unavailable", 429),
    90094: ("consent_required", 400),
    500011: ("invalid_resource", 400),
    500112: ("invalid_grant", 400),
    501481: ("invalid_grant", 400),
    650057: ("invalid_resource", 400),
    700005: ("invalid_grant", 400),
    700016: ("unauthorized_client", 400),
    700022: ("invalid_scope", 400),
    700025: ("invalid_client", 401),
    700027: ("invalid_client", 401),
    700054: ("unsupported_response_type", 400),
    700082: ("invalid_grant", 400),
    900144: ("invalid_request", 400),
    900561: ("invalid_request", 405),
    1002012: ("invalid_scope", 400),
    7000112: ("unauthorized_client", 400),
    7000215: ("invalid_client", 401),
    7000218: ("invalid_client", 401),
    7000222: ("invalid_client", 401),
    9001023: ("invalid_request", 400),
    9002313: ("invalid_request", 400),
    9002326: ("invalid_request", 400),
    9002327: ("invalid_request", 400),
}
"""Maps an AADSTS number to the OAuth error name and the HTTP status."""


ABOUT_THE_USER: Final = frozenset({50020, 50105})
"""Refusals that another account may not get; users see them on a page."""


class OAuthError(Exception):
    """A refusal of the authorization server, identified by its AADSTS number (identity §8).

    ``retry_after`` is in seconds, ``suberror`` is a detail for programs, ``text`` is the message for people.
    """

    def __init__(self, code: int, text: str, *, retry_after: int | None = None, suberror: str | None = None) -> None:
        super().__init__(f"AADSTS{code}: {text}")
        self.code = code
        self.text = text
        self.error, self.status = CODES[code]
        self.retry_after = retry_after
        self.suberror = suberror

    def body(self, now: int, trace_id: str, correlation_id: str) -> dict[str, object]:
        """Return the JSON error body at ``now`` (ms); clients parse the number out of the description."""
        timestamp = datetime.fromtimestamp(now / 1000, UTC).strftime("%Y-%m-%d %H:%M:%SZ")
        trail = f"Trace ID: {trace_id} Correlation ID: {correlation_id} Timestamp: {timestamp}"
        body: dict[str, object] = {
            "error": self.error,
            "error_description": f"{self} {trail}",
            "error_codes": [self.code],
            "timestamp": timestamp,
            "trace_id": trace_id,
            "correlation_id": correlation_id,
        }
        return body if self.suberror is None else {**body, "suberror": self.suberror}


class Unauthenticated(Exception):
    """Credentials are absent (``missing``), or unknown, malformed, revoked or expired (``invalid``).

    An API answers 401 (api §2.4) with the ``hint``: an ASCII sentence without quotation marks, usually empty.
    """

    def __init__(self, reason: Literal["missing", "invalid"], hint: str = "") -> None:
        super().__init__(f"credentials are {reason}")
        self.reason = reason
        self.hint = hint


class InvalidToken(Exception):
    """A bearer token that is not ours, not for this API, not currently valid, or malformed; the reason is for logs."""


class Explained(InvalidToken):
    """A token that its holder could not know to be unusable here; its message is shown to them, too."""
