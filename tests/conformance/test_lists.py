"""Every list accepts its parameters in every encoding, sorts by every documented field, and pages without loss."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any, Final
from urllib.parse import urlencode

import pytest

from opencasb.api.v1.cursor import NAME
from tests.conformance.conftest import Shop
from tests.conftest import NOW

Record = Mapping[str, Any]
GIVEN: Final[dict[str, dict[str, Any]]] = {
    "activities": {"service": {"eq": [20893]}},
    "alerts": {"severity": {"eq": [1, "2"]}},
    "entities": {"type": {"eq": ["1"]}},
    "files": {"service": {"neq": 11161}},
    "subnet": {"category": {"eq": [1, 4]}},
    "policies": {"enabled": {"eq": "true"}},
    "user_tags": {"app": {"neq": [None, "9"][1:]}},
    "governance": {"timestamp": {"gte": NOW - 864_000_000}},
    "discovery": {"name": {"neq": ["Box"]}},
    "discovery/discovered_apps": {"score": {"neq": ["9"]}},
    "discovery/app_catalog": {"name": {"contains": ["o"]}},
}
"""A filter for each list that matches more than one record."""

FORM: Final = "application/x-www-form-urlencoded"
FIELDS: Final = {"skip": "1", "limit": "1", "sortDirection": "asc"}


def encodings(filters: Record) -> dict[str, tuple[str, str, dict[str, Any]]]:
    """Return a request in each encoding of api §3.1: method, query, arguments for httpx."""
    whole = {"filters": filters, "skip": 1, "limit": 1, "sortDirection": "asc"}
    form = {**FIELDS, "filters": json.dumps(filters)}
    text = json.dumps({**whole, "service": "stray"}).encode()
    return {
        "a": ("POST", "", {"json": whole}),
        "b": ("POST", "", {"content": text, "headers": {"Content-Type": FORM}}),
        "b without a type": ("POST", "", {"content": text}),
        "b with a mark": ("POST", "", {"content": b"\xef\xbb\xbf " + text}),
        "c": ("POST", "", {"data": form}),
        "d": ("POST", "", {"files": {name: (None, value) for name, value in form.items()}}),
        "d in one part": ("POST", "", {"files": {"": (None, text, "application/json")}}),
        "e": ("GET", "", {"json": whole}),
        "f": ("GET", f"?{urlencode(form)}", {}),
        "the body wins": ("POST", f"?{urlencode({**form, 'limit': '50', 'skip': '0'})}", {"json": whole}),
    }


@pytest.mark.parametrize("path", GIVEN)
def test_a_list_takes_every_encoding(show: Shop, path: str) -> None:
    """The page is the same in every encoding (api §3.1); an empty body means no parameters."""
    answers = {}
    for name, (method, query, more) in encodings(GIVEN[path]).items():
        answer = show.client.call(method, f"{path}/{query}", **more)
        answers[name] = (answer.status_code, answer.text)
    assert len(set(answers.values())) == 1, answers
    status, text = answers["a"]
    page = json.loads(text)
    assert (status, len(page["data"]), page["max"]) == (200, 1, 1)
    whole = show.mine.get(f"{path}/")
    assert 2 <= page["total"] <= whole["total"]
    for content in (b"", b"null", b"{}", b'{"filters": null}', b'{"filters": {}, "limit": 0, "skip": ""}'):
        assert show.client.call("POST", f"{path}/", content=content).json() == whole


@pytest.mark.parametrize("path", GIVEN)
@pytest.mark.parametrize(
    ("given", "said"),
    [
        (b"{", "body"),
        (b"[1]", "body"),
        (b'{"filters": [1]}', "filters"),
        (b'{"filters": "{"}', "filters"),
        (b'{"skip": -1}', "skip"),
        (b'{"skip": "x"}', "skip"),
        (b'{"limit": -1}', "limit"),
        (b'{"limit": [1]}', "limit"),
        (b'{"isScan": "perhaps"}', "isScan"),
        (b'{"filters": {"%s": {"eq": "x"}}}' % NAME.encode(), NAME),
    ],
)
def test_a_wrong_parameter_is_named(show: Shop, path: str, given: bytes, said: str) -> None:
    """400 with the parameter in the text (api §3.2, §16)."""
    answer = show.client.call("POST", f"{path}/", content=given)
    assert (answer.status_code, answer.json()["error"]) == (400, True)
    assert said in answer.json()["errors"][0]["error"]


def severity(record: Record) -> int:
    """Return the rank of an alert's severity, with informational below low."""
    return [1, 2, 3, 0][int(record["severityValue"])]


def seen(record: Record) -> str:
    """Return when an entity was last seen; never comes first."""
    return record["lastSeen"] or ""


def named(record: Record) -> str:
    """Return the name by which entities are sorted."""
    return str(record["email"] or record["id"]).lower()


SORTED: Final[list[tuple[str, str | None, Callable[[Record], Any]]]] = [
    ("activities", None, lambda record: record["timestamp"]),
    ("activities", "date", lambda record: record["timestamp"]),
    ("activities", "created", lambda record: record["created"]),
    ("activities", "nonsense", lambda record: record["timestamp"]),
    ("alerts", None, lambda record: record["timestamp"]),
    ("alerts", "date", lambda record: record["timestamp"]),
    ("alerts", "severity", severity),
    ("alerts", "status", lambda record: record["resolutionStatusValue"]),
    ("entities", None, seen),
    ("entities", "date", seen),
    ("entities", "lastSeen", seen),
    ("entities", "severity", lambda record: -1 if record["threatScore"] is None else record["threatScore"]),
    ("entities", "username", named),
    ("files", None, lambda record: record["modifiedDate"]),
    ("files", "modifiedDate", lambda record: record["modifiedDate"]),
    ("subnet", "name", lambda record: record["name"].lower()),
    ("subnet", "category", lambda record: record["category"]),
    ("subnet", "date", lambda record: record["lastModified"]),
    ("governance", "timestamp", lambda record: record["timestamp"]),
    ("discovery/discovered_apps", None, lambda record: record["trafficTotalBytes"]),
    ("discovery/discovered_apps", "name", lambda record: record["name"].lower()),
    ("discovery/discovered_apps", "usersCount", lambda record: record["usersCount"]),
    ("discovery/discovered_apps", "ipAddressesCount", lambda record: record["ipAddressesCount"]),
    ("discovery/discovered_apps", "lastUsed", lambda record: record["lastUsed"]),
    ("discovery/discovered_apps", "trafficUploadedBytes", lambda record: record["trafficUploadedBytes"]),
    ("discovery/discovered_apps", "trafficTotalEvents", lambda record: record["trafficTotalEvents"]),
    ("discovery/data_sources", "created", lambda record: record["created"]),
]


@pytest.mark.parametrize(("path", "field", "key"), SORTED, ids=[f"{path} {field}" for path, field, _ in SORTED])
def test_a_list_is_sorted_and_pages_lose_nothing(
    show: Shop, path: str, field: str | None, key: Callable[[Record], Any]
) -> None:
    """In both directions, last records first by default; the pages together are the list (api §4.3)."""
    method = "GET" if path == "discovery/data_sources" else "POST"
    base = {} if field is None else {"sortField": field}
    lists = {}
    for direction in ("asc", "DESC", None):
        given = base if direction is None else {**base, "sortDirection": direction}
        lists[direction] = show.client.call(method, f"{path}/", json=given).json()["data"]
    assert [key(each) for each in lists["asc"]] == sorted(map(key, lists["asc"]))
    assert lists["DESC"] == lists["asc"][::-1]
    assert lists[None] == lists["DESC"]
    joined: list[Record] = []
    while True:
        page = show.client.call(method, f"{path}/", json={**base, "limit": 2, "skip": len(joined)}).json()
        joined += page["data"]
        if not page["hasNext"]:
            break
        assert len(page["data"]) == 2
    assert joined == lists[None]


@pytest.mark.parametrize("path", ["alerts", "entities", "files", "subnet"])
def test_a_small_scan_joins_to_the_list(show: Shop, path: str) -> None:
    """The page limit is respected (api §4.4); records with equal keys are not lost between pages."""
    body: dict[str, Any] = {"isScan": True, "limit": 2, "filters": None}
    joined: list[Record] = []
    while True:
        page = show.mine.post(f"{path}/", body)
        assert 0 < len(page["data"]) <= page["max"] == 2
        joined += page["data"]
        if not page["hasNext"]:
            break
        body["filters"] = page["nextQueryFilters"]
    assert joined == show.mine.post(f"{path}/")["data"]
