"""Parameters of a call, whatever the client wrapped them in (api §3).

The seven encodings of api §3.1 all become one mapping; forms and query strings have text, JSON has values, and the
typed accessors take either.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final
from urllib.parse import parse_qsl

import msgspec

from opencasb.api.v1 import multipart
from opencasb.api.v1.errors import BadRequest
from opencasb.filters import values

MOST_FIELDS: Final = 1000
_BLANK: Final = b" \t\r\n\xef\xbb\xbf"


class Parameters:
    """The parameters of one call; unknown ones are ignored. An empty text or null is the same as none."""

    def __init__(self, values: Mapping[str, Any]) -> None:  # any JSON
        self._values = values

    def value(self, *names: str) -> Any:  # any JSON
        """Return the value of the first of ``names`` that is there, or None."""
        found = (self._values.get(name) for name in names)
        return next((each for each in found if each is not None and each != ""), None)

    def text(self, name: str, *, longest: int = 1000) -> str | None:
        """Return a text without surrounding white space, or None. Raises :class:`BadRequest`."""
        given = self.value(name)
        if given is None:
            return None
        if isinstance(given, bool) or not isinstance(given, str | int):
            raise BadRequest(f"{name}: text is expected")
        found = str(given).strip()
        if len(found) > longest or not found.isprintable():
            raise BadRequest(f"{name}: at most {longest} printable characters are allowed")
        return found or None

    def required_text(self, name: str, *, longest: int = 1000) -> str:
        """Return a text. Raises :class:`BadRequest` when it is missing or no text."""
        found = self.text(name, longest=longest)
        if found is None:
            raise BadRequest(f"{name}: this parameter is required")
        return found

    def integer(self, *names: str) -> int | None:
        """Return a whole number, also from text, or None. Raises :class:`BadRequest`."""
        given = self.value(*names)
        if given is None:
            return None
        try:
            return values.integer(given)
        except values.Unfit as error:
            raise BadRequest(f"{names[0]}: {error}") from None

    def flag(self, name: str) -> bool:
        """Return a boolean, also from text; false when it is missing. Raises :class:`BadRequest`."""
        given = self.value(name)
        if given is None:
            return False
        try:
            return values.flag(given)
        except values.Unfit as error:
            raise BadRequest(f"{name}: {error}") from None

    def structure(self, name: str) -> Any:  # any JSON
        """Return an object or list, also from JSON text, or None. Raises :class:`BadRequest`."""
        given = self.value(name)
        if not isinstance(given, str):
            return given
        return decoded(given.encode(), name)

    def texts(self, name: str) -> list[str]:
        """Return a list of texts; a single one is a list of one. Raises :class:`BadRequest`."""
        given = self.value(name)
        if isinstance(given, str) and given.lstrip().startswith("["):
            given = self.structure(name)
        found = given if isinstance(given, list) else [] if given is None else [given]
        if not all(isinstance(each, str) for each in found):
            raise BadRequest(f"{name}: a list of texts is expected")
        return found


def read(body: bytes, content_type: str, query: bytes) -> Parameters:
    """Return the parameters of body and query string; the body wins (api §3.2). Raises :class:`BadRequest`."""
    return Parameters({**_form(query), **_of_body(body.strip(_BLANK), content_type)})


def decoded(text: bytes, name: str) -> Any:  # any JSON
    """Return JSON text as a value. Raises :class:`BadRequest` naming ``name``."""
    try:
        return msgspec.json.decode(text)
    except (msgspec.MsgspecError, ValueError, RecursionError) as error:
        raise BadRequest(f"{name}: this is not JSON: {_reason(error)}") from None


def _reason(error: Exception) -> str:
    if isinstance(error, RecursionError):
        return "it is nested too deeply"
    return "it is not UTF-8" if isinstance(error, UnicodeError) else str(error)


def _of_body(body: bytes, content_type: str) -> dict[str, Any]:  # any JSON
    kind = content_type.partition(";")[0].strip().lower()
    if body in {b"", b"null"}:
        return {}
    # Sniffed, because curl and PowerShell label JSON as a form (api §3.1 b).
    if kind == "application/json" or kind.endswith("+json") or body[:1] in {b"{", b"["}:
        return _object(body)
    if kind == "multipart/form-data":
        return _multipart(body, content_type)
    return _form(body) if kind == "application/x-www-form-urlencoded" else {}


def _object(body: bytes) -> dict[str, Any]:  # any JSON
    found = decoded(body, "body")
    if not isinstance(found, dict):
        raise BadRequest("body: a JSON object is expected")
    return found


def _form(text: bytes) -> dict[str, Any]:  # texts
    try:
        pairs = parse_qsl(text.decode("utf-8", "replace"), keep_blank_values=True, max_num_fields=MOST_FIELDS)
    except ValueError:
        raise BadRequest(f"body: a form has at most {MOST_FIELDS} fields") from None
    return dict(pairs)


def _multipart(body: bytes, content_type: str) -> dict[str, Any]:  # texts, or any JSON
    try:
        found = multipart.parts(body, content_type, MOST_FIELDS)
    except multipart.Malformed as error:
        raise BadRequest(f"body: {error}") from None
    if len(found) == 1 and not found[0].name:
        return _of_body(bytes(found[0].data).strip(_BLANK), "application/json")
    return {part.name: part.data.decode("utf-8", "replace") for part in found if part.name}
