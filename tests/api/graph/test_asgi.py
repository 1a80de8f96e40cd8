"""HTTP details."""

from __future__ import annotations

import asyncio
import gzip
import json
import uuid

import pytest
from starlette.types import Message

from opencasb.api.graph.asgi import SHORT_BODY
from opencasb.api.graph.batch import LARGEST_BODY
from tests.api.graph.standin import APPS, STREAMS, Api
from tests.wire import answer_in, exchange, with_body


def test_every_answer_has_the_headers_of_graph(shared_api: Api) -> None:
    """Ids, OData version and no caching, also for errors."""
    for target, status in ((STREAMS, 200), ("/beta/nosuch", 400), (f"{STREAMS}/x", 404), ("/beta/$metadata", 200)):
        answer = shared_api.get(target, client_request_id="my-own-id")
        assert answer.status == status
        assert uuid.UUID(answer.headers["request-id"])
        assert answer.headers["client-request-id"] == "my-own-id"
        assert answer.headers["odata-version"] == "4.0"
        assert answer.headers["cache-control"] == "no-cache"


def test_the_ids_of_a_refusal_are_those_of_its_headers(shared_api: Api) -> None:
    """Body and headers agree."""
    answer = shared_api.get("/beta/nosuch", client_request_id="my-own-id")
    assert answer.json()["error"]["innerError"] == {
        "date": "2025-11-20T12:00:00",
        "request-id": answer.headers["request-id"],
        "client-request-id": "my-own-id",
    }


def test_answers_are_compressed_when_asked_for(shared_api: Api) -> None:
    """Gzip on request, uncompressed otherwise."""
    packed = shared_api.get(APPS, accept_encoding="gzip, deflate")
    assert packed.headers["content-encoding"] == "gzip"
    assert json.loads(gzip.decompress(packed.content)) == shared_api.get(APPS).json()


def test_a_page_of_another_origin_may_ask(shared_api: Api) -> None:
    """Its browser asks first which headers it may send, and shows it the ids of an answer."""
    origin = {"origin": "https://app.example"}
    asked = {**origin, "access-control-request-method": "GET", "access-control-request-headers": "authorization,prefer"}
    sent = asyncio.run(exchange(shared_api.app, "OPTIONS", STREAMS, headers=asked, receive=with_body(b"")))
    preflight = answer_in(sent)
    assert preflight.status == 200
    assert preflight.headers["access-control-allow-origin"] == "*"
    assert "authorization" in preflight.headers["access-control-allow-headers"]
    for authorization, status in (("Bearer reader", 200), ("", 401)):
        answer = shared_api.get(STREAMS, **origin, authorization=authorization)
        assert (answer.status, answer.headers["access-control-allow-origin"]) == (status, "*")
        assert "Retry-After" in answer.headers["access-control-expose-headers"]
    assert "access-control-allow-origin" not in shared_api.get(STREAMS).headers


def test_preferences_may_come_in_several_headers(shared_api: Api) -> None:
    """Repeated headers form one list."""
    answer = shared_api.get(f"{APPS}/20941", prefer="odata.x, include-unknown-enum-members")
    assert answer.json()["category"] == "aiModelProvider"


@pytest.mark.parametrize(("token", "most"), [("stranger", SHORT_BODY + 10_000), ("reader", LARGEST_BODY + 10_000)])
def test_no_long_body_is_read_of_just_anybody(shared_api: Api, token: str, most: int) -> None:
    """Anonymous callers could fill the memory over many connections."""
    read = 0

    def receive() -> Message:
        nonlocal read
        read += 10_000
        return {"type": "http.request", "body": b" " * 10_000, "more_body": True}

    caller = {"authorization": f"Bearer {token}"}
    sent = asyncio.run(exchange(shared_api.app, "POST", "/beta/$batch", headers=caller, receive=receive))
    assert sent[0]["status"] == (400 if token == "reader" else 401)
    assert read <= most
