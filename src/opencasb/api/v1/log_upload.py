"""Log upload, steps 1 and 3; step 2 is the upload endpoint (api §12.1)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from opencasb.api.v1.call import Call
from opencasb.api.v1.errors import BadRequest, NoSuchSource
from opencasb.api.v1.routes import Route
from opencasb.discovery.blob import IntakeError
from opencasb.discovery.intake import UnknownStream

if TYPE_CHECKING:
    from opencasb.app import Casb

PROVIDER: Final = "azure"
"""Makes clients send the headers they were tested with."""


def upload_url(casb: Casb, call: Call) -> dict[str, Any]:  # JSON
    """Step 1: issue the URL for one file. ``source`` is a source type, by name or number."""
    filename = call.parameters.required_text("filename", longest=255)
    source = call.parameters.required_text("source", longest=100)
    try:
        url = casb.intake.upload_url(call.tenant_id, filename, source, call.base_url, by=call.principal.name)
    except IntakeError as error:
        raise BadRequest(str(error)) from None
    return {"url": url, "provider": PROVIDER}


def done_upload(casb: Casb, call: Call) -> dict[str, Any]:  # JSON
    """Step 3: queue the file for parsing; the outcome appears in the governance log."""
    try:
        stream = casb.intake.done(
            call.tenant_id,
            call.parameters.required_text("uploadUrl"),
            stream_name=call.parameters.text("inputStreamName", longest=256),
            snapshot=call.parameters.flag("uploadAsSnapshot"),
            by=call.principal.name,
        )
    except UnknownStream as error:
        raise NoSuchSource(str(error)) from None
    except IntakeError as error:
        raise BadRequest(str(error)) from None
    except ValueError as error:  # a malformed URL
        raise BadRequest(f"uploadUrl: {error}") from None
    return {"success": True, "inputStreamId": stream.stream_id}


ROUTES: Final = (
    Route("discovery/upload_url", "discovery.upload", {"GET": upload_url}),
    Route("discovery/done_upload", "discovery.upload", {"GET": done_upload, "POST": done_upload}),
)
