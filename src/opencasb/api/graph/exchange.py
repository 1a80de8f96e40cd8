"""Requests and replies as plain values, so that a batch can answer several within one."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

import msgspec

from opencasb.api.graph import errors
from opencasb.api.graph.errors import GraphError

COMMON_HEADERS: Final = {
    "OData-Version": "4.0",
    "Cache-Control": "no-cache",
    "X-Content-Type-Options": "nosniff",
}
_ECHOED: Final = re.compile(r"[!-~]{1,128}")


@dataclass(frozen=True, slots=True)
class Call:
    """A request: ``path`` and ``query`` are undecoded, header names lower-case, ``request_id`` is generated here."""

    method: str
    path: str
    query: str
    headers: Mapping[str, str]
    request_id: str
    body: bytes = b""

    @property
    def ids(self) -> dict[str, str]:
        """The ids for the reply's headers: ours, and the client's if it is safe to echo in a header."""
        given = self.headers.get("client-request-id", "")
        return {"request-id": self.request_id} | ({"client-request-id": given} if _ECHOED.fullmatch(given) else {})


@dataclass(frozen=True, slots=True)
class Reply:
    """A reply; ``headers`` are specific to this reply."""

    content: bytes
    content_type: str
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)


def json_reply(body: object, content_type: str = "application/json", headers: Mapping[str, str] | None = None) -> Reply:
    """Return a reply with a JSON body."""
    return Reply(msgspec.json.encode(body), content_type, headers=headers or {})


def refusal(call: Call, error: GraphError, now: int) -> Reply:
    """Return the reply that reports ``error`` at ``now`` (ms)."""
    ids = {"request-id": call.request_id, "client-request-id": call.ids.get("client-request-id", call.request_id)}
    content = msgspec.json.encode(errors.body(error.code, str(error), now, ids))
    return Reply(content, "application/json", error.status, error.headers)
