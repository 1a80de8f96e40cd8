"""Entity keys in paths."""

from __future__ import annotations

import base64
import json
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from opencasb.api.v1.entity_pk import LONGEST, EntityPk, candidates

ANA = EntityPk("ana@example.org", 11161, 0)
ids = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), min_size=1, max_size=30)
numbers = st.integers(0, 2**31 - 1)


def packed(value: object, *, safe: bool = False) -> str:
    """Return base64 of JSON in one of the alphabets."""
    text = json.dumps(value, ensure_ascii=False).encode()
    return (base64.urlsafe_b64encode(text) if safe else base64.b64encode(text)).decode()


@given(ids, numbers, numbers, st.booleans(), st.booleans(), st.booleans(), st.permutations(["id", "saas", "inst"]))
def test_base64_is_read_in_every_form(
    name: str, saas: int, inst: int, safe: bool, padded: bool, encoded: bool, order: list[str]
) -> None:
    """Either alphabet, with or without padding, percent-encoded or not, keys in any order (api §9.1)."""
    values = {"id": name, "saas": saas, "inst": inst}
    text = packed({key: values[key] for key in order}, safe=safe)
    text = text if padded else text.rstrip("=")
    assert candidates(quote(text, safe="") if encoded else text)[0] == EntityPk(name, saas, inst)


@given(st.text(max_size=60) | st.binary(max_size=40).map(lambda content: base64.b64encode(content).decode()))
def test_no_text_raises(text: str) -> None:
    """Any text gives a list of candidates, of which the last is the text itself."""
    for each in candidates(text):
        assert each.id
        assert "\0" not in each.id


@given(st.recursive(st.none() | st.integers() | st.text(), lambda inner: st.lists(inner) | st.dictionaries(ids, inner)))
def test_no_json_raises(value: object) -> None:
    """Base64 of other content is not a key."""
    assert all(isinstance(each.id, str) for each in candidates(packed({"id": value, "saas": value})))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("11161|0|ana@example.org", ANA),
        (packed({"id": "ana@example.org", "saas": "11161", "inst": "0"}), ANA),
        (packed({"id": "ana@example.org", "inst": 0, "more": [1]}), EntityPk("ana@example.org", None, 0)),
        (packed({"id": "ana@example.org"}).rstrip("="), EntityPk("ana@example.org")),
        (
            quote(base64.encodebytes(b'{"id": "ana@example.org", %s "saas": 11161, "inst": 0}' % (b" " * 60)), safe=""),
            ANA,
        ),
        ("ana@example.org", EntityPk("ana@example.org")),
        ("ana%40example.org", EntityPk("ana@example.org")),
        ("a|b|c", EntityPk("a|b|c")),
        (packed({"saas": 1}), EntityPk(packed({"saas": 1}))),
        (packed({"id": "x", "saas": True}), EntityPk(packed({"id": "x", "saas": True}))),
        (packed(["id"]), EntityPk(packed(["id"]))),
    ],
)
def test_other_forms_are_read(text: str, expected: EntityPk) -> None:
    """Triples, keys with gaps, and bare ids."""
    assert candidates(text)[0] == expected


@pytest.mark.parametrize("text", ["", "\0", "a%00", "x" * (LONGEST + 1)])
def test_what_can_be_no_key_is_none(text: str) -> None:
    """There is nothing to look up."""
    assert candidates(text) == []
