"""Documents of custom parsers: what is rejected, and with which message."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from opencasb.discovery.custom.definition import FieldRule, InvalidDefinition
from opencasb.discovery.custom.document import LARGEST_DOCUMENT, from_values, read_document, to_json, to_yaml
from opencasb.discovery.custom.parser import compiled
from tests.discovery.custom.definitions import DOCUMENTS, SMALL, likely
from tests.discovery.formats.reading import read
from tests.discovery.formats.test_every_format import LINES, one_line

WRITTEN = """
name: edge
kind: pairs
delimiter: "|"
time: {fields: [date, time], format: dd/MM/yyyy HH:mm:ss, zone: Europe/Berlin}
fields:
  source_ip: [client, {field: peer, pattern: '^([^:]+)'}]
  url: "{scheme}://{host}{path}"
  action: verdict
actions: {deny*: block}
ignore:
  - {field: type, drop: ^dns$}
"""


def test_yaml_and_json_say_the_same() -> None:
    """A definition survives serialisation in both formats."""
    definition = read_document(WRITTEN)
    assert definition.fields.source_ip == ["client", FieldRule(field="peer", pattern="^([^:]+)")]
    assert read_document(to_yaml(definition)) == definition
    assert read_document(to_json(definition).encode()) == definition
    assert msgspec.json.decode(to_json(definition))["actions"] == {"deny*": "block"}


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ({"name": "a b"}, "name: 'a b' must be 1-64"),
        ({"name": 5}, "name: 5 does not fit; allowed: 1-64"),
        ({"kind": "csv"}, "kind: 'csv' does not fit; allowed: delimiter or pairs"),
        ({"fields": {"source_ip": "c"}}, "fields: a target is missing; needed: one of destination_host"),
        ({"fields": {"url": "c"}}, "fields.source_ip is missing"),
        ({"fields": {"source_ip": "c", "url": "u", "host": "h"}}, "fields.host is not a field; allowed: source_ip"),
        (
            {"fields": {"source_ip": "c", "url": {"field": "u", "regex": "x"}}},
            "fields.url.regex is not a field; allowed",
        ),
        (
            {"fields": {"source_ip": "c", "url": {"field": "u", "pattern": "("}}},
            "fields.url.pattern: '(' is not a regular",
        ),
        ({"fields": {"source_ip": "c", "url": {"field": "u", "scale": 2}}}, "fields.url.scale: 2.0 is for sizes"),
        ({"fields": {"source_ip": 5, "url": "u"}}, "fields.source_ip: 5 does not fit; allowed: a field's name"),
        ({"colour": "red"}, "colour is not a field; allowed: name, kind"),
        ({"delimiter": ","}, "delimiter: ',' does not go with kind json; allowed only for delimiter, pairs"),
        ({"kind": "regex"}, "patterns: [] is empty"),
        ({"kind": "regex", "patterns": [r"(?P<c>\S+)"]}, "fields: 'u' is not in the log; allowed: c"),
        ({"kind": "delimiter", "columns": ["c", "c"]}, "columns: 'c' is there twice"),
        ({"kind": "delimiter", "columns": ["c"]}, "fields: 'u' is not in the log; allowed: c"),
        ({"kind": "delimiter", "delimiter": '"'}, "delimiter: '\"' may hold neither quotes"),
        ({"kind": "delimiter", "delimiter": ""}, "delimiter: '' does not fit; allowed: 1-4 characters"),
        ({"kind": "pairs", "assign": " "}, "assign: ' ' is the delimiter, too"),
        ({"actions": {"x": "deny"}}, "actions: {'x': 'deny'} does not fit; allowed: an object of up to 256 values"),
        ({"actions": {"x": "block"}}, "fields.action is missing"),
        ({"ignore": [{}]}, "ignore.0: give drop or keep"),
        ({"ignore": [{"drop": "(?=a)"}]}, "ignore.0: '(?=a)' is not a regular expression"),
        ({"time": {"fields": []}}, "time.fields: [] does not fit"),
        ({"time": {"fields": ["t"], "zone": "Mars"}}, "time.zone: 'Mars' is not an IANA time zone"),
        ({"time": {"fields": ["t"], "format": "%H:%M"}}, "time.format: '%H:%M' gives no moment"),
        ({"time": {"fields": ["t"], "format": "qq"}}, "time.format: 'qq' is not part of a time; allowed: yyyy"),
        ({"time": {"fields": ["t"], "day_first": "no"}}, "time.day_first: 'no' does not fit; allowed: true or false"),
        ({"start": "a" * 2001}, "start: 'aaa"),
        ({"start": r"\w{40}{40}"}, "multiply to 1600; allowed: 1000"),
    ],
)
def test_refusals_name_field_value_and_what_is_allowed(more: dict[str, Any], said: str) -> None:
    """The message is one sentence that a person can act on."""
    with pytest.raises(InvalidDefinition) as refused:
        from_values({**SMALL, **more})
    assert said in str(refused.value)


@pytest.mark.parametrize(
    ("document", "said"),
    [
        ("", "the document is None"),
        ("[1]", r"the document is \[1\]"),
        ("{", "neither YAML nor JSON"),
        ("a: &x [1]\nb: *x", "aliases"),
        ("!!python/object/apply:os.system [ls]", "neither YAML nor JSON"),
        ("[" * 5000, "nested too deeply"),
        (b"\xff\xfe", "not UTF-8"),
        ("a" * (LARGEST_DOCUMENT + 1), "allowed: 65536"),
        ("name: 0x" + "f" * 9000, "name: a number of more than 4300 digits does not fit"),
        ("2001-02-30: x", "neither YAML nor JSON|no field|missing"),
    ],
)
def test_what_is_no_document(document: str | bytes, said: str) -> None:
    """Malformed, dangerous and oversized documents are rejected."""
    with pytest.raises(InvalidDefinition, match=said):
        read_document(document)


@settings(max_examples=40, deadline=None)
@given(st.binary(max_size=80) | st.text("{}[]:,&*!-'\"\n ab0", max_size=40))
def test_any_text_is_refused_or_read(document: bytes | str) -> None:
    """Only that error is raised."""
    with pytest.raises(InvalidDefinition):
        read_document(document)


@settings(max_examples=50, deadline=None)
@given(DOCUMENTS | likely(), LINES)
def test_a_definition_is_refused_or_parses(document: dict[str, Any], lines: list[str]) -> None:
    """An accepted document survives serialisation, and parses each of any lines once without raising."""
    try:
        definition = from_values(document)
    except InvalidDefinition:
        return
    assert read_document(to_json(definition)) == definition
    assert read_document(to_yaml(definition)) == definition
    read(compiled(definition), *(one_line(line) for line in lines), batches=2)
