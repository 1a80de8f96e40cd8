"""JSON that clients decode correctly, whatever character set they assume."""

from __future__ import annotations

import json

from hypothesis import given
from hypothesis import strategies as st

from opencasb.api.v1.ascii_json import ascii_json
from tests.api.v1.conftest import Client

NAME = "Büro 東京 \U0001f600"


TEXTS = st.text(st.characters(exclude_categories=["Cs"]))


@given(st.recursive(TEXTS, lambda each: st.dictionaries(st.text("aé"), each)))
def test_ascii_json_has_the_same_value(value: object) -> None:
    """In ASCII only."""
    content = ascii_json(json.dumps(value, ensure_ascii=False).encode())
    assert content.isascii()
    assert json.loads(content) == value


def test_names_arrive_where_json_is_taken_for_latin_1(client: Client) -> None:
    """As by Windows PowerShell; an IP range that is sent back keeps its name."""
    body = {"name": NAME, "category": 1, "subnets": ["192.0.2.0/24"]}
    range_id = client.post("subnet/create_rule/", body)
    for path in ("subnet/", f"subnet/{range_id}/"):
        assert NAME in json.dumps(json.loads(client.call("GET", path).content.decode("latin-1")), ensure_ascii=False)


def test_refusals_are_so_too(client: Client) -> None:
    """They repeat parts of the request."""
    answer = client.call("POST", "alerts/", json={"filters": {"severity": {"eq": NAME}}})
    assert answer.content.isascii()
    assert answer.json()["filters"][0]["errorMessageParams"] == {"value": NAME}
