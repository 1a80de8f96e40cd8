"""The upload endpoint: ``PUT`` of a log file to the URL of step 1, which is its own credential (api §12.1, step 2).

It implements the subset of the block-blob protocol that the Azure client needs: a single ``PUT``, optionally chunked;
blocks (``comp=block``) and the list that joins them (``comp=blocklist``). Files are streamed to disk.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import TYPE_CHECKING, Final
from xml.etree.ElementTree import ParseError

import anyio.to_thread
from starlette.requests import Request

from opencasb.api.v1.asgi import limited_body
from opencasb.api.v1.call import Reply
from opencasb.api.v1.errors import BadRequest, MethodNotAllowed, NotFound, TooLarge, UploadUrlExpired
from opencasb.discovery.blob import BlobClosed, BlobTooLarge, IntakeError

if TYPE_CHECKING:
    from opencasb.app import Casb
    from opencasb.discovery.blob import Blob

LARGEST_LIST: Final = 8 * 1024 * 1024
"""Bytes of a block list: enough for 50,000 ids of maximum length."""

LONGEST_SECRET: Final = 200

OTHER_BODIES: Final = {
    "x-ms-copy-source": "copying from an address is not supported; send the file itself",
    "x-ms-structured-body": "checksums inside the body are not supported; send the file alone",
}
"""Headers of the blob service that make the body something other than the file, each with what is allowed."""


class UploadEndpoint:
    """Accepts log files."""

    def __init__(self, casb: Casb) -> None:
        self._casb = casb

    async def reply(self, request: Request, secret: str) -> Reply:
        """Accept an upload: 201 with an empty body, as the blob service responds.

        Raises the refusals of the URL (404, 403), the method (405), the size (413), and the body and block list (400).
        """
        if request.method != "PUT":
            raise MethodNotAllowed(request.method, ["PUT"])
        _check_body(request)
        self._check_length(request)
        try:
            blob = await anyio.to_thread.run_sync(self._casb.intake.blob, secret[:LONGEST_SECRET])
            if blob is None:
                raise NotFound
            await _take(blob, request)
        except BlobClosed:
            raise UploadUrlExpired from None
        except BlobTooLarge:
            raise TooLarge from None
        except IntakeError as error:
            raise BadRequest(str(error)) from None
        return Reply(b"", None, 201)

    def _check_length(self, request: Request) -> None:
        """Refuse a request whose announced length is too large before reading any of it."""
        length = request.headers.get("content-length", "")
        if length.isdecimal() and (len(length) > 15 or int(length) > self._casb.settings.max_upload_bytes):
            raise TooLarge


def _check_body(request: Request) -> None:
    """Refuse a request whose body would be stored as a log though it is none."""
    for name, allowed in OTHER_BODIES.items():
        if name in request.headers:
            raise BadRequest(f"{name}: {allowed}")


async def _take(blob: Blob, request: Request) -> None:
    match request.query_params.get("comp", ""):
        case "":
            await blob.put(_chunks(request))
        case "block":
            # Base64 has no blanks: a blank was a plus that the client did not escape.
            block_id = request.query_params.get("blockid", "").replace(" ", "+")
            if not 1 <= len(block_id) <= 128:
                raise BadRequest("blockid: 1 to 128 characters are expected")
            await blob.put_block(block_id, _chunks(request))
        case "blocklist":
            await blob.commit(block_ids(await limited_body(request, LARGEST_LIST)))
        case other:
            raise BadRequest(f"comp: {other[:100]!r} is not supported; allowed: block and blocklist")


async def _chunks(request: Request) -> AsyncIterator[bytes]:
    async for chunk in request.stream():
        if chunk:
            yield chunk


def block_ids(xml: bytes) -> list[str]:
    """Return the block ids of a ``<BlockList>`` in order; an empty list makes an empty file.

    Document types are refused, so entities are never expanded. Raises :class:`BadRequest`.
    """
    from defusedxml.common import DefusedXmlException
    from defusedxml.ElementTree import fromstring

    try:
        root = fromstring(xml, forbid_dtd=True)
    except (ParseError, DefusedXmlException, ValueError, LookupError):
        raise BadRequest("body: a block list in XML is expected") from None
    wrong = [child.tag for child in root if child.tag not in {"Latest", "Committed", "Uncommitted"}]
    if root.tag != "BlockList" or wrong:
        raise BadRequest("body: a <BlockList> of <Latest> elements is expected")
    return [(child.text or "").strip() for child in root]
