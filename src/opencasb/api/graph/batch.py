"""``$batch``: several reads in one request, as JSON (graph §1, row 15)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final
from urllib.parse import quote

import msgspec

from opencasb.api.graph.errors import BadRequest, quoted
from opencasb.api.graph.exchange import Call, Reply, json_reply

MOST_REQUESTS: Final = 20
LARGEST_BODY: Final = 1_000_000
"""Bytes of a batch; more are not read."""


class Item(msgspec.Struct, frozen=True, rename="camel"):
    """One request of a batch; ``url`` is relative to the version. Clients write null for what they leave out."""

    id: str
    method: str
    url: str
    headers: dict[str, str] | None = None
    depends_on: list[str] | None = None


class Batch(msgspec.Struct, frozen=True):
    """A batch."""

    requests: list[Item]


def answer(call: Call, base: str, answer_one: Callable[[Call], Reply]) -> Reply:
    """Answer each request of a batch in order. ``base`` is the public URL of the version.

    Raises :class:`BadRequest` when the batch as a whole cannot be read; a refused request is an answer of its own.
    """
    statuses: dict[str, int] = {}
    responses: list[dict[str, object]] = []
    for item in _items(call.body):
        failed = [name for name in item.depends_on or () if statuses[name] >= 400]
        reply = _failed_dependency(failed[0]) if failed else answer_one(_call(call, item, base))
        statuses[item.id] = reply.status
        responses.append(_response(item, reply))
    return json_reply({"responses": responses})


def _items(body: bytes) -> list[Item]:
    if len(body) > LARGEST_BODY:
        raise BadRequest(f"The batch is larger than {LARGEST_BODY} bytes.")
    try:
        items = msgspec.json.decode(body, type=Batch).requests
    except (msgspec.DecodeError, RecursionError) as error:
        raise BadRequest(f"The batch cannot be read: {error}.") from error
    if not 1 <= len(items) <= MOST_REQUESTS:
        raise BadRequest(f"The batch has {len(items)} requests; allowed are 1 to {MOST_REQUESTS}.")
    seen: set[str] = set()
    for item in items:
        if item.id in seen:
            raise BadRequest(f"The batch has more than one request with the id {quoted(item.id)}.")
        if unknown := [name for name in item.depends_on or () if name not in seen]:
            raise BadRequest(f"The request {quoted(item.id)} depends on {quoted(unknown[0])}, which is not before it.")
        seen.add(item.id)
    return items


def _call(call: Call, item: Item, base: str) -> Call:
    url = quote(item.url.strip(), safe="!#$%&'()*+,/:;=?@[]~").removeprefix(base).removeprefix("/beta/")
    path, _, query = url.partition("?")
    headers = {name.lower(): value for name, value in (item.headers or {}).items()}
    return Call(item.method.upper(), f"/beta/{path.lstrip('/')}", query, headers, call.request_id)


def _response(item: Item, reply: Reply) -> dict[str, object]:
    headers: Mapping[str, str] = {**reply.headers, "Content-Type": reply.content_type}
    is_json = reply.content_type.startswith("application/json")
    body = msgspec.Raw(reply.content) if is_json else reply.content.decode()
    return {"id": item.id, "status": reply.status, "headers": headers, "body": body}


def _failed_dependency(failed: str) -> Reply:
    message = f"The request {quoted(failed)}, on which this one depends, failed."
    body = {"error": {"code": "FailedDependency", "message": message}}
    return Reply(msgspec.json.encode(body), "application/json", 424)
