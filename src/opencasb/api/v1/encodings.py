"""Decode the parameters of a call (api §3.1): seven encodings become one mapping."""

from __future__ import annotations

import codecs
from collections.abc import Iterable
from typing import Any, Final
from urllib.parse import parse_qsl

from opencasb.api.v1 import multipart, nested_fields
from opencasb.api.v1.errors import BadRequest
from opencasb.api.v1.parameters import Parameters, Several, decoded

MOST_FIELDS: Final = 1000
_BLANK: Final = b" \t\r\n"


def read(body: bytes, content_type: str, query: bytes) -> Parameters:
    """Return the parameters of body and query string; the body wins (api §3.2). Raises :class:`BadRequest`."""
    return Parameters({**_form(query), **_of_body(_trimmed(_as_utf8(body)), content_type)})


def _as_utf8(body: bytes) -> bytes:
    """Return a body as UTF-8; Windows PowerShell writes files as UTF-16 with a BOM and sends strings as Latin-1."""
    if body.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return body.decode("utf-16", "replace").encode()
    try:
        body.decode()
    except UnicodeDecodeError:
        return body.decode("latin-1").encode()
    return body


def _trimmed(body: bytes) -> bytes:
    """Return a body without white space around it and without a byte order mark."""
    return body.strip(_BLANK).removeprefix(codecs.BOM_UTF8).strip(_BLANK)


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


def _form(text: bytes) -> dict[str, Any]:  # texts, or several
    try:
        pairs = parse_qsl(text.decode("utf-8", "replace"), keep_blank_values=True, max_num_fields=MOST_FIELDS)
    except ValueError:
        raise BadRequest(f"body: a form has at most {MOST_FIELDS} fields") from None
    return _collected(pairs)


def _multipart(body: bytes, content_type: str) -> dict[str, Any]:  # texts, or any JSON
    try:
        found = multipart.parts(body, content_type, MOST_FIELDS)
    except multipart.Malformed as error:
        raise BadRequest(f"body: {error}") from None
    if len(found) == 1 and not found[0].name:
        return _of_body(_trimmed(bytes(found[0].data)), "application/json")
    return _collected((part.name, part.data.decode("utf-8", "replace")) for part in found if part.name)


def _collected(pairs: Iterable[tuple[str, str]]) -> dict[str, Any]:  # texts, or several
    found: dict[str, Several] = {}
    for name, text in pairs:
        found.setdefault(name, Several()).append(text)
    return nested_fields.nested({name: texts if len(texts) > 1 else texts[0] for name, texts in found.items()})
