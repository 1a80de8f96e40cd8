"""Explanations of an authority's errors for whoever set up an integration (identity §8; saas §4)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final

from opencasb.model.id_forms import is_guid
from opencasb.model.saas import PERMISSION, Integration
from opencasb.saas.errors import ActionRequired, Problem, RetryLater

_NUMBER: Final = re.compile(r"AADSTS([0-9]{4,9})")

_KNOWN: Final[Mapping[int, tuple[str, str]]] = {
    7000222: (
        "secret_expired",
        "The client secret has expired. Make a new one (Certificates & secrets), and give the integration that.",
    ),
    90002: ("directory_unknown", "There is no directory (tenant) {directory_id} at {authority}."),
    700016: (
        "app_unknown",
        "There is no application (client) {client_id} in the directory {directory_id}. Were the two ids exchanged?",
    ),
    7000112: ("app_disabled", "The application (client) {client_id} is disabled in its directory."),
    7000218: ("secret_missing", "The authority got no client secret."),
    53003: ("policy", "A conditional-access policy of the directory keeps the application out."),
    500011: ("graph_unknown", "The directory does not know the Graph that is asked for."),
}
_SYNONYMS: Final[Mapping[int, int]] = {900023: 90002, 90019: 90002, 700213: 700016, 650057: 500011}

_BUSY: Final = frozenset({90033, 90055, 50196})
"""AADSTS codes of an authority that is unavailable or throttling."""

CONSENT_MISSING: Final = (
    f"The application has insufficient privileges: {PERMISSION} (application permission of Microsoft Graph) is not "
    "granted. Add it under API permissions, and have an administrator grant consent; then authorise again."
)


def refusal(answer: Mapping[str, Any], integration: Integration, secret: str) -> Problem:  # JSON
    """Return the problem that a token endpoint's error response stands for."""
    text = str(answer.get("error_description") or answer.get("error") or "no reason was given")
    number = _number(answer, text)
    if number == 7000215:
        return ActionRequired("secret_wrong", _wrong_secret(secret))
    first = "".join(letter if letter.isprintable() else " " for letter in text.splitlines()[0][:300])
    if number in _BUSY or answer.get("error") == "temporarily_unavailable":
        return RetryLater("authority_busy", f"The authority gives no token now: {first}")
    known = _KNOWN.get(_SYNONYMS.get(number, number))
    if known is None:
        return ActionRequired("token_refused", f"The authority gives no token: {first}")
    code, sentence = known
    facts = {name: getattr(integration, name) for name in ("directory_id", "client_id", "authority")}
    return ActionRequired(code, f"{sentence.format(**facts)} (AADSTS{number})")


def _number(answer: Mapping[str, Any], text: str) -> int:
    codes = answer.get("error_codes")
    if isinstance(codes, list) and codes and isinstance(codes[0], int):
        return codes[0]
    found = _NUMBER.search(text)
    return int(found[1]) if found else 0


def _wrong_secret(secret: str) -> str:
    if is_guid(secret.lower()):
        return (
            "What was given is the secret's id, not its value. The value is shown once, when the secret is made: make "
            "a new one, and give the integration the column Value. (AADSTS7000215)"
        )
    return (
        "The client secret is wrong. Give its value, not its id; it belongs to this application, and is shown once, "
        "when it is made. (AADSTS7000215)"
    )
