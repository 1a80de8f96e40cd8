"""``$batch``: several reads in one request, as JSON (graph §1, row 15)."""

from __future__ import annotations

import zlib
from collections.abc import Callable, Mapping
from typing import Any, Final
from urllib.parse import quote

import msgspec

from opencasb.api.graph.errors import BadRequest, quoted
from opencasb.api.graph.exchange import Call, Reply, json_reply

MOST_REQUESTS: Final = 20
LARGEST_BODY: Final = 1_000_000
"""Maximum size of a batch in bytes; more is not read."""


class Item(msgspec.Struct, frozen=True):
    """One request of a batch, with field names in lower case; ``url`` is relative to the version.

    Clients write null for omitted fields, and numbers for ids.
    """

    id: str | int
    method: str
    url: str
    headers: dict[str, str] | None = None
    dependson: list[str | int] | None = None

    @property
    def name(self) -> str:
        """The id as it appears in the response."""
        return str(self.id)

    @property
    def awaited(self) -> list[str]:
        """The ids of the requests that must succeed first."""
        return [str(each) for each in self.dependson or ()]


class Batch(msgspec.Struct, frozen=True):
    """The requests of a batch."""

    requests: list[Item]


def answer(call: Call, base: str, answer_one: Callable[[Call, str | None], Reply]) -> Reply:
    """Answer each request of a batch in order. ``base`` is the public URL of the version.

    ``answer_one`` takes a request and the id of a failed one on which it depends, if any. Raises :class:`BadRequest` if
    the batch as a whole cannot be read; a refused request gets its own error response.
    """
    statuses: dict[str, int] = {}
    responses: list[dict[str, object]] = []
    for item in _items(_unpacked(call)):
        failed = next((name for name in item.awaited if statuses[name] >= 400), None)
        reply = answer_one(_call(call, item, base), failed)
        statuses[item.name] = reply.status
        responses.append(_response(item, reply))
    return json_reply({"responses": responses})


def _unpacked(call: Call) -> bytes:
    """Return the decompressed body of a batch; the Go SDK compresses what it sends."""
    encoding = call.headers.get("content-encoding", "identity").strip().lower()
    if encoding == "identity":
        return call.body
    if encoding != "gzip":
        raise BadRequest(f"The batch is encoded as {quoted(encoding)}; only gzip is understood.")
    try:
        return zlib.decompressobj(wbits=31).decompress(call.body, LARGEST_BODY + 1)
    except zlib.error as error:
        raise BadRequest("The batch is not gzip, as its Content-Encoding says.") from error


def _items(body: bytes) -> list[Item]:
    if len(body) > LARGEST_BODY:
        raise BadRequest(f"The batch is larger than {LARGEST_BODY} bytes.")
    try:
        items = msgspec.convert(_in_lower_case(msgspec.json.decode(body)), Batch).requests
    except (msgspec.DecodeError, RecursionError) as error:
        raise BadRequest(f"The batch cannot be read: {error}.") from error
    if not 1 <= len(items) <= MOST_REQUESTS:
        raise BadRequest(f"The batch has {len(items)} requests; allowed: 1 to {MOST_REQUESTS}.")
    seen: set[str] = set()
    for item in items:
        if item.name in seen:
            raise BadRequest(f"The batch has more than one request with the id {quoted(item.name)}.")
        if unknown := [name for name in item.awaited if name not in seen]:
            missing = quoted(unknown[0])
            raise BadRequest(f"The request {quoted(item.name)} depends on {missing}, which is not before it.")
        seen.add(item.name)
    return items


def _in_lower_case(batch: Any) -> Any:  # any JSON
    """Return a batch with its field names in lower case: scripts write Id, Method and URL."""
    named = _named(batch)
    if isinstance(named, dict) and isinstance(named.get("requests"), list):
        named["requests"] = [_named(item) for item in named["requests"]]
    return named


def _named(value: Any) -> Any:  # any JSON
    return {name.lower(): each for name, each in value.items()} if isinstance(value, dict) else value


def _call(call: Call, item: Item, base: str) -> Call:
    url = quote(item.url.strip(), safe="!#$%&'()*+,/:;=?@[]~").removeprefix(base).removeprefix("/beta/")
    path, _, query = url.partition("?")
    headers = {name.lower(): value for name, value in (item.headers or {}).items()}
    return Call(item.method.upper(), f"/beta/{path.lstrip('/')}", query, headers, call.request_id)


def _response(item: Item, reply: Reply) -> dict[str, object]:
    headers: Mapping[str, str] = {**reply.headers, "Content-Type": reply.content_type}
    is_json = reply.content_type.startswith("application/json")
    body = msgspec.Raw(reply.content) if is_json else reply.content.decode()
    return {"id": item.name, "status": reply.status, "headers": headers, "body": body}
