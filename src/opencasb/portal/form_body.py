"""Reading of the form that a request carries."""

from __future__ import annotations

from typing import Final

from starlette.datastructures import UploadFile
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.types import Message

from opencasb.portal.form import Form

LARGEST: Final = 128 * 1024
"""Largest form in bytes; a certificate is the largest thing sent here."""


async def form_of(request: Request) -> Form | None:
    """Read the form of a request; None if it is malformed or too large."""
    if request.method != "POST":
        return Form()
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > LARGEST:
            return None

    async def receive() -> Message:
        return {"type": "http.request", "body": bytes(body), "more_body": False}

    try:
        sent = await Request(request.scope, receive).form(max_files=1)
    except (HTTPException, UnicodeError, ValueError):
        return None
    fields: dict[str, tuple[str, ...]] = {}
    files: dict[str, bytes] = {}
    for name, value in sent.multi_items():
        if isinstance(value, UploadFile):
            files[name] = await value.read()
        else:
            fields[name] = (*fields.get(name, ()), value)
    await sent.close()
    return Form(fields, files)
