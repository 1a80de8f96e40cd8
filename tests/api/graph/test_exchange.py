"""Requests and replies as values."""

from __future__ import annotations

import json

import pytest

from opencasb.api.graph.errors import NotFound
from opencasb.api.graph.exchange import Call, json_reply, refusal


def call(**headers: str) -> Call:
    """Return a call with these headers."""
    sent = {name.replace("_", "-"): text for name, text in headers.items()}
    return Call("GET", "/beta/x", "", sent, "8d3b5a0e-6a5e-4f0e-9d80-6f6a1f0d8a11")


def test_the_request_id_of_the_client_is_echoed() -> None:
    """Both ids go into the headers."""
    assert call(client_request_id="abc").ids == {"request-id": call().request_id, "client-request-id": "abc"}


@pytest.mark.parametrize("given", ["", "a b", "x" * 129, "é", "a\nb"])
def test_an_id_unfit_for_a_header_is_not(given: str) -> None:
    """Only short visible ASCII is echoed."""
    assert call(client_request_id=given).ids == {"request-id": call().request_id}


def test_a_refusal_has_status_headers_and_both_ids() -> None:
    """If the client sent no id, ours is used."""
    reply = refusal(call(), NotFound("gone", X_Reason="y"), 0)
    assert (reply.status, reply.headers) == (404, {"X-Reason": "y"})
    inner = json.loads(reply.content)["error"]["innerError"]
    assert inner["client-request-id"] == inner["request-id"] == call().request_id


def test_a_json_reply_is_encoded_once() -> None:
    """The content is bytes, so that a batch can include it unchanged."""
    assert json_reply({"a": "é"}).content == '{"a":"é"}'.encode()
