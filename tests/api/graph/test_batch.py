"""$batch."""

from __future__ import annotations

import gzip
import json
from typing import Any

import pytest

from tests.api.graph.contract import CONTRACT
from tests.api.graph.standin import APPS, BASE, GLOBAL, STREAMS, Answer, Api, Casb, Settings

RELATIVE = STREAMS.removeprefix("/beta")


def batch(api: Api, *requests: dict[str, Any]) -> Answer:  # any JSON
    """Send requests as a batch; id and method have defaults."""
    items = [{"id": str(at), "method": "GET", **request} for at, request in enumerate(requests, 1)]
    return api.send("POST", "/beta/$batch", json.dumps({"requests": items}).encode())


def responses(answer: Answer) -> list[Any]:  # any JSON
    """Return the responses of a batch."""
    assert answer.status == 200, answer.content
    return list(answer.json()["responses"])


def test_each_request_is_answered_in_order(shared_api: Api) -> None:
    """Lists, counts and errors are combined."""
    made = responses(
        batch(
            shared_api,
            {"url": f"{RELATIVE}?$top=1"},
            {"url": f"{RELATIVE}/$count"},
            {"url": f"{RELATIVE}/nosuch"},
            {"url": f"{RELATIVE}?$filter=displayName eq 'Laptops'"},
            {"url": RELATIVE.lstrip("/"), "headers": {"Accept": "application/json;odata.metadata=none"}},
            {"url": RELATIVE, "method": "DELETE"},
            {"url": "/$batch"},
            {"url": "/$metadata"},
            {"url": f"{RELATIVE}?$top=x"},
        )
    )
    assert [each["id"] for each in made] == [str(at) for at in range(1, 10)]
    assert [each["status"] for each in made] == [200, 200, 404, 200, 200, 405, 400, 400, 400]
    assert made[0]["body"]["@odata.nextLink"] == f"{BASE}{STREAMS}?$top=1&$skip=1"
    assert made[0]["headers"]["Content-Type"].startswith("application/json;odata.metadata=minimal")
    assert made[1]["body"] == "3"
    assert made[2]["body"]["error"]["code"] == "ResourceNotFound"
    assert [each["displayName"] for each in made[3]["body"]["value"]] == ["Laptops"]
    assert "@odata.context" not in made[4]["body"]
    assert made[5]["headers"]["Allow"] == "GET"


def test_a_link_of_an_answer_can_be_put_into_a_batch(shared_api: Api) -> None:
    """Absolute links to this server and paths with the version work, too."""
    link = shared_api.get(f"{APPS}?$top=2").json()["@odata.nextLink"]
    made = responses(
        batch(shared_api, {"url": link}, {"url": f"{STREAMS}/{GLOBAL}"}, {"url": "https://evil.example/x"})
    )
    assert [each["status"] for each in made] == [200, 200, 400]
    assert len(made[0]["body"]["value"]) == 2


def test_a_request_may_depend_on_earlier_ones(shared_api: Api) -> None:
    """It is only executed if they succeeded."""
    made = responses(
        batch(
            shared_api,
            {"url": f"{RELATIVE}/nosuch"},
            {"url": RELATIVE, "dependsOn": ["1"]},
            {"url": RELATIVE, "dependsOn": []},
            {"url": RELATIVE, "dependsOn": ["3"]},
            {"url": RELATIVE, "dependsOn": ["3", "2"]},
        )
    )
    assert [each["status"] for each in made] == [404, 424, 200, 200, 424]
    assert made[1]["body"]["error"]["code"] == "FailedDependency"
    for refused in (made[0], made[1]):
        CONTRACT.check_value("error", refused["body"])


def test_null_is_what_is_left_out(shared_api: Api) -> None:
    """For clients that write every field of a request."""
    made = responses(batch(shared_api, {"url": RELATIVE, "headers": None, "dependsOn": None, "body": None}))
    assert [each["status"] for each in made] == [200]


def test_ids_may_be_numbers(shared_api: Api) -> None:
    """For scripts that number their requests; the response has text."""
    made = responses(batch(shared_api, {"id": 7, "url": RELATIVE}, {"id": "8", "url": RELATIVE, "dependsOn": [7]}))
    assert [(each["id"], each["status"]) for each in made] == [("7", 200), ("8", 200)]
    twice = batch(shared_api, {"id": 1, "url": RELATIVE}, {"id": "1", "url": RELATIVE})
    assert "more than one request with the id '1'" in twice.json()["error"]["message"]


def test_names_may_be_written_in_any_case(shared_api: Api) -> None:
    """PowerShell does not distinguish Url from url, nor does the upstream service."""
    one, other = {"Id": "a", "Method": "Get", "URL": RELATIVE}, {"ID": "b", "METHOD": "GET", "Url": "/x"}
    body = json.dumps({"Requests": [one, {**other, "DependsON": ["a"]}]}).encode()
    made = responses(shared_api.send("POST", "/beta/$batch", body))
    assert [(each["id"], each["status"]) for each in made] == [("a", 200), ("b", 400)]


def test_a_batch_may_be_compressed(shared_api: Api) -> None:
    """The Go SDK compresses requests, and falls back only after a 415."""
    body = json.dumps({"requests": [{"id": "1", "method": "GET", "url": RELATIVE}]}).encode()
    packed = shared_api.send("POST", "/beta/$batch", gzip.compress(body), content_encoding="gzip")
    assert [each["status"] for each in responses(packed)] == [200]
    bomb = gzip.compress(b" " * 100_000_000)
    for sent, encoding in ((body, "gzip"), (body, "br"), (bomb, "gzip"), (gzip.compress(body)[:-30], "gzip")):
        refused = shared_api.send("POST", "/beta/$batch", sent, content_encoding=encoding)
        assert (refused.status, refused.json()["error"]["code"]) == (400, "BadRequest")


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"[]",
        b"{}",
        b'{"requests":[]}',
        b'{"requests":[{"id":"1"}]}',
        b'{"requests":[{"id":1.5,"method":"GET","url":"/"}]}',
        b"\xff\xfe",
        b'{"requests":' + b"[" * 5000 + b"]" * 5000 + b"}",
        json.dumps({"requests": [{"id": str(at), "method": "GET", "url": "/"} for at in range(21)]}).encode(),
        json.dumps({"requests": [{"id": "1", "method": "GET", "url": "/"}] * 2}).encode(),
        json.dumps({"requests": [{"id": "1", "method": "GET", "url": "/", "dependsOn": ["2"]}]}).encode(),
        b'{"requests":[{"id":"1","method":"GET","url":"' + b"x" * 1_100_000 + b'"}]}',
    ],
)
def test_a_batch_that_cannot_be_read_is_refused_as_a_whole(shared_api: Api, body: bytes) -> None:
    """Invalid JSON, no or too many requests, duplicate ids, unknown dependencies, too many bytes."""
    answer = shared_api.send("POST", "/beta/$batch", body)
    assert (answer.status, answer.json()["error"]["code"]) == (400, "BadRequest")


def test_a_batch_is_posted_with_a_token(shared_api: Api) -> None:
    """GET is not allowed, and a token is required."""
    answer = shared_api.get("/beta/$batch")
    assert (answer.status, answer.headers["allow"]) == (405, "POST")
    assert shared_api.send("POST", "/beta/$batch", b"{}", authorization="").status == 401


def test_each_request_of_a_batch_counts(installation: Casb) -> None:
    """A batch does not bypass the throttle."""
    installation.settings = Settings(graph_requests_per_minute=2)
    made = responses(batch(Api(installation), *[{"url": RELATIVE}] * 5))
    assert [each["status"] for each in made] == [200, 200, 200, 429, 429]
    assert made[3]["headers"]["Retry-After"].isdigit()


def test_a_bug_in_one_request_is_a_refusal_of_the_batch(installation: Casb, monkeypatch: pytest.MonkeyPatch) -> None:
    """Requests with arbitrary URLs get responses."""
    del monkeypatch
    made = responses(batch(Api(installation), {"url": "\x00\ud7ff?\x00=\xff#%"}, {"url": ""}, {"url": "?"}))
    assert [each["status"] for each in made] == [400, 200, 200]
