"""Repeated keys in a JSON object are combined (api §6.1)."""

from __future__ import annotations

import json
from typing import Any

import httpx
import pytest

from opencasb.api.v1.encodings import read
from tests.api.v1.conftest import Client
from tests.api.v1.installation import BOX

APPS = "discovery/discovered_apps/"
TWICE = '{"score":{"gte":5},"score":{"lte":10}}'
"""As the PowerShell module writes two filters with the same name."""


def numbers(answer: httpx.Response) -> list[int]:
    """Return the app numbers on a page."""
    assert answer.status_code == 200, answer.text
    return [record["appId"] for record in answer.json()["data"]]


def test_a_filter_may_be_named_twice(reader: Client) -> None:
    """Both conditions apply, in JSON and in JSON text within a form or query string."""
    assert numbers(reader.call("POST", APPS, content=f'{{"filters":{TWICE},"skip":0}}')) == [BOX]
    assert numbers(reader.call("POST", APPS, data={"filters": TWICE})) == [BOX]
    assert numbers(reader.call("GET", APPS, params={"filters": TWICE})) == [BOX]


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ('{"a":{"b":1},"a":{"c":2}}', {"a": {"b": 1, "c": 2}}),
        ('{"a":{"b":1} , "a" : {"b":2}}', {"a": {"b": 2}}),
        ('{"a":["b"],"a":["c"]}', {"a": ["c"]}),
        ('{"a":{"b":1},"a":null}', {"a": None}),
        (
            '{"a":{"b":{"c":1},"b":{"d":2}},"e":[{"c":1},{"c":2}]}',
            {"a": {"b": {"c": 1, "d": 2}}, "e": [{"c": 1}, {"c": 2}]},
        ),
        ('{"a":"\\"a\\":","b":{"a":1}}', {"a": '"a":', "b": {"a": 1}}),
    ],
)
def test_objects_are_joined_and_of_anything_else_the_last_counts(text: str, wanted: dict[str, Any]) -> None:
    """Keys of different objects are independent."""
    found = read(text.encode(), "application/json", b"")
    assert {key: found.value(key) for key in json.loads(text)} == wanted
