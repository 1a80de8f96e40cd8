"""Parse the body of a token request into form fields (identity §5)."""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import parse_qsl

from opencasb.identity.errors import OAuthError

FORM = "application/x-www-form-urlencoded"
LARGEST = 64 * 1024
"""Maximum size of a body in bytes; real ones have one or two thousand."""
_MOST_FIELDS = 200


def parse_form(content_type: str | None, body: bytes) -> dict[str, str]:
    """Return the fields of a form body. A missing content type is accepted, a different one is not.

    Raises 9002313 for a body that is no form, 90013 for one that is not UTF-8, is too large, repeats a field or
    contains a NUL, which PostgreSQL cannot look up.
    """
    if content_type and content_type.partition(";")[0].strip().lower() != FORM:
        raise OAuthError(9002313, f"The request body must have the content type {FORM}.")
    if len(body) > LARGEST:
        raise OAuthError(90013, f"The request body is larger than {LARGEST} bytes.")
    try:
        pairs = parse_qsl(body.decode(), keep_blank_values=True, errors="strict", max_num_fields=_MOST_FIELDS)
    except UnicodeDecodeError:
        raise OAuthError(90013, "The request body is not UTF-8.") from None
    except ValueError:
        raise OAuthError(90013, f"The request body has more than {_MOST_FIELDS} fields.") from None
    if any("\0" in text for pair in pairs for text in pair):
        raise OAuthError(90013, "The request body contains the character NUL, which no parameter may.")
    fields = dict(pairs)
    if len(fields) != len(pairs):
        names = [name for name, _ in pairs]
        repeated = next(name for name in names if names.count(name) > 1)
        raise OAuthError(90013, f"The parameter '{repeated[:100]}' is given more than once.")
    return fields


def required(form: Mapping[str, str], name: str) -> str:
    """Return a required field. Raises 900144 naming it if it is missing."""
    if value := form.get(name, "").strip():
        return value
    raise OAuthError(900144, f"The request body must contain the parameter '{name}'.")
